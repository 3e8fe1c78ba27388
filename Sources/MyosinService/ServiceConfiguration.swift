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
    /// Adds advice to the message where a setting has refused a request: a sentence about this program's own flag, for example.
    ///
    /// It gets the setting and the value that would allow the request, and returns nil for nothing to add.
    public var advice: @Sendable (_ setting: ServiceSetting, _ value: String) -> String? = { _, _ in nil }
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

/// A setting of the service that may refuse a request.
///
/// Later versions may add settings.
public struct ServiceSetting: Sendable, Hashable, CustomStringConvertible {
    /// The setting's name.
    public let description: String

    /// ``ServiceConfiguration/allowedHosts``; the value is the name in the Host field.
    public static let allowedHosts = ServiceSetting(description: "allowedHosts")
    /// ``ServiceConfiguration/anonymousAccess``; the value is the least access that allows the request.
    public static let anonymousAccess = ServiceSetting(description: "anonymousAccess")
    /// ``ServiceConfiguration/maxWatchers``; the value is the number of clients that watch.
    public static let maxWatchers = ServiceSetting(description: "maxWatchers")
    /// The models of the state, where it has none; the value is empty.
    public static let models = ServiceSetting(description: "models")
}

extension ServiceConfiguration {
    /// What clients may do at an address without saying who they are.
    func access(at address: BoundAddress) -> AnonymousAccess { access(isLoopback: address.isLoopback) }

    /// The addresses, each with what clients may do there without saying who they are.
    package var accessByAddress: [(address: ListenAddress, access: AnonymousAccess)] {
        addresses.map { ($0, access(isLoopback: $0.isLoopback)) }
    }

    private func access(isLoopback: Bool) -> AnonymousAccess { isLoopback ? .write : anonymousAccess }

    /// A sentence with the program's advice behind it, if it has some.
    func advised(_ sentence: String, _ setting: ServiceSetting, _ value: String) -> String {
        advice(setting, value).map { "\(sentence) \($0)" } ?? sentence
    }
}
