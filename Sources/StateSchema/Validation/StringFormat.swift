internal import Primitives

/// The formats of strings that are asserted.
package enum StringFormat: String, CaseIterable, Sendable {
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
        case .dateTime: DateTime(text) != nil
        case .date: DateTime.isDate(text)
        case .time: DateTime.isTime(text)
        case .uuid: Self.isUUID(bytes)
        case .email: MailAddress.isOne(bytes)
        case .ipv4: IPAddress.ipv4(text) != nil
        case .ipv6: IPAddress.ipv6(text) != nil
        case .uri: URIFormat.isURI(bytes[...])
        }
    }

    /// RFC 9562, section 4.
    private static func isUUID(_ bytes: [UInt8]) -> Bool {
        bytes.count == 36
            && bytes.indices.allSatisfy { [8, 13, 18, 23].contains($0) ? bytes[$0] == 0x2d : bytes[$0].isHexDigit }
    }
}
