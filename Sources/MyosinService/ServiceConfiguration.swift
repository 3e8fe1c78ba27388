public import MicroHTTP

/// Where the service listens and whom it lets in.
public struct ServiceConfiguration: Sendable {
    /// The addresses to listen on; `127.0.0.1:8000` by default.
    public var addresses: [ListenAddress]
    /// What anonymous clients may do on addresses that other machines can reach; on loopback and Unix sockets they may
    /// write.
    public var anonymousAccess: AnonymousAccess
    /// Names allowed in the Host field, besides IP addresses, localhost and the machine's own name.
    public var allowedHosts: [String]
    /// The limits of the HTTP server.
    public var limits: ServerLimits
    /// How many clients may watch at a time, with server-sent events or by waiting for an answer; further ones get 503.
    ///
    /// 500 by default, half as many as connections, so that others are answered while many watch.
    public var maxWatchers = 500
    /// A comment is sent to each client that watches once in so many seconds.
    var heartbeatSeconds = 15
    /// Where Prometheus finds the metrics, `/metrics` by default.
    ///
    /// It must begin with a slash, and nothing else may be there.
    public var telemetryPath = "/metrics"
    /// Whether OpenMetrics tells when counters, summaries and histograms were made, in samples of their own; false by default.
    public var showsCreated = false
    /// Whether each request is logged with its answer, at level info; false by default.
    ///
    /// Queries and bodies are never logged.
    public var logsAccess = false

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - addresses: the addresses to listen on.
    ///   - anonymousAccess: what anonymous clients may do on addresses that other machines can reach.
    ///   - allowedHosts: names allowed in the Host field, besides those that always are.
    ///   - limits: the limits of the HTTP server.
    public init(
        addresses: [ListenAddress] = [.loopback(port: 8_000)],
        anonymousAccess: AnonymousAccess = .metrics,
        allowedHosts: [String] = [],
        limits: ServerLimits = ServerLimits()
    ) {
        self.addresses = addresses
        self.anonymousAccess = anonymousAccess
        self.allowedHosts = allowedHosts
        self.limits = limits
    }
}
