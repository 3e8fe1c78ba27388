internal import Primitives

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
        var end = 0
        while end < text.count, ByteSet.hostName.contains(text[end]) { end += 1 }
        return (1...255).contains(end) && isPortOrNothing(text[end...])
    }

    /// Whether two fields name the same host, with or without the port of `http` and the dot of a full name.
    static func areSame(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        one.equalsIgnoringCase(other) || normal(one).equalsIgnoringCase(normal(other))
    }

    private static func normal(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        // Within an IPv6 address no port follows the last colon.
        let end = text.last == UInt8(ascii: "]") ? nil : text.lastIndex(of: colon)
        var host = text[..<(end ?? text.endIndex)]
        let port = text[host.endIndex...].dropFirst()
        guard port.isEmpty || port.elementsEqual("80".utf8) else { return text }
        if host.last == UInt8(ascii: "."), host.count > 1 { host = host.dropLast() }
        return UnsafeBufferPointer(rebasing: host)
    }

    private static let colon = UInt8(ascii: ":")

    /// An empty port is the default one.
    private static func isPortOrNothing(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard text.first ?? colon == colon, text.count <= 6 else { return false }
        var port = 0
        for byte in text.dropFirst() {
            guard byte.isDigit else { return false }
            port = port * 10 + Int(byte - 0x30)
        }
        return port <= 65_535
    }

    private static func isIPv6Byte(_ byte: UInt8) -> Bool {
        byte.isHexDigit || byte == colon || byte == UInt8(ascii: ".")
    }
}
