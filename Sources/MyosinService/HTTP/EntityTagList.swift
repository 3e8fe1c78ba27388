internal import Primitives

/// The value of `If-Match` or `If-None-Match`: any, or a list of entity tags, RFC 9110 section 13.1.
enum EntityTagList: Sendable, Equatable {
    case any
    case tags([Tag])

    /// One entity tag, without its quotes.
    struct Tag: Sendable, Equatable {
        let text: String
        let isWeak: Bool
    }

    /// Reads a field's value; nil when it is not of the form, a bare number for example.
    init?(_ value: String) {
        var rest = value.utf8[...]
        func skipSpace() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }
        skipSpace()
        if value.trimmed == "*" {
            self = .any
            return
        }
        var tags: [Tag] = []
        while true {
            // A list may have empty elements, RFC 9110 section 5.6.1.2.
            while rest.first == UInt8(ascii: ",") {
                rest = rest.dropFirst()
                skipSpace()
            }
            if rest.isEmpty { break }
            let isWeak = rest.starts(with: "W/".utf8)
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.first == UInt8(ascii: "\"") else { return nil }
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            guard rest[..<end].allSatisfy({ $0 == 0x21 || ($0 > 0x22 && $0 != 0x7f) }), let text = String(rest[..<end])
            else {
                return nil
            }
            tags.append(Tag(text: text, isWeak: isWeak))
            rest = rest[end...].dropFirst()
            skipSpace()
            guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return nil }
        }
        if tags.isEmpty { return nil }
        self = .tags(tags)
    }

    /// Whether a revision's tag is in the list, by strong comparison (`If-Match`) or weak (`If-None-Match`).
    func contains(_ tag: RevisionTag, isStrong: Bool) -> Bool {
        switch self {
        case .any: return true
        case .tags(let tags):
            let text = tag.description
            return tags.contains { $0.text == text && !(isStrong && $0.isWeak) }
        }
    }
}
