internal import Primitives

/// Addresses of mail as RFC 5321 section 4.1.2 has them (`Mailbox`).
enum MailAddress {
    static func isOne(_ bytes: [UInt8]) -> Bool {
        // In a quoted local part there may be further ones, never in the domain.
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return false }
        return isLocalPart(bytes[..<at]) && isDomain(bytes[at...].dropFirst())
    }

    private static func isLocalPart(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard (1...64).contains(bytes.count) else { return false }
        if bytes.first == UInt8(ascii: "\"") { return isQuoted(bytes) }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { atom in
                !atom.isEmpty
                    && atom.allSatisfy { $0.isLetter || $0.isDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
            }
    }

    private static func isQuoted(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= 2, bytes.last == UInt8(ascii: "\"") else { return false }
        var rest = bytes.dropFirst().dropLast()
        while let byte = rest.popFirst() {
            guard byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\"") else { return false }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst(), escaped >= 0x20, escaped < 0x7f else { return false }
            }
        }
        return true
    }

    private static func isDomain(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
            let literal = String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
            let tag = literal.prefix(5)
            return tag.lowercased() == "ipv6:"
                ? IPAddress.ipv6(String(literal.dropFirst(5))) != nil
                : IPAddress.ipv4(literal) != nil
        }
        return (1...255).contains(bytes.count)
            && bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .allSatisfy { label in
                    (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                        && label.last != UInt8(ascii: "-")
                        && label.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
                }
    }
}
