#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import MicroHTTP
internal import Primitives

/// The hosts that clients may ask for: IP addresses, localhost, the names of the machine, and those that are configured.
///
/// A web page can have a name of its own resolve to 127.0.0.1 and so reach a service on the machine of its reader. The browser
/// then sends that name, which is none of these.
final class AllowedHosts: Sendable {
    private let names: Set<String>
    /// The last allowed Host field, kept because most requests repeat it.
    private let lastAllowed = Lock<[UInt8]>([])

    /// - Parameter names: the configured names; spaces around them, a port and a dot at their end are left out.
    init(_ names: [String]) {
        self.names = Set(names.compactMap { SiteAuthority($0.trimmed)?.host })
    }

    /// The host that a request asks for, unless it is one of these or there is none.
    func foreignHost(of request: borrowing Request) -> String? {
        // Under the lock, as a copy would cost more than the comparison, which calls nothing that waits.
        if lastAllowed.withLock({ request.hasHost($0) }) { return nil }
        return request.host.flatMap { contain($0) ? nil : $0 }
    }

    /// Whether a Host field names one of the hosts.
    private func contain(_ field: String) -> Bool {
        guard let host = SiteAuthority(field) else { return false }
        if host.isAddress || host.host == "localhost" || host.host.hasSuffix(".localhost") || names.contains(host.host)
        {
            lastAllowed.withLock { $0 = Array(field.utf8) }
            return true
        }
        // Asked for each time, as the machine may get another name while the service runs.
        return Self.machineNames.contains(host.host)
    }

    /// The machine's name, its first label, and that label as mDNS has it (RFC 6762, section 3).
    private static var machineNames: [String] {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return [] }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let name = SiteAuthority(text)?.host, let label = name.split(separator: ".").first else { return [] }
        return [name, String(label), "\(label).local"]
    }
}
