internal import Primitives

extension JSONValue {
    /// Reads one JSON text, strictly by RFC 8259.
    ///
    /// Beyond the RFC's grammar these are refused: a byte order mark, a name twice in one object, bytes that are not
    /// UTF-8, `\u` escapes of half a surrogate pair, and arrays and objects nested deeper than 64.
    ///
    /// - Parameter bytes: the whole text, UTF-8.
    /// - Throws: ``JSONSyntaxError`` with the place of the first fault.
    public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        try self.init(parsing: bytes, mayHaveByteOrderMark: false)
    }

    /// Reads a JSON text of a file, which may begin with a byte order mark.
    ///
    /// RFC 8259 (section 8.1) forbids the mark in what is sent, and lets readers ignore it: some editors write it into files.
    ///
    /// - Throws: ``JSONSyntaxError`` with the place of the first fault; the mark counts as no column.
    package init(parsingFile bytes: [UInt8]) throws(JSONSyntaxError) {
        try self.init(parsing: bytes, mayHaveByteOrderMark: true)
    }

    private init(parsing bytes: [UInt8], mayHaveByteOrderMark: Bool) throws(JSONSyntaxError) {
        let outcome = bytes.withUnsafeBufferPointer { text in
            Result { () throws(JSONSyntaxError) in
                var parser = JSONParser(text: text)
                if mayHaveByteOrderMark, parser.hasByteOrderMark {
                    parser.position = JSONSyntaxError.byteOrderMark.count
                }
                return try parser.parse()
            }
        }
        self = try outcome.get()
    }

    /// Reads one JSON text, strictly by RFC 8259.
    ///
    /// - Parameter text: the whole text.
    /// - Throws: ``JSONSyntaxError`` with the place of the first fault.
    public init(parsing text: String) throws(JSONSyntaxError) {
        try self.init(parsing: Array(text.utf8))
    }
}

/// A recursive-descent reader over one text; its recursion is bounded by `JSONValue.maxDepth`.
private struct JSONParser {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0
    var depth = 0

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    var hasByteOrderMark: Bool { text.starts(with: JSONSyntaxError.byteOrderMark) }

    mutating func parse() throws(JSONSyntaxError) -> JSONValue {
        if position == 0, hasByteOrderMark { throw fault("starts with a byte order mark; save it without one") }
        if let mistake = JSONMistake(encodingOf: text) { throw JSONSyntaxError(mistake, at: 0, in: text) }
        skipSpace()
        if position == text.count { throw fault("is empty; a JSON value was expected") }
        let value = try parseValue()
        skipSpace()
        if position < text.count { throw unexpected("goes on after the end of the JSON value") }
        return value
    }

    /// The fault of a place that has something else than JSON allows there.
    private func unexpected(_ reason: String, isName: Bool = false) -> JSONSyntaxError {
        JSONMistake(at: position, in: text, isName: isName).map { JSONSyntaxError($0, at: position, in: text) }
            ?? fault(reason)
    }

