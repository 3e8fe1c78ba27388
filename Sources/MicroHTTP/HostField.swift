/// What may stand in a Host field, and in the authority of a target (RFC 9110, section 7.2; RFC 3986, section 3.2).
enum HostField {
    /// Whether the text is a name, an IPv4 address or an IPv6 address in brackets, perhaps with a port.
    ///
    /// Names are those of DNS and of containers: letters, digits, `-`, `_` and dots; no escapes, and not empty.
    static func isValid(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let inside = text[1..<end]
            return (2...45).contains(inside.count) && inside.allSatisfy(isIPv6Byte) && inside.contains(colon)
                && isPortOrNothing(text[(end + 1)...])
        }
        let end = text.firstIndex(of: colon) ?? text.endIndex
        return (1...255).contains(end) && text[..<end].allSatisfy(isNameByte) && isPortOrNothing(text[end...])
    }

    private static let colon = UInt8(ascii: ":")

    /// An empty port is the default one.
    private static func isPortOrNothing(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard let first = text.first else { return true }
        let digits = text.dropFirst()
        return first == colon && digits.count <= 5 && digits.allSatisfy { (0x30...0x39).contains($0) }
            && digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 65_535
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func isIPv6Byte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), colon, UInt8(ascii: "."):
            true
        default: false
        }
    }
}
