/// Readers for the fuzzer, written as plainly as possible and apart from those that they are compared with.
enum PlainReader {
    static func segments(_ path: [UInt8]) -> [String]? {
        guard path.first == 0x2f, path.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        if path == [0x2f] { return [] }
        var segments: [String] = []
        for raw in path.dropFirst().split(separator: 0x2f, omittingEmptySubsequences: false) {
            guard let text = decode(Array(raw)), text != ".", text != ".." else { return nil }
            guard !text.unicodeScalars.contains("/"), !text.unicodeScalars.contains("\0") else { return nil }
            segments.append(text)
        }
        return segments
    }

    static func decode(_ bytes: [UInt8]) -> String? {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25 {
                guard index + 2 < bytes.count,
                    bytes[(index + 1)...(index + 2)]
                        .allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }),
                    let value = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
                else { return nil }
                result.append(value)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    static func isHost(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return false }
        let (name, port): (Substring, Substring)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return false }
            name = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
            guard (2...45).contains(name.utf8.count), name.contains(":") else { return false }
            guard name.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return false }
        } else {
            name = text.prefix { $0 != ":" }
            port = text.dropFirst(name.count)
            guard (1...255).contains(name.utf8.count) else { return false }
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }) else { return false }
        }
        if port.isEmpty { return true }
        let digits = port.dropFirst()
        guard port.first == ":", digits.count <= 5, digits.allSatisfy({ $0.isNumber }) else { return false }
        return (Int(digits) ?? 0) <= 65_535
    }

    /// A header, and where its parts are.
    struct Head {
        /// Where the request line begins.
        var start: Int
        var method: Range<Int>
        var target: Range<Int>
        var version: Range<Int>
        var fields: [(name: Range<Int>, value: Range<Int>)] = []
        /// From the request line to the empty line.
        var bytes = 0
    }

    /// Reads a header that is written as RFC 9112 has it; nil for others, and for a part of one.
    static func head(_ bytes: [UInt8]) -> Head? {
        let lineEnd: [UInt8] = [0x0d, 0x0a]
        let start = bytes.starts(with: lineEnd) ? 2 : 0
        guard let end = bytes[start...].firstRange(of: lineEnd + lineEnd) else { return nil }
        var lines: [Range<Int>] = []
        var rest = bytes[start..<end.upperBound]
        while let range = rest.firstRange(of: lineEnd) {
            lines.append(rest.startIndex..<range.lowerBound)
            rest = rest[range.upperBound...]
        }
        let words = bytes[lines[0]].split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, words.allSatisfy({ !$0.isEmpty }),
            words.joined().allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else { return nil }
        var head = Head(start: start, method: words[0].indices, target: words[1].indices, version: words[2].indices)
        for line in lines[1...].dropLast() {
            guard let colon = bytes[line].firstIndex(of: 0x3a), colon > line.lowerBound,
                bytes[line.lowerBound..<colon].allSatisfy(isTokenByte)
            else { return nil }
            let value = (colon + 1)..<line.upperBound
            guard bytes[value].allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }) else { return nil }
            let begin = bytes[value].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? value.upperBound
            let last = bytes[begin..<value.upperBound].lastIndex { $0 != 0x20 && $0 != 0x09 }
            head.fields.append((line.lowerBound..<colon, begin..<(last.map { $0 + 1 } ?? begin)))
        }
        head.bytes = end.upperBound - start
        return head
    }

    static func isTokenByte(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".contains(character))
    }
}