    private func fault(_ reason: String, at place: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(reason, at: place ?? position, in: text)
    }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func parseValue() throws(JSONSyntaxError) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "-"): return .number(try parseNumber())
        case let byte? where byte.isDigit: return .number(try parseNumber())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "'"): throw fault("has a string in single quotes; JSON strings stand in double quotes")
        case nil: throw fault("ends where a value was expected")
        default: throw unexpected("has no JSON value here; strings stand in double quotes")
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        let isWord = word.withUTF8Buffer { letters in
            end <= text.count && text[position..<end].elementsEqual(letters)
        }
        guard isWord else {
            throw unexpected("has a word that is not true, false or null; strings stand in double quotes")
        }
        position = end
        return value
    }

    private mutating func descend() throws(JSONSyntaxError) {
        depth += 1
        if depth > JSONValue.maxDepth { throw fault("is nested deeper than \(JSONValue.maxDepth)") }
        position += 1
        skipSpace()
    }

    private mutating func parseArray() throws(JSONSyntaxError) -> JSONValue {
        try descend()
        var elements: [JSONValue] = []
        if next != UInt8(ascii: "]") {
            while true {
                elements.append(try parseValue())
                skipSpace()
                guard next == UInt8(ascii: ",") else { break }
                position += 1
                skipSpace()
                if next == UInt8(ascii: "]") { throw fault("has a comma before ]; take the comma out") }
            }
            if next != UInt8(ascii: "]") {
                throw unexpected(next == nil ? "ends inside an array" : "lacks , or ] here")
            }
        }
        position += 1
        depth -= 1
        return .array(elements)
    }

    private mutating func parseObject() throws(JSONSyntaxError) -> JSONValue {
        try descend()
        var object = JSONObject()
        if next != UInt8(ascii: "}") {
            while true {
                try parseField(into: &object)
                skipSpace()
                guard next == UInt8(ascii: ",") else { break }
                position += 1
                skipSpace()
                if next == UInt8(ascii: "}") { throw fault("has a comma before }; take the comma out") }
            }
            if next != UInt8(ascii: "}") {
                throw unexpected(next == nil ? "ends inside an object" : "lacks , or } here")
            }
        }
        position += 1
        depth -= 1
        return .object(object)
    }

    private mutating func parseField(into object: inout JSONObject) throws(JSONSyntaxError) {
        let start = position
        guard next == UInt8(ascii: "\"") else {
            throw unexpected(
                next == nil ? "ends inside an object" : "has a name without double quotes; write {\"name\": value}",
                isName: true
            )
        }
        let key = try parseString()
        skipSpace()
        guard next == UInt8(ascii: ":") else {
            throw unexpected(next == nil ? "ends inside an object" : "lacks : after the name", isName: true)
        }
        position += 1
        skipSpace()
        let value = try parseValue()
        if !object.appendIfNew(key, value) { throw fault("has the name \(key.quoted) twice in one object", at: start) }
    }

    private mutating func parseNumber() throws(JSONSyntaxError) -> JSONNumber {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") {
            position += 1
            if let byte = next, byte.isDigit { throw fault("has a number with a leading zero", at: start) }
        } else {
            try skipDigits()
        }
        if next == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        let digits = UnsafeBufferPointer(rebasing: text[start..<position])
        return JSONNumber(literal: String(decoding: digits, as: UTF8.self))
    }

    private mutating func skipDigits() throws(JSONSyntaxError) {
        let start = position
        while let byte = next, byte.isDigit { position += 1 }
        if position == start { throw unexpected("has a number without a digit here") }
    }

    private mutating func parseString() throws(JSONSyntaxError) -> String {
        let opening = position
        position += 1
        var result = ""
        while true {
            let start = position
            var all: UInt8 = 0
            while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
                all |= byte
                position += 1
            }
            let bytes = UnsafeBufferPointer(rebasing: text[start..<position])
            // Nearly all strings are ASCII, of which nothing has to be checked.
            let isASCII = all < 0x80
            guard
                let piece = isASCII
                    ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
            else {
                let place = start + validPrefixCount(start..<position)
                let mistake = JSONMistake.notUTF8(text[place], before: place + 1 < text.count ? text[place + 1] : 0)
                throw JSONSyntaxError(mistake, at: place, in: text)
            }
            if start == opening + 1 { result = piece } else { result += piece }
            switch next {
            case UInt8(ascii: "\""):
                position += 1
                return result
            case UInt8(ascii: "\\"): result.unicodeScalars.append(try parseEscape())
            case nil: throw fault("has a string without an end", at: opening)
            default: throw fault("has a control character in a string; write it as an escape such as \\n")
            }
        }
    }

    /// How many bytes of the range are well-formed UTF-8, counted from its start.
    private func validPrefixCount(_ range: Range<Int>) -> Int {
        var decoder = UTF8()
        var bytes = text[range].makeIterator()
        var count = 0
        while case .scalarValue(let scalar) = decoder.decode(&bytes) { count += UTF8.width(scalar) }
        return count
    }

    private mutating func parseEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = position
        position += 1
        defer { position += 1 }
        switch next {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape(start)
        default: throw fault("has an escape that JSON does not know", at: start)
        }
    }

    /// Reads `XXXX` or `XXXX\uXXXX` after `\u` and leaves the position on the last digit.
    private mutating func parseUnicodeEscape(_ start: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try parseHexadecimal(start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        let isFollowed =
            position + 2 < text.count && text[position + 1] == UInt8(ascii: "\\")
            && text[position + 2] == UInt8(ascii: "u")
        if first < 0xDC00, isFollowed {
            position += 2
            let second = try parseHexadecimal(start)
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
        }
        throw fault("has an escape of half a surrogate pair", at: start)
    }

    private mutating func parseHexadecimal(_ start: Int) throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            position += 1
            guard let digit = next?.hexValue else {
                throw fault("has a \\u escape without four hexadecimal digits", at: start)
            }
            value = value << 4 + UInt32(digit)
        }
        return value
    }
}

extension JSONValue {
    /// How deep arrays and objects may be nested.
    package static let maxDepth = 64

    /// How deep its arrays and objects are nested: 0 for a number, say, and 1 for an array of numbers.
    var depth: Int {
        switch self {
        case .array(let elements): elements.reduce(1) { max($0, $1.depth + 1) }
        case .object(let object): object.reduce(1) { max($0, $1.1.depth + 1) }
        case .null, .bool, .number, .string: 0
        }
    }

    /// Whether it is an array or an object.
    var isContainer: Bool {
        switch self {
        case .array, .object: true
        case .null, .bool, .number, .string: false
        }
    }
}
