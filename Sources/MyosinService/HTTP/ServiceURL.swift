internal import MicroHTTP
internal import Primitives

/// The URLs in the commands of messages: those that the client itself can use.
///
/// They begin with the external URL, or else with the host of the request and the prefix of all paths. For a Unix socket, curl's
/// option precedes them. A shell and curl take each as it is, and expand nothing in it.
struct ServiceURL: Sendable {
    private let external: ExternalURL?
    private let prefix: PathPrefix

    init(_ configuration: ServiceConfiguration) {
        (external, prefix) = (configuration.externalURL, configuration.pathPrefix)
    }

    /// Something whose URL a message may need; the URL is made when it is asked for.
    struct Place: Sendable {
        fileprivate let external: ExternalURL?
        fileprivate let prefix: PathPrefix
        /// The path of the Unix socket that the client uses; nil for any other client.
        fileprivate let socket: String?
        fileprivate let host: String
        /// Below the prefix, as it was asked for or percent-encoded.
        fileprivate let path: String
        fileprivate let query: String

        /// The URL for a shell.
        var url: String {
            let path = (external == nil ? "\(prefix)" : "") + PercentEncoding.path(path) + query
            if let external { return "\(external)\(path)".shellQuoted }
            // curl guesses another protocol from such a host.
            let other = ["dict.", "ftp.", "imap.", "ldap.", "pop3.", "smtp."].first { host.lowercased().hasPrefix($0) }
            let scheme = other == nil ? "" : "http://"
            guard let socket else { return "\(scheme)\(host)\(path)".shellQuoted }
            return "--unix-socket \(socket.shellQuoted) \("\(host)\(path)".shellQuoted)"
        }
    }

    /// What a request asks for.
    func place(of request: borrowing Request) -> Place {
        let path = request.path
        return place(prefix.rest(of: path) ?? path, "", for: request)
    }

    /// The URL of what a request asks for.
    func url(of request: borrowing Request) -> String { place(of: request).url }

    /// The URL of something else.
    ///
    /// - Parameters:
    ///   - segments: the segments of its path, decoded.
    ///   - query: its query with the question mark; empty without one.
    ///   - request: the request that is answered.
    /// - Returns: the URL.
    func url(_ segments: [String], query: String = "", for request: borrowing Request) -> String {
        let path = segments.map { "/" + PercentEncoding.segment($0) }.joined()
        return place(path, query, for: request).url
    }

    private func place(_ path: String, _ query: String, for request: borrowing Request) -> Place {
        let socket = !request.isOnUnixSocket || Gatekeeper.isForwarded(request) ? nil : request.listener.path
        let host = request.host ?? (socket == nil ? "\(request.listener)" : "localhost")
        return Place(external: external, prefix: prefix, socket: socket, host: host, path: path, query: query)
    }
}
