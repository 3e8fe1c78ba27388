internal import ArgumentParser
internal import MicroHTTP
internal import MyosinService
internal import Primitives

/// The flags for where the service listens, which clients it lets in, and what it shows.
struct WebOptions: ParsableArguments {
    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp(
            "Where to listen: HOST:PORT, :PORT, [::]:PORT, unix:PATH[,mode=0660][,group=NAME] or fd:NUMBER, each perhaps "
                + "with ,access=ACCESS, which overrides --web.anonymous; port 0 picks one. May be given more than once. "
                + "(default: 127.0.0.1:8000)",
            valueName: "address"
        ),
        transform: { try ServiceListener($0) }
    )
    var listeners: [ServiceListener] = []

    @Flag(
        name: .customLong("web.systemd-socket"),
        help:
            "Start only with sockets of a systemd unit. They are used without this flag too, and go with other addresses."
    )
    var usesSystemdSockets = false

    @Option(
        name: .customLong("web.anonymous"),
        help: ArgumentHelp(
            "What clients from other machines may do, also through a proxy: none, metrics, read or write. Those of this "
                + "machine may write. (default: metrics)",
            valueName: "access"
        ),
        transform: choice
    )
    var anonymousAccess = AnonymousAccess.metrics

    @Option(
        name: .customLong("web.allowed-hosts"),
        help: ArgumentHelp(
            "Names that clients may use for this server, with commas between, besides IP addresses, localhost and the "
                + "machine's names. May be given more than once.",
            valueName: "names"
        ),
        transform: readHostNames
    )
    var allowedHosts: [[String]] = []

    @Option(
        name: .customLong("web.external-url"),
        help: ArgumentHelp(
            "Where a proxy shows this server, as in https://gateway.example/myosin. Clients on loopback and Unix sockets then "
                + "may do no more than --web.anonymous says.",
            valueName: "url"
        ),
        transform: readExternalURL
    )
    var externalURL: ExternalURL?

    @Option(
        name: .customLong("web.route-prefix"),
        help: ArgumentHelp(
            "What precedes every path in the requests that arrive: the path of --web.external-url by default, / for a proxy that "
                + "removes that path.",
            valueName: "path"
        ),
        transform: readPrefix
    )
    var routePrefix: PathPrefix?

    @Option(
        name: .customLong("web.telemetry-path"),
        help: ArgumentHelp("Where Prometheus finds the metrics.", valueName: "path")
    )
    var telemetryPath = "/metrics"

    @Option(
        name: .customLong("web.max-watchers"),
        help: ArgumentHelp("Clients that watch, or wait for an answer, at a time; more get 503.", valueName: "count")
    )
    var maxWatchers = 500

    @Flag(
        name: .customLong("web.metrics-created"),
        help: "Have OpenMetrics tell when counters, summaries and histograms were made, in _created samples."
    )
    var showsCreated = false

    @Flag(
        name: .customLong("no-web.metrics-summaries"),
        help: ArgumentHelp(
            "Leave out myosin_commit_latency, myosin_cache_latency and myosin_checkout_latency, whose counts and sums the "
                + "histograms of the same durations have too."
        )
    )
    var hidesSummaries = false

    @OptionGroup(title: "Limits") var limits: LimitOptions

    /// - Throws: `ArgumentParser.ValidationError` for a path at which the metrics cannot be.
    func validate() throws {
        let isPath =
            telemetryPath.utf8.first == UInt8(ascii: "/") && telemetryPath.utf8.count > 1
            && telemetryPath.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"?#%{}".utf8.contains($0) }
        let isTaken = ["/state", "/schema", "/openapi.json", "/healthz", "/readyz"]
            .contains { telemetryPath == $0 || telemetryPath.hasPrefix("\($0)/") }
        // Port 0 is another one each time, and a socket that is there already can be used twice.
        let addresses = listeners.map { "\($0.address)" }.filter { !$0.hasSuffix(":0") && !$0.hasPrefix("fd:") }
        if let twice = addresses.first(where: { address in addresses.count { $0 == address } > 1 }) {
            throw ArgumentParser.ValidationError("--web.listen-address names \(twice) twice. Name it once.")
        }
        if maxWatchers < 0 {
            throw ArgumentParser.ValidationError("--web.max-watchers must be 0 or more, got \(maxWatchers).")
        }
        if isPath, !isTaken { return }
        throw ArgumentParser.ValidationError(
            "--web.telemetry-path must begin with / and be free, got \(telemetryPath)\(isTaken ? ", which is in use" : "")."
        )
    }

    /// What precedes every path of the service; nil where no flag says so.
    var pathPrefix: PathPrefix? { routePrefix ?? externalURL?.prefix }

    /// Makes the configuration of the service.
    ///
    /// - Parameter hasSockets: whether this process has been given the sockets of systemd.
    /// - Returns: the configuration.
    /// - Throws: `ServerError` where sockets of systemd are wanted and there are none.
    func makeServiceConfiguration(hasSockets: Bool = true) throws -> ServiceConfiguration {
        var configuration = ServiceConfiguration(
            anonymousAccess: anonymousAccess,
            allowedHosts: allowedHosts.flatMap(\.self),
            limits: limits.limits
        )
        // One that is also given by itself, as fd:3,access=read, is the same socket with another access.
        let inherited = try (hasSockets ? inheritedSockets : []).filter { !listeners.map(\.address).contains($0) }
            .map { ServiceListener($0) }
        if !(inherited + listeners).isEmpty { configuration.listeners = inherited + listeners }
        (configuration.externalURL, configuration.routePrefix) = (externalURL, routePrefix)
        configuration.telemetryPath = telemetryPath
        (configuration.maxWatchers, configuration.showsCreated) = (maxWatchers, showsCreated)
        configuration.advice = { Advice.sentence($0, $1) }
        return configuration
    }
}

extension WebOptions {
    /// The sockets that systemd has handed over to this process.
    private var inheritedSockets: [ListenAddress] {
        get throws {
            if usesSystemdSockets { return try ListenAddress.systemd() }
            // Most processes have none, and need none.
            return (try? ListenAddress.systemd()) ?? []
        }
    }
}

/// The names in a list with commas between them.
private func readHostNames(_ text: String) throws -> [String] {
    try text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
        .map { name in
            if ServiceConfiguration.isHost(name) { return name }
            throw ArgumentParser.ValidationError("\(name) is not a host name; write it like gateway.example.")
        }
}

private func readExternalURL(_ text: String) throws -> ExternalURL {
    if let url = ExternalURL(text) { return url }
    throw ArgumentParser.ValidationError("It is not a URL of a host; write it like https://gateway.example/myosin.")
}

private func readPrefix(_ text: String) throws -> PathPrefix {
    if let prefix = PathPrefix(text) { return prefix }
    throw ArgumentParser.ValidationError("It is not a path; write it like /myosin.")
}
