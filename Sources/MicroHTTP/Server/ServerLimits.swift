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
    /// The longest path with its query, 8,000 bytes by default (RFC 9110, section 4.1) and ``mostTargetBytes`` at most; a longer
    /// one gets 414.
    ///
    /// Each connection has as much memory, 8,000 bytes at least, and 2,000 more.
    public var maxTargetBytes = 8_000
    /// The most parameters in a query, 32 by default; more get 414.
    public var maxQueryParameters = 32
    /// The longest request line with the header fields, 16 KiB by default and ``mostHeaderBytes`` at most; a longer one gets 431.
    ///
    /// One for which a connection has no room takes memory of its own until its request is over.
    public var maxHeaderBytes = 16 << 10
    /// The most header fields, 100 by default; more get 431.
    public var maxHeaderFields = 100
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

    /// The most that ``maxTargetBytes`` can be, 16 KiB: each connection has memory for it.
    public static let mostTargetBytes = 16 << 10
    /// The most that ``maxHeaderBytes`` can be, 64 KiB: the system must hold a header until it is judged.
    public static let mostHeaderBytes = 64 << 10

    /// Makes the default limits.
    public init() {}
}

extension ServerLimits {
    /// What a connection has memory for at least, so that most headers fit.
    private static let usualHeaderBytes = 8_000
    /// What it has besides: for the rest of a line, a substitute of the fields and those of the answer.
    private static let poolReserve = 2_000
    private static let answerReserve = 1 << 10
    /// What libmicrohttpd takes for each field, parameter and cookie besides its text: the size of its `struct
    /// MHD_HTTP_Header`, rounded up as its memory is.
    static let pairBytes = 64
    /// libmicrohttpd receives this much beyond a line or a header that does not fit what it receives at once.
    ///
    /// It does so while half of the memory is less than 12,000 bytes.
    private static let excessBytes = 192

    /// ``maxHeaderBytes`` within its bounds.
    var headerRoomBytes: Int { min(max(0, maxHeaderBytes), Self.mostHeaderBytes) }
    /// ``maxTargetBytes`` within its bounds.
    var targetRoomBytes: Int { min(max(0, maxTargetBytes), Self.mostTargetBytes) }

    /// The memory of a connection.
    var poolBytes: Int { max(Self.usualHeaderBytes, min(targetRoomBytes, headerRoomBytes)) + Self.poolReserve }

    /// Whether a connection's memory has room for a header, and for an answer.
    ///
    /// - Parameters:
    ///   - bytes: those up to its end.
    ///   - pairs: its fields, parameters and cookies.
    ///   - cookieBytes: what libmicrohttpd copies of them.
    /// - Returns: false if it must be detached.
    func haveRoom(forHeader bytes: Int, pairs: Int, cookieBytes: Int = 0) -> Bool {
        // It receives into half of the memory at first, also what comes behind the header.
        let received = max(poolBytes / 2, bytes + Self.excessBytes)
        return received + cookieBytes + pairs * Self.pairBytes <= poolBytes - Self.answerReserve
    }
}
