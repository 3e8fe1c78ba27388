public import MicroHTTP

/// Where the service listens and whom it lets in.
public struct ServiceConfiguration: Sendable {
    /// The addresses to listen on, with what clients may do there; `127.0.0.1:8000` by default.
    public var listeners: [ServiceListener]
    /// What anonymous clients from other machines may do; those of this machine may write.
    ///
    /// A client is of this machine if it connects to a loopback address or a Unix socket and no field of its request says that a
    /// proxy forwards it. Behind an ``externalURL`` no client is. ``ServiceListener/access`` overrides both.
    public var anonymousAccess: AnonymousAccess
    /// Names allowed in the Host field, besides IP addresses, localhost and the machine's own names.
    public var allowedHosts: [String]
    /// Where a proxy shows the service; nil by default.
    ///
    /// Its host and its origin are allowed, and the commands in messages and the OpenAPI document begin with it.
    public var externalURL: ExternalURL?
    /// What precedes every path of the service in the requests that reach it; by default the path of the ``externalURL``.
    ///
    /// Set it to `.none` for a proxy that removes that path.
    public var routePrefix: PathPrefix?
    /// The limits of the HTTP server.
    public var limits: ServerLimits
    /// How many clients may watch at a time, with server-sent events or by waiting for an answer; further ones get 503.
    ///
    /// 500 by default, half as many as connections, so that others are answered while many watch.
    public var maxWatchers = 500
    /// The maximum number of requests in tasks of the program's own routes at a time; 64 by default.
    ///
    /// Further requests wait for their turn, and ``handlerTimeout`` includes this wait. A handler cancelled at its deadline
    /// counts until it returns. Middleware does not count.
    public var maxHandlers = 64
    /// The maximum time for a route of the program, with its middleware, to answer; 30 seconds by default.
    ///
    /// Then the client gets 503, and the handler's task is cancelled. A route that answers later sets its own time by
    /// `whenLate(after:)` of its `Responder`. After a response from such a route, or from a route of the service, middleware has
    /// the whole time again.
    public var handlerTimeout = Duration.seconds(30)
    /// A comment is sent to each client that watches once in so many seconds.
    var heartbeatSeconds = 15
    /// Where Prometheus finds the metrics, `/metrics` by default.
    ///
    /// It must begin with a slash and must not be another path of the service: otherwise `start()` throws.
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
    /// The clock of the server's deadlines, in milliseconds, by which a test sees each turn of its loop; nil for the system's.
    package var clock: (@Sendable () -> Int64)?

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - addresses: the addresses to listen on.
    ///   - anonymousAccess: what anonymous clients from other machines may do.
    ///   - allowedHosts: names allowed in the Host field, besides those that always are.
    ///   - limits: the limits of the HTTP server.
    public init(
        addresses: [ListenAddress] = [.loopback(port: 8_000)],
        anonymousAccess: AnonymousAccess = .metrics,
        allowedHosts: [String] = [],
        limits: ServerLimits = ServerLimits()
    ) {
        listeners = addresses.map { ServiceListener($0) }
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
    /// ``ServiceConfiguration/externalURL``; the value is the origin of the page that sent the request.
    public static let externalURL = ServiceSetting(description: "externalURL")
    /// ``ServiceConfiguration/listeners``; the value is the listener that allows the request.
    public static let listeners = ServiceSetting(description: "listeners")
    /// ``ServiceConfiguration/maxWatchers``; the value is the number of clients that watch.
    public static let maxWatchers = ServiceSetting(description: "maxWatchers")
    /// The models of the state, where it has none; the value is empty.
    public static let models = ServiceSetting(description: "models")
}

extension ServiceConfiguration {
    /// What precedes every path of the service.
    package var pathPrefix: PathPrefix { routePrefix ?? externalURL?.prefix ?? .none }

    /// The listeners, each with what clients of this machine may do there without saying who they are.
    package var accessByListener: [(address: ListenAddress, access: AnonymousAccess)] {
        listeners.map { ($0.address, $0.access ?? access(isLocal: $0.address.isLoopback)) }
    }

    /// What clients may do that are of this machine, or of another one, where their listener does not say.
    func access(isLocal: Bool) -> AnonymousAccess { isLocal && externalURL == nil ? .write : anonymousAccess }

    /// Whether a text is a name, or an address, that a Host field may have.
    package static func isHost(_ text: String) -> Bool { SiteAuthority(text) != nil }

    /// A sentence with the program's advice behind it, if it has some.
    func advised(_ sentence: String, _ setting: ServiceSetting, _ value: String) -> String {
        advice(setting, value).map { "\(sentence) \($0)" } ?? sentence
    }
}
