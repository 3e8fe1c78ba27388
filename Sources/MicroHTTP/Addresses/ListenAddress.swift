internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// An address to listen on, read from text.
///
/// | text | listens on |
/// |---|---|
/// | `127.0.0.1:8000` | that IPv4 address |
/// | `[::1]:8000` | that IPv6 address |
/// | `localhost:8000` | 127.0.0.1 |
/// | `:8000` | all addresses, IPv4 and IPv6 in one socket |
/// | `unix:/run/service.sock` | a Unix socket |
/// | `unix:/run/service.sock,mode=0660,group=www-data` | a Unix socket to which that group may connect |
/// | `fd:3` | the listening socket that this process was started with as that descriptor |
///
/// Port 0 picks a free port, which the ``BoundAddress`` reports.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        case ipv4(String, UInt16)
        case ipv6(String, UInt16)
        case localhost(UInt16)
        case everywhere(UInt16)
        case unix(UnixSocketAddress)
        case descriptor(Int32)
    }

    let kind: Kind

    /// 127.0.0.1, which only this machine reaches.
    ///
    /// - Parameter port: the port, 0 for any free one.
    /// - Returns: the address.
    public static func loopback(port: UInt16) -> ListenAddress { ListenAddress(kind: .localhost(port)) }

    /// All addresses of the machine, IPv4 and IPv6 in one socket.
    ///
    /// - Parameter port: the port, 0 for any free one.
    /// - Returns: the address.
    public static func everywhere(port: UInt16) -> ListenAddress { ListenAddress(kind: .everywhere(port)) }

    /// A socket that listens already, which another program has opened and handed over.
    ///
    /// The server uses a duplicate and leaves the descriptor itself open.
    ///
    /// - Parameter descriptor: the socket.
    /// - Returns: the address.
    public static func descriptor(_ descriptor: Int32) -> ListenAddress {
        ListenAddress(kind: .descriptor(descriptor))
    }

    /// The sockets that systemd has handed over to this process (sd_listen_fds(3)), in the order of the unit's
    /// `ListenStream=` lines.
    ///
    /// - Returns: at least one address.
    /// - Throws: ``ServerError`` with the code `badAddress` if there are none.
    public static func systemd() throws(ServerError) -> [ListenAddress] {
        let count = number("LISTEN_FDS") ?? 0
        guard number("LISTEN_PID") == getpid(), (1...1_000).contains(count) else {
            throw ServerError(
                .badAddress,
                "systemd has handed no socket over to this process; start it by a unit with a .socket unit of the same "
                    + "name, or listen on an address instead"
            )
        }
        return (3..<(3 + count)).map { .descriptor($0) }
    }

    private static func number(_ variable: String) -> Int32? {
        getenv(variable).flatMap { Int32(String(cString: $0)) }
    }

    /// Reads an address.
    ///
    /// - Parameter text: one of the forms in the table above.
    /// - Throws: ``ServerError`` with the code `badAddress`, whose message lists the forms.
    public init(_ text: String) throws(ServerError) {
        guard let kind = try Self.parse(text) else {
            throw ServerError(
                .badAddress,
                "\"\(text)\" is not an address to listen on; write 127.0.0.1:8000, localhost:8000, [::1]:8000, "
                    + ":8000 (all addresses), unix:/path/of/at/most/\(UnixSocketAddress.maxPathBytes)/bytes, perhaps with "
                    + ",mode=0660,group=NAME, or fd:3; port 0 picks a free one"
            )
        }
        self.kind = kind
    }

    private init(kind: Kind) { self.kind = kind }

    init(unix: UnixSocketAddress) { kind = .unix(unix) }

    /// The address in the form that ``init(_:)`` reads.
    public var description: String {
        switch kind {
        case .ipv4(let host, let port): "\(host):\(port)"
        case .ipv6(let host, let port): "[\(host)]:\(port)"
        case .localhost(let port): "localhost:\(port)"
        case .everywhere(let port): ":\(port)"
        case .unix(let unix): "unix:\(unix)"
        case .descriptor(let number): "fd:\(number)"
        }
    }
}

extension ListenAddress {
    private static func parse(_ text: String) throws(ServerError) -> Kind? {
        if text.hasPrefix("unix:") { return try UnixSocketAddress(text.dropFirst(5)).map { .unix($0) } }
        if text.hasPrefix("fd:") {
            // `Int32("+3")` is 3, which is not a descriptor anybody meant to write.
            let digits = text.dropFirst(3)
            return digits.utf8.allSatisfy(\.isDigit) ? Int32(digits).map { .descriptor($0) } : nil
        }
        guard let colon = text.lastIndex(of: ":"), let port = parsePort(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        if host.isEmpty { return .everywhere(port) }
        if host == "localhost" { return .localhost(port) }
        if host.hasPrefix("["), host.hasSuffix("]") {
            return canonicalIPv6(String(host.dropFirst().dropLast())).map { .ipv6($0, port) }
        }
        return IPAddress.ipv4(String(host)) != nil ? .ipv4(String(host), port) : nil
    }

    private static func parsePort(_ text: Substring) -> UInt16? {
        // `UInt16("+1")` is 1, which is not a port anybody meant to write.
        text.utf8.allSatisfy(\.isDigit) ? UInt16(text) : nil
    }

    /// The one spelling of an IPv6 address, so that `isLoopback` can compare text.
    private static func canonicalIPv6(_ text: String) -> String? {
        IPAddress.ipv6(text).flatMap { IPAddress.text(of: $0) }
    }

    /// Whether only this machine can reach the address, as ``BoundAddress/isLoopback`` tells once it is bound.
    package var isLoopback: Bool {
        switch kind {
        case .ipv4(let host, let port), .ipv6(let host, let port): BoundAddress(host: host, port: port).isLoopback
        case .localhost, .unix: true
        case .everywhere: false
        case .descriptor(let number): SocketAddress.boundAddress(of: number)?.isLoopback ?? false
        }
    }

    /// How error messages name the address.
    var place: String {
        switch kind {
        case .ipv4(let host, let port), .ipv6(let host, let port): "port \(port) on \(host)"
        case .localhost(let port): "port \(port) on 127.0.0.1"
        case .everywhere(let port): "port \(port) on all addresses"
        case .unix(let unix): "the Unix socket \(unix.path)"
        case .descriptor(let number): "descriptor \(number)"
        }
    }

    var freePortHint: String {
        if case .unix = kind { return " path" }
        return " with port 0, which picks a free one"
    }

    var permissionHint: String {
        if case .unix = kind { return "make its directory writable for this user or choose another path" }
        return "choose a port above 1023 or give the process CAP_NET_BIND_SERVICE"
    }
}
