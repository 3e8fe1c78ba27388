package import MicroHTTP
internal import Primitives

/// The URL under which a proxy shows the service to others: `https://gateway.example/myosin`.
public struct ExternalURL: Sendable, Hashable, CustomStringConvertible {
    /// The scheme, `http` or `https`.
    public let scheme: String
    /// The host in lower case, with its port unless that is the scheme's own.
    public let authority: String
    /// The path before those of the service, without a slash at its end; empty where there is none.
    public var path: String { prefix.description }
    /// The path as the prefix of other paths.
    package let prefix: PathPrefix

    /// Reads a URL; nil for what is none.
    ///
    /// - Parameter text: `http` or `https` with a host, perhaps a port and a path, and no query.
    public init?(_ text: String) {
        guard let end = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<end.lowerBound].lowercased()
        let rest = text[end.upperBound...]
        let host = rest.prefix { $0 != "/" }
        guard scheme == "http" || scheme == "https", let authority = SiteAuthority(String(host), scheme: scheme),
            let prefix = PathPrefix(String(rest[host.endIndex...]))
        else { return nil }
        (self.scheme, self.authority, self.prefix) = (scheme, authority.description, prefix)
    }

    /// The scheme and the authority, as browsers name the site that a page comes from.
    var origin: String { "\(scheme)://\(authority)" }

    /// The URL, without a slash at its end.
    public var description: String { origin + path }
}
