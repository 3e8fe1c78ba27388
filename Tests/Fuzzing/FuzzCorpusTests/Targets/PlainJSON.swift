/// A recogniser of JSON, written as plainly as possible and apart from the parser that it is compared with: RFC 8259, and what
/// this package asks for on top, which is no byte order mark, no name twice in an object, and no more than 64 levels.
struct PlainJSON {
    private let bytes: [UInt8]
    private var place = 0

    /// Whether the bytes are one JSON value, with white space around it at most.
    static func accepts(_ bytes: [UInt8]) -> Bool {
        var reader = PlainJSON(bytes: bytes)
        reader.skipSpace()
        guard reader.value(depth: 0) else { return false }
        reader.skipSpace()
        return reader.place == bytes.count
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard next == character.asciiValue else { return false }
        place += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        guard bytes[place...].starts(with: word.utf8) else { return false }
        place += word.utf8.count
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { place += 1 }
    }

    private mutating func value(depth: Int) -> Bool {
        switch next {
        case UInt8(ascii: "{"): return depth < 64 && object(depth: depth + 1)
        case UInt8(ascii: "["): return depth < 64 && array(depth: depth + 1)
        case UInt8(ascii: "\""): return string() != nil
        case UInt8(ascii: "t"): return take(word: "true")
        case UInt8(ascii: "f"): return take(word: "false")
        case UInt8(ascii: "n"): return take(word: "null")
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> Bool {
        guard take("{") else { return false }
        skipSpace()
        if take("}") { return true }
        var names: Set<String> = []
        repeat {
            skipSpace()
            guard let name = string(), names.insert(name).inserted else { return false }
            skipSpace()
            guard take(":") else { return false }
            skipSpace()
            guard value(depth: depth) else { return false }
            skipSpace()
        } while take(",")
        return take("}")
    }

    private mutating func array(depth: Int) -> Bool {
        guard take("[") else { return false }
        skipSpace()
        if take("]") { return true }
        repeat {
            skipSpace()
            guard value(depth: depth) else { return false }
            skipSpace()
        } while take(",")
        return take("]")
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0") { guard digits() else { return false } }
        if take(".") { guard digits() else { return false } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() else { return false }
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = place
        while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
        return place > start
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case 0..<0x20: return nil
            case UInt8(ascii: "\\"):
                guard let escaped = escape() else { return nil }
                text += Array(String(escaped).utf8)
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Character? {
        guard let kind = next else { return nil }
        place += 1
        let simple: [Character: Character] = [
            "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t",
        ]
        let name = Character(Unicode.Scalar(kind))
        if let character = simple[name] { return character }
        guard name == "u", let first = hex() else { return nil }
        guard (0xd800..<0xe000).contains(first) else { return Unicode.Scalar(first).map { Character($0) } }
        guard first < 0xdc00, take(word: "\\u"), let second = hex(), (0xdc00..<0xe000).contains(second) else {
            return nil
        }
        return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)).map { Character($0) }
    }

    private mutating func hex() -> UInt32? {
        let digits = bytes[place...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ $0 < 0x80 && Character(Unicode.Scalar($0)).isHexDigit }) else {
            return nil
        }
        place += 4
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
