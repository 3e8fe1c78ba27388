internal import Primitives

/// URIs as RFC 3986 has them: with a scheme, so no relative references.
enum URIFormat {
    static func isURI(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), isScheme(bytes[..<colon]) else { return false }
        var rest = bytes[colon...].dropFirst()
        let fragment = cut(&rest, at: "#")
        let query = cut(&rest, at: "?")
        guard consists(fragment, of: ":@/?"), consists(query, of: ":@/?") else { return false }
        if rest.starts(with: "//".utf8) {
            let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") }
            guard isAuthority(authority) else { return false }
            rest = rest[authority.endIndex...]
        }
        return consists(rest, of: ":@/")
    }

    private static func isScheme(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.first?.isLetter == true && bytes.allSatisfy { $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }
    }

    private static func isAuthority(_ bytes: ArraySlice<UInt8>) -> Bool {
        var host = bytes
        if let at = bytes.lastIndex(of: UInt8(ascii: "@")) {
            guard consists(bytes[..<at], of: ":") else { return false }
            host = bytes[at...].dropFirst()
        }
        let port: ArraySlice<UInt8>
        if host.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: UInt8(ascii: "]")), isLiteral(host[..<end].dropFirst()) else {
                return false
            }
            port = host[end...].dropFirst()
        } else {
            let name = host.prefix { $0 != UInt8(ascii: ":") }
            guard consists(name, of: "") else { return false }
            port = host[name.endIndex...]
        }
        return port.isEmpty || port.first == UInt8(ascii: ":") && port.dropFirst().allSatisfy(\.isDigit)
    }

    /// `IP-literal`: an IPv6 address, or one of a version to come.
    private static func isLiteral(_ bytes: ArraySlice<UInt8>) -> Bool {
        if let first = bytes.first, first | 0x20 == UInt8(ascii: "v"), let dot = bytes.firstIndex(of: UInt8(ascii: "."))
        {
            let (version, address) = (bytes[..<dot].dropFirst(), bytes[dot...].dropFirst())
            return !version.isEmpty && version.allSatisfy(\.isHexDigit) && !address.isEmpty
                && address.allSatisfy { isPlain($0) || $0 == UInt8(ascii: ":") }
        }
        return IPAddress.ipv6(String(decoding: bytes, as: UTF8.self)) != nil
    }

    /// `unreserved / sub-delims`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || "-._~!$&'()*+,;=".utf8.contains(byte)
    }

    /// Whether all characters are plain, escaped, or one of some others.
    private static func consists(_ bytes: ArraySlice<UInt8>, of others: StaticString) -> Bool {
        let others = others.withUTF8Buffer { Array($0) }
        var rest = bytes
        while let byte = rest.popFirst() {
            if isPlain(byte) || others.contains(byte) { continue }
            guard byte == UInt8(ascii: "%"), rest.count >= 2, rest.popFirst()?.isHexDigit == true,
                rest.popFirst()?.isHexDigit == true
            else { return false }
        }
        return true
    }

    /// Cuts off what follows the first of a character.
    private static func cut(_ bytes: inout ArraySlice<UInt8>, at character: Unicode.Scalar) -> ArraySlice<UInt8> {
        guard let index = bytes.firstIndex(of: UInt8(ascii: character)) else { return [] }
        defer { bytes = bytes[..<index] }
        return bytes[index...].dropFirst()
    }
}
