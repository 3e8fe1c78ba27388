internal import HTTPTypes
internal import MicroHTTP

/// Decides which requests come in at all, before anything else looks at them.
///
/// Anonymous clients may write on loopback and Unix sockets, because a client that can connect there is on this machine. Two
/// kinds of clients connect there for others. A proxy brings the requests of others, and says so in a field. A web page in a local
/// browser can connect too. So the Host field must name this machine (``AllowedHosts``), and writes from other sites are refused.
final class Gatekeeper: Sendable {
    private let configuration: ServiceConfiguration
    private let allowedHosts: AllowedHosts
    /// What each listener says, which each request asks for.
    private let accessByListener: [AnonymousAccess?]
    /// What a client of this machine may do where its listener does not say, and what any other may.
    private let (localAccess, remoteAccess): (AnonymousAccess, AnonymousAccess)
    /// The paths that need no more than `metrics`.
    private let openPaths: [String]
    private let prefix: PathPrefix

    /// The fields by which proxies say for whom they ask (RFC 7239; RFC 9110, section 7.6.3), and what they sent before those.
    private static let forwardingNames: [HTTPField.Name] = [
        "Forwarded", "Via", "X-Forwarded-For", "X-Real-IP", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port",
        "X-Forwarded-Server", "X-Forwarded-Prefix", "X-Forwarded", "X-Forwarded-By", "X-Forwarded-Client-Cert",
        "X-Forwarded-Method", "X-Forwarded-Path", "X-Forwarded-Protocol", "X-Forwarded-Scheme", "X-Forwarded-Ssl",
        "X-Forwarded-Uri", "X-Forwarded-Url", "X-Forwarded-User", "X-Original-Forwarded-For", "X-Original-Host",
        "X-Original-URI", "X-Original-URL", "X-Originating-IP", "X-Remote-Addr", "X-Remote-IP", "X-ProxyUser-IP",
        "X-Client-IP", "X-Cluster-Client-IP", "X-Envoy-External-Address", "X-Amzn-Trace-Id", "X-Azure-ClientIP",
        "CDN-Loop", "CF-Connecting-IP", "CF-Ray", "CF-Visitor", "Client-IP", "Fastly-Client-IP", "Fly-Client-IP",
        "Forwarded-For", "Forwarded-Host", "Forwarded-Proto", "Proxy-Client-IP", "True-Client-IP", "WL-Proxy-Client-IP",
    ]
    .map { HTTPField.Name(validated: $0) }
    private static let forwarding = HTTPFieldNameSet(forwardingNames)

    init(_ configuration: ServiceConfiguration) {
        self.configuration = configuration
        accessByListener = configuration.listeners.map(\.access)
        (localAccess, remoteAccess) = (configuration.access(isLocal: true), configuration.access(isLocal: false))
        openPaths = [configuration.telemetryPath, "/healthz", "/readyz"]
        prefix = configuration.pathPrefix
        let external = configuration.externalURL.map { [$0.authority] } ?? []
        allowedHosts = AllowedHosts(configuration.allowedHosts + external)
    }

    // MARK: Rights

    /// What the client of a request may do.
    func access(of request: borrowing Request) -> AnonymousAccess {
        if let index = request.listenerIndex, index < accessByListener.count, let access = accessByListener[index] {
            return access
        }
        return request.isOnLoopback && !Self.isForwarded(request) ? localAccess : remoteAccess
    }

    /// Whether a field says that a proxy brings the request.
    static func isForwarded(_ request: borrowing Request) -> Bool { request.hasHeader(in: forwarding) }

    private func listener(of request: borrowing Request) -> ServiceListener? {
        request.listenerIndex.flatMap { $0 < configuration.listeners.count ? configuration.listeners[$0] : nil }
    }

