internal import Primitives

/// A host with its port, as they stand in a Host field and in an origin, in the one spelling that can be compared.
///
/// It is in lower case, without a dot at the host's end and without the port that its scheme has anyway (RFC 6454, section 4).
struct SiteAuthority: Sendable, Hashable, CustomStringConvertible {
    /// The name, or the IP address, an IPv6 address in brackets.
    let host: String
    /// The port; nil for that of the scheme.
    let port: UInt16?

    /// Reads an authority; nil for what is no host, or no port.
    ///
    /// - Parameters:
    ///   - text: a host, perhaps with a port.
    ///   - scheme: the scheme whose port is left out; with nil each port counts.
    init?(_ text: String, scheme: String? = nil) {
        let text = text.lowercased()
        var host = text[...]
        var port: UInt16?
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            host = text[..<colon]
            let digits = text[text.index(after: colon)...]
            guard digits.utf8.allSatisfy(\.isDigit) else { return nil }
            if !digits.isEmpty {
                guard let number = UInt16(digits) else { return nil }
                port = number
            }
        }
        if host.hasSuffix(".") { host = host.dropLast() }
        guard Self.isHost(host) else { return nil }
        self.host = String(host)
        self.port = port == scheme.flatMap(Self.port) ? nil : port
    }

    private static func port(of scheme: String) -> UInt16? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }

    private static func isHost(_ text: Substring) -> Bool {
        if text.hasPrefix("[") {
            return text.hasSuffix("]") && IPAddress.ipv6(String(text.dropFirst().dropLast())) != nil
        }
        let hasEmptyLabel = text.split(separator: ".", omittingEmptySubsequences: false).contains { $0.isEmpty }
        return text.utf8.count <= 255 && !hasEmptyLabel
            && text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_.".utf8.contains($0) }
    }

    /// Whether the host is an IP address.
    var isAddress: Bool { host.hasPrefix("[") || IPAddress.ipv4(host) != nil }

    var description: String { port.map { "\(host):\($0)" } ?? host }
}
