internal import MicroHTTP
internal import Primitives

/// The URLs in the commands of messages: those that the client itself can use.
///
/// They begin with the external URL where there is one, and else with the host that the client has asked for; for a client of a
/// Unix socket curl's option stands before them. A shell and curl take each as it is, and expand nothing of it.
struct ServiceURL: Sendable {
    private let external: ExternalURL?

    init(_ configuration: ServiceConfiguration) { external = configuration.externalURL }

    /// The URL of what a request asks for.
    func url(of request: borrowing Request) -> String { word(PercentEncoding.path(request.path), for: request) }

    /// The URL of something else.
    ///
    /// - Parameters:
    ///   - segments: the segments of its path, decoded.
    ///   - query: its query with the question mark; empty without one.
    ///   - request: the request that is answered.
    /// - Returns: the URL.
    func url(_ segments: [String], query: String = "", for request: borrowing Request) -> String {
        let path = segments.map { "/" + PercentEncoding.segment($0) }.joined()
        return word(path + query, for: request)
    }

    private func word(_ path: String, for request: borrowing Request) -> String {
        if let external { return "\(external)\(path)".shellQuoted }
        let host = request.host
        if let socket = request.listener.path, !Gatekeeper.isForwarded(request) {
            return "--unix-socket \(socket.shellQuoted) \("\(host ?? "localhost")\(path)".shellQuoted)"
        }
        return "\(host ?? "\(request.listener)")\(path)".shellQuoted
    }
}
