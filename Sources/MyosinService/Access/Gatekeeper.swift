#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import HTTPTypes
internal import MicroHTTP
internal import Primitives

extension Request {
    /// The host and port that the client used, for the commands in messages.
    var authority: String { hostField ?? "\(listener)" }

    /// The Host field; nil also where it is empty, as RFC 9112 section 3.2 has it for a target without an authority.
    fileprivate var hostField: String? {
        guard let host = header(.host), !host.isEmpty else { return nil }
        return host
    }
}

/// Decides which requests come in at all, before anything else looks at them.
///
/// Anonymous clients may write on loopback and Unix sockets, since whoever can connect there is on this machine. A web
/// page in a browser on this machine can too, so the Host field must name this machine (a page that has its own name
/// resolve to 127.0.0.1 is refused), and a write that comes from another site is refused.
final class Gatekeeper: Sendable {
    private let configuration: ServiceConfiguration
    private let allowedHosts: Set<String>
    /// The last Host field that was found to be allowed, as most requests have the same one.
    private let lastAllowed = Lock("")
    /// The paths that need no more than `metrics`.
    private let openPaths: [String]

    init(_ configuration: ServiceConfiguration) {
        self.configuration = configuration
        openPaths = [configuration.telemetryPath, "/healthz", "/readyz"]
        let names = ["localhost", Self.machineName] + configuration.allowedHosts
        self.allowedHosts = Set(names.map { Self.name(of: $0) }.filter { !$0.isEmpty })
    }

    private static var machineName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What the client of a request may do.
    func access(of request: borrowing Request) -> AnonymousAccess {
        configuration.access(at: request.listener)
    }

    /// Why a request is not let in; nil when it is.
    func refusal(of request: borrowing Request) -> Problem? {
        let isWrite =
            switch request.method {
            case .get, .head, .options: false
            default: true
            }
        let granted = access(of: request)
        if granted < .write {
            let needed: AnonymousAccess = openPaths.contains(request.path) ? .metrics : isWrite ? .write : .read
            if granted < needed { return closed(request, needing: needed) }
        }
        let host = request.hostField
        if let host, !isAllowed(host) {
            let detail = "This server does not answer for the host \(host). Use its IP address or localhost."
            return Problem(.misdirectedRequest, configuration.advised(detail, .allowedHosts, Self.name(of: host)))
        }
        return isWrite ? Self.crossSiteRefusal(of: request, host) : nil
    }

    /// Browsers tell of each write which page it comes from (Fetch, section 3.2; Fetch Metadata Request Headers, section 2.3).
    private static func crossSiteRefusal(of request: borrowing Request, _ host: String?) -> Problem? {
        let refused: String
        if let origin = request.header(.origin), !isSame(origin, host ?? "") {
            refused = origin
        } else if let site = request.header(.secFetchSite), site != "same-origin", site != "none" {
            refused = "a \(site) page"
        } else {
            return nil
        }
        return Problem(
            .forbidden,
            "Web pages of other sites may not change the state; this request came from \(refused)."
        )
    }

    private func isAllowed(_ host: String) -> Bool {
        if lastAllowed.withLock({ $0 == host }) { return true }
        let name = Self.name(of: host)
        guard allowedHosts.contains(name) || Self.isAddress(name) else { return false }
        lastAllowed.withLock { $0 = host }
        return true
    }

    /// The host without its port, in lower case; an IPv6 address with its brackets.
    private static func name(of host: String) -> String {
        let host = host.lowercased()
        guard let colon = host.lastIndex(of: ":"), host[colon...].dropFirst().allSatisfy({ $0 != "]" }) else {
            return host
        }
        return String(host[..<colon])
    }

    /// Whether a name without its port is an IPv4 address, or an IPv6 address in brackets.
    private static func isAddress(_ name: String) -> Bool {
        if IPAddress.ipv4(name) != nil { return true }
        guard name.hasPrefix("["), name.hasSuffix("]") else { return false }
        return IPAddress.ipv6(String(name.dropFirst().dropLast())) != nil
    }

    private static func isSame(_ origin: String, _ host: String) -> Bool {
        origin.lowercased() == "http://\(host.lowercased())" || origin.lowercased() == "https://\(host.lowercased())"
    }

    /// 403 for a request that an address does not allow.
    private func closed(_ request: borrowing Request, needing needed: AnonymousAccess) -> Problem {
        let detail =
            "On \(request.listener) anonymous clients may not do this: it needs \(needed.rawValue) access. "
            + "Use a loopback address."
        return Problem(.forbidden, configuration.advised(detail, .anonymousAccess, needed.rawValue))
    }
}
