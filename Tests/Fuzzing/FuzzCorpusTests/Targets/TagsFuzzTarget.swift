@testable import MyosinService

/// Fuzzes the reader of lists of entity tags, which conditions have, against a plain reader.
enum TagsFuzzTarget {
    static func run(_ input: UnsafeBufferPointer<UInt8>) {
        // A field's value is text without control characters but tabs, as the server lets no others through.
        let bytes = input.filter { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }
        let value = String(decoding: bytes, as: UTF8.self)
        let list = EntityTagList(value)
        precondition(list == plain(Array(value.utf8)), "the plain reader reads the same")
        guard case .tags(let tags)? = list else { return }
        precondition(!tags.isEmpty)
        for tag in tags { precondition(!tag.text.contains("\"")) }
    }

    /// RFC 9110, sections 8.8.3 and 13.1.1: `*`, or tags with commas between, of which some may have nothing between them.
    private static func plain(_ bytes: [UInt8]) -> EntityTagList? {
        func trimmed(_ item: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            var item = item.drop { $0 == 0x20 || $0 == 0x09 }
            while item.last == 0x20 || item.last == 0x09 { item.removeLast() }
            return item
        }
        if trimmed(bytes[...]) == [0x2a] { return .any }
        // Commas between quotes belong to a tag.
        var items: [ArraySlice<UInt8>] = []
        var (start, isQuoted) = (0, false)
        for (index, byte) in bytes.enumerated() {
            if byte == 0x22 { isQuoted.toggle() }
            guard byte == 0x2c, !isQuoted else { continue }
            items.append(bytes[start..<index])
            start = index + 1
        }
        items.append(bytes[start...])
        var tags: [EntityTagList.Tag] = []
        for item in items.map(trimmed) where !item.isEmpty {
            let isWeak = item.starts(with: Array("W/".utf8))
            let quoted = isWeak ? item.dropFirst(2) : item
            guard quoted.count >= 2, quoted.first == 0x22, quoted.last == 0x22 else { return nil }
            let text = quoted.dropFirst().dropLast()
            guard text.allSatisfy({ $0 == 0x21 || ($0 >= 0x23 && $0 != 0x7f) }) else { return nil }
            tags.append(.init(text: String(decoding: text, as: UTF8.self), isWeak: isWeak))
        }
        return tags.isEmpty ? nil : .tags(tags)
    }
}
