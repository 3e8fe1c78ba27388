/// An address that a server listens on, with the port that was picked.
public struct BoundAddress: Sendable, Hashable, CustomStringConvertible {
    /// The IPv4 or IPv6 address as text without brackets, `::` for all of them; nil for a Unix socket.
    public let host: String?
    /// The port; nil for a Unix socket.
    public let port: UInt16?
    /// The path of a Unix socket; nil for an internet address.
    public let path: String?

    /// Whether only this machine can reach the address: 127.0.0.0/8, `::1` and Unix sockets.
    public let isLoopback: Bool

    /// Makes an internet address.
    ///
    /// - Parameters:
    ///   - host: the IPv4 or IPv6 address as text without brackets.
    ///   - port: the port.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
        path = nil
        isLoopback = host.hasPrefix("127.") || host == "::1" || host.hasPrefix("::ffff:127.")
    }

    /// Makes the address of a Unix socket.
    ///
    /// - Parameter path: where the socket is in the file system.
    public init(path: String) {
        self.path = path
        host = nil
        port = nil
        isLoopback = true
    }

    /// The address in the form that ``ListenAddress/init(_:)`` reads.
    public var description: String {
        guard let host, let port else { return "unix:\(path ?? "")" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