    /// What to set, so that the client of a request may do more.
    ///
    /// - Parameters:
    ///   - sentence: what the client may not do.
    ///   - request: the request.
    ///   - needed: what the client would have to be allowed.
    /// - Returns: the sentence with the program's advice.
    func advised(_ sentence: String, to request: borrowing Request, needing needed: AnonymousAccess) -> String {
        if !request.isOnLoopback, listener(of: request)?.access == nil {
            return configuration.advised("\(sentence) Use a loopback address.", .anonymousAccess, needed.rawValue)
        }
        let address = listener(of: request).map { "\($0.address)" } ?? "\(request.listener)"
        return configuration.advised(sentence, .listeners, "\(address),access=\(needed.rawValue)")
    }

    /// 403 for a request that its client may not make.
    private func closed(_ request: borrowing Request, needing needed: AnonymousAccess) -> Problem {
        var place = "On \(request.listener)"
        if request.isOnLoopback, listener(of: request)?.access == nil {
            place =
                configuration.externalURL.map { "Behind \($0)" }
                ?? "Behind a proxy (the request has \(proof(of: request))),"
        }
        let sentence = "\(place) anonymous clients may not do this: it needs \(needed.rawValue) access."
        return Problem(.forbidden, advised(sentence, to: request, needing: needed))
    }

    /// The field that says that a proxy forwards a request.
    private func proof(of request: borrowing Request) -> String {
        for name in Self.forwardingNames where request.header(name) != nil { return name.rawName }
        return ""
    }

    /// Whether a path needs no more than `metrics`.
    private func isOpen(_ path: String) -> Bool { prefix.rest(of: path).map { openPaths.contains($0) } ?? false }

    // MARK: Refusals

    /// Why a request is not let in; nil when it is.
    func refusal(of request: borrowing Request) -> Problem? {
        let isWrite =
            switch request.method {
            // The frequent ones first, as others are compared letter by letter.
            case .get: false
            case .put: true
            case .head, .options: false
            default: true
            }
        let granted = access(of: request)
        // OPTIONS says what each client may know from the manual. Load balancers ask with it whether the service is alive.
        if granted < .write, request.method != .options {
            let needed: AnonymousAccess = isOpen(request.path) ? .metrics : isWrite ? .write : .read
            if granted < needed { return closed(request, needing: needed) }
        }
        // No browser connects to a Unix socket, and other clients choose any name.
        if !request.isOnUnixSocket, let host = allowedHosts.foreignHost(of: request) {
            let detail = "This server does not answer for the host \(host). Use its IP address or localhost."
            let name = SiteAuthority(host)?.host
            return Problem(
                .misdirectedRequest,
                name.map { configuration.advised(detail, .allowedHosts, $0) } ?? detail
            )
        }
        return isWrite ? crossSiteRefusal(of: request) : nil
    }

    /// Browsers tell of each write which page it comes from (Fetch, section 3.2; Fetch Metadata Request Headers, section 2.3).
    ///
    /// What they say of the site counts more than the origin, because a proxy may have replaced the host that it is compared with.
    /// They say it only to services of `https` and of this machine.
    private func crossSiteRefusal(of request: borrowing Request) -> Problem? {
        let site = request.header(.secFetchSite)
        if site == "same-origin" { return nil }
        if let origin = request.header(.origin), !isOwn(origin, request.host) {
            return foreign(origin, request.host)
        }
        guard let site, site != "none" else { return nil }
        return foreign("a \(site) page", nil)
    }

    private func isOwn(_ origin: String, _ host: String?) -> Bool {
        guard let end = origin.firstRange(of: "://") else { return false }
        let scheme = origin[..<end.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https",
            let site = SiteAuthority(String(origin[end.upperBound...]), scheme: scheme)
        else { return false }
        if "\(scheme)://\(site)" == configuration.externalURL?.origin { return true }
        return host.flatMap { SiteAuthority($0, scheme: scheme) } == site
    }

    /// 403 for a write that a page of another site sends.
    private func foreign(_ origin: String, _ host: String?) -> Problem {
        var detail = "Web pages of other sites may not change the state; this request came from \(origin)."
        if let host, ExternalURL(origin) != nil {
            detail +=
                " If that is this service behind a proxy, which has asked for \(host), let the proxy pass the name on, with "
                + "proxy_set_header Host $http_host in nginx."
            detail = configuration.advised(detail, .externalURL, origin)
        }
        return Problem(.forbidden, detail)
    }
}
