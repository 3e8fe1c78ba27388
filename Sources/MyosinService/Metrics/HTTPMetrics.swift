internal import Exposition
internal import HTTPTypes
internal import MicroHTTP
internal import Primitives

/// The metrics of the HTTP service: `myosin_http_*`.
///
/// Services of one state share them.
final class HTTPMetrics: Sendable {
    private let requests: Family<Registry.Counter, 3>
    private let durations: Family<Registry.Histogram, 2>
    private let sizes: Family<Registry.Histogram, 2>
    private let inFlight: Registry.Gauge
    private let connections: Registry.Gauge
    private let watchers: Registry.Gauge
    private let rejected: Family<Registry.Counter, 1>
    private let known = Lock<[RouteMethod: Metrics]>([:])

    /// What requests are told apart by.
    private struct RouteMethod: Hashable {
        let route: String
        let method: HTTPRequest.Method
    }

    /// The metrics of one route and method.
    private final class Metrics: Sendable {
        let duration: Registry.Histogram
        let size: Registry.Histogram
        let codes = Lock<[Int: Registry.Counter]>([:])

        init(_ duration: Registry.Histogram, _ size: Registry.Histogram) {
            (self.duration, self.size) = (duration, size)
        }
    }

    /// The route of requests that no route has, or that were refused before.
    static let noRoute = "none"
    private static let sizeBuckets: [Double] = [128, 512, 2_048, 8_192, 32_768, 131_072, 1_048_576, 16_777_216]

    /// Registers the families, or takes those that another service of the state has registered.
    ///
    /// - Throws: `MetricError` where the program has metrics of other types with these names.
    init(_ registry: Registry) throws(MetricError) {
        requests = try registry.counter(
            named: "myosin_http_requests",
            help: "Requests answered, by route, method and status code.",
            labels: ["route", "method", "code"],
            cap: .firstLabel
        )
        durations = try registry.histogram(
            named: "myosin_http_request_duration_seconds",
            help: "Seconds from the whole request to its answer.",
            unit: "seconds",
            labels: ["route", "method"],
            buckets: [0.000_025, 0.000_1, 0.000_5, 0.002_5, 0.01, 0.05, 0.25, 1, 5, 30]
        )
        sizes = try registry.histogram(
            named: "myosin_http_response_size_bytes",
            help: "Bytes of answers, without their headers.",
            unit: "bytes",
            labels: ["route", "method"],
            buckets: Self.sizeBuckets
        )
        inFlight = try registry.gauge(
            named: "myosin_http_requests_in_flight",
            help: "Requests that are not answered yet, streams among them."
        )
        connections = try registry.gauge(named: "myosin_http_connections", help: "Connections that are open.")
        watchers = try registry.gauge(
            named: "myosin_http_watchers",
            help: "Clients that watch the state, with a stream or by waiting for an answer."
        )
        rejected = try registry.counter(
            named: "myosin_http_rejected",
            help:
                "Requests and connections that the server refused or ended, by the limit they hit; malformed for requests that are none.",
            labels: ["reason"]
        )
        for limit in ServerLimit.allCases { rejected.child(limit.reason) }
        rejected.child(Self.malformed)
    }

    private static let malformed = "malformed"

    // MARK: Requests

    /// Counts an answer when it is given.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - make: makes the answer, and tells which route has.
    /// - Returns: the answer that counts itself.
    func observe(_ request: borrowing Request, _ make: (borrowing Request, inout String?) -> Answer) -> Answer {
        let stopwatch = Stopwatch()
        let exemplar = request.header(.traceparent).flatMap { Exemplar(traceparent: $0) }
        var route: String?
        let answer = make(request, &route)
        let key = RouteMethod(route: route ?? Self.noRoute, method: request.method)
        // The closure is memory that most requests can do without.
        guard let response = answer.presentResponse else {
            return answer.noting { self.count($0, of: key, stopwatch, exemplar) }
        }
        count(response, of: key, stopwatch, exemplar)
        return answer
    }

    private func count(_ response: Response, of key: RouteMethod, _ stopwatch: Stopwatch, _ exemplar: Exemplar?) {
        let metrics = metrics(of: key)
        let code = response.status.code
        let counter = metrics.codes.withLock { $0[code] } ?? makeCounter(code, metrics, key)
        counter.increment()
        if let exemplar {
            metrics.duration.observe(stopwatch.seconds, exemplar: exemplar)
        } else {
            metrics.duration.observe(stopwatch.seconds)
        }
        metrics.size.observe(Double(response.body.count))
    }

    private func metrics(of key: RouteMethod) -> Metrics {
        if let metrics = known.withLock({ $0[key] }) { return metrics }
        let labels: InlineArray<2, String> = [key.route, key.method.rawValue]
        let new = Metrics(durations.child(labels), sizes.child(labels))
        return known.withLock { known in
            if let present = known[key] { return present }
            known[key] = new
            return new
        }
    }

    private func makeCounter(_ code: Int, _ metrics: Metrics, _ key: RouteMethod) -> Registry.Counter {
        // The same, should two threads make it.
        let counter = requests.child([key.route, key.method.rawValue, String(code)])
        metrics.codes.withLock { $0[code] = counter }
        return counter
    }

    // MARK: The server

    /// Has the number of clients that watch shown from now on, added to those of other services.
    func show(watchers count: @escaping @Sendable () -> Int, in registry: Registry) {
        let shown = Lock(0)
        registry.addQuickCollector { [watchers] in
            // Under the lock, for the same reason as below.
            shown.withLock { former in
                let now = count()
                watchers.increment(by: Double(now - former))
                former = now
            }
        }
    }

    /// Has what a server counts shown from now on, added to what other servers do.
    func show(_ statistics: @escaping @Sendable () -> ServerStatistics, in registry: Registry) {
        let malformed = rejected.child(Self.malformed)
        let limits = ServerLimit.allCases.map { rejected.child($0.reason) }
        // Under the lock, so that of two pages at once neither adds what the other has.
        let shown = Lock(ServerStatistics.none)
        registry.addQuickCollector { [self] in
            shown.withLock { former in
                let now = statistics()
                connections.increment(by: Double(now.connections - former.connections))
                inFlight.increment(by: Double(now.requestsRunning - former.requestsRunning))
                // What comes to less is not counted: a counter takes no negative amount.
                malformed.increment(by: Double(now.malformedRequests - former.malformedRequests))
                for (index, counter) in limits.enumerated() {
                    counter.increment(by: Double(now.hits[index] - former.hits[index]))
                }
                former = now
            }
        }
    }
}

extension ServerStatistics {
    /// The requests that were refused for no limit that they hit.
    fileprivate var malformedRequests: Int {
        let limits: [ServerLimit] = [.uriBytes, .queryParameters, .headerBytes, .headerFields, .bodyBytes]
        return zip(ServerLimit.allCases, hits).reduce(requestsRefused) { $0 - (limits.contains($1.0) ? $1.1 : 0) }
    }
}

extension ServerLimit {
    /// `connectionsPerAddress` as `connections_per_address`, as values of labels are written.
    fileprivate var reason: String {
        rawValue.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
    }
}
