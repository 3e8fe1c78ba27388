public import HTTPTypes

/// Where a server listens, what it tolerates and how it refuses.
public struct ServerConfiguration: Sendable {
    /// The addresses to listen on.
    public var addresses: [ListenAddress]
    /// The limits.
    public var limits: ServerLimits
    /// Makes the response for what the server refuses itself, from the status and a detail in plain text.
    ///
    /// The statuses are 400, 411, 413, 414, 417, 431, 500, 501, 503 and 505. It is called on the server's thread.
    public var refusal: @Sendable (_ status: HTTPResponse.Status, _ detail: String) -> Response

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - addresses: the addresses to listen on.
    ///   - limits: the limits.
    ///   - refusal: makes the response for what the server refuses; plain text by default.
    public init(
        addresses: [ListenAddress],
        limits: ServerLimits = ServerLimits(),
        refusal: @escaping @Sendable (HTTPResponse.Status, String) -> Response = { .text(status: $0, $1) }
    ) {
        self.addresses = addresses
        self.limits = limits
        self.refusal = refusal
    }
}

/// The limits of a server.
public struct ServerLimits: Sendable, Hashable {
    /// The longest body of a request, 1 MiB by default; a longer one gets 413 before the client is told to continue.
    public var bodyBytesMax = 1 << 20
    /// Open connections of all listeners together, 1,000 by default; requests on those above it get 503 with Retry-After.
    ///
    /// The process needs as many descriptors and some 300 more.
    public var connectionsMax = 1_000
    /// The longest request line with the header fields, 6 KiB by default, for which a connection takes 2 KiB more memory;
    /// a longer one gets 431.
    public var headerBytesMax = 6 << 10
    /// The longest path with its query, 4 KiB by default; a longer one gets 414.
    public var uriBytesMax = 4 << 10
    /// How long a connection may be silent before it is closed, 30 seconds by default, in whole seconds.
    ///
    /// A connection whose request is to be answered later is not counted as silent.
    public var idleTimeout = Duration.seconds(30)

    /// Makes the default limits.
    public init() {}
}

extension ServerLimits {
    /// At its own limit libmicrohttpd stops accepting without a word, so its limit is this much above the one that answers.
    private static let refusableConnections = 256
    /// What a connection needs in its memory pool besides the header.
    private static let poolReserve = 2 << 10

    var acceptedConnectionsMax: Int { clampToUInt32(connectionsMax) + Self.refusableConnections }
    var poolBytes: Int { clampToUInt32(headerBytesMax) + Self.poolReserve }
    /// At least one, since libmicrohttpd takes zero for no timeout at all.
    var idleSeconds: Int { max(1, clampToUInt32(Int(clamping: idleTimeout.components.seconds))) }

    /// libmicrohttpd's options are C's unsigned int; half of it leaves room for what is added.
    private func clampToUInt32(_ value: Int) -> Int { min(max(0, value), Int(Int32.max)) }
}
