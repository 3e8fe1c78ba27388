#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The formats of strings that are asserted.
package enum SchemaFormat: String, CaseIterable, Sendable {
    case dateTime = "date-time"
    case date, time, uuid, email, ipv4, ipv6, uri

    /// What a string must be, with an example.
    var phrase: String {
        switch self {
        case .dateTime: "a date and time such as 2026-01-31T12:00:00Z"
        case .date: "a date such as 2026-01-31"
        case .time: "a time such as 12:00:00Z"
        case .uuid: "a UUID such as f72c1643-fe23-4e82-ab47-4791f0713c47"
        case .email: "an email address"
        case .ipv4: "an IPv4 address"
        case .ipv6: "an IPv6 address"
        case .uri: "a URI such as https://example.com/"
        }
    }

    /// Whether a string has the format.
    package func accepts(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return switch self {
        case .dateTime: TimeFormat.isDateTime(bytes)
        case .date: TimeFormat.isDate(bytes[...])
        case .time: TimeFormat.isTime(bytes[...])
        case .uuid: Self.isUUID(bytes)
        case .email: MailAddress.isOne(bytes)
        case .ipv4: Self.isAddress(text, AF_INET)
        case .ipv6: Self.isAddress(text, AF_INET6)
        case .uri: URIFormat.isURI(bytes[...])
        }
    }

    /// RFC 9562, section 4.
    private static func isUUID(_ bytes: [UInt8]) -> Bool {
        bytes.count == 36
            && bytes.indices.allSatisfy { [8, 13, 18, 23].contains($0) ? bytes[$0] == 0x2d : bytes[$0].isHexDigit }
    }

    /// RFC 2673 section 3.2, RFC 4291 section 2.2: just what `inet_pton` reads.
    static func isAddress(_ text: String, _ family: CInt) -> Bool {
        // C would read no further than that.
        if text.utf8.contains(0) { return false }
        var address = in6_addr()
        return inet_pton(family, text, &address) == 1
    }
}

extension UInt8 {
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var isHexDigit: Bool { isDigit || (self | 0x20) >= 0x61 && (self | 0x20) <= 0x66 }
    var isLetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7a }
    var isSmallLetter: Bool { isLetter && self & 0x20 != 0 }
    var isCapital: Bool { isLetter && self & 0x20 == 0 }
}
