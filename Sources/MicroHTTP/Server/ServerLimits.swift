/// What a server tolerates; each limit counts in ``ServerStatistics/limitHits`` when it is hit.
public struct ServerLimits: Sendable, Hashable {
    /// Open connections of all listeners together, 1,000 by default; those above it are answered 503 with Retry-After and
    /// closed.
    ///
    /// The process needs as many descriptors and some more. Where it has fewer, the connections that find none are answered
    /// 503 as well.
    public var maxConnections = 1_000
    /// Open connections from one address, 256 by default; those above it are answered 503 with Retry-After and closed.
    ///
    /// IPv6 addresses count by their /64 network. Loopback addresses and Unix sockets are not limited.
    public var maxConnectionsPerAddress = 256
    /// The longest path with its query, 4 KiB by default; a longer one gets 414.
    public var maxTargetBytes = 4 << 10
    /// The most parameters in a query, 32 by default; more get 414.
    ///
    /// Each above 32 takes 64 bytes more of a connection's memory.
    public var maxQueryParameters = 32
    /// The longest request line with the header fields, 6 KiB by default, for which a connection takes 2 KiB more memory;
    /// a longer one gets 431.
    public var maxHeaderBytes = 6 << 10
    /// The most header fields, 64 by default; more get 431.
    ///
    /// The header and 64 bytes for each field, cookie and parameter of the query must also fit into ``maxHeaderBytes`` and 1 KiB,
    /// else the request gets 431.
    public var maxHeaderFields = 64
    /// The longest body of a request, 1 MiB by default; a longer one gets 413 before the client is told to continue.
    public var maxBodyBytes = 1 << 20
    /// How much the bodies of all requests may take together, 64 MiB by default; a request beyond it gets 503.
    public var maxBodyMemory = 64 << 20
    /// How long a new connection may take until its first header is complete, 5 seconds by default.
    ///
    /// Later headers of a connection have this time and ``idleTimeout`` together.
    public var headerTimeout = Duration.seconds(5)
    /// How long a body may take after its header, 10 seconds by default; then the client gets 408, if it takes it at once.
    public var bodyTimeout = Duration.seconds(10)
    /// How long a connection may be without a request, 30 seconds by default.
    public var idleTimeout = Duration.seconds(30)
    /// How long a client may go without reading at least 1 KiB of the response, 10 seconds by default.
    ///
    /// Where the system does not tell what a client has taken, on Unix sockets, it is the time for each MiB of an answer.
    public var writeTimeout = Duration.seconds(10)

    /// Makes the default limits.
    public init() {}
}

extension ServerLimits {
    /// What a connection needs in its memory besides the header: for its fields, and for those of the answer.
    private static let poolReserve = 2 << 10
    private static let answerReserve = 1 << 10
    private static let reserveParameters = 32
    /// What libmicrohttpd takes for each field, parameter and cookie besides its text: the size of its `struct
    /// MHD_HTTP_Header`, rounded up as its memory is.
    static let pairBytes = 64

    /// ``maxHeaderBytes`` as far as memory can be made for it.
    var headerRoomBytes: Int { min(max(0, maxHeaderBytes), 1 << 30) }

    /// libmicrohttpd's option is C's unsigned int; half of it leaves room for what is added.
    var poolBytes: Int {
        let parameters = min(max(0, maxQueryParameters - Self.reserveParameters), 1 << 20)
        return headerRoomBytes + Self.poolReserve + parameters * Self.pairBytes
    }

    /// What the header may take of it with all that is made of it.
    var memoryForHeader: Int { poolBytes - Self.answerReserve }
}
