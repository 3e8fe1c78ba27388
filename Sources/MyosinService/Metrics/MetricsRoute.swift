internal import Exposition
internal import HTTPTypes
internal import MicroHTTP
internal import Primitives

/// `GET /metrics`: the page in the format and coding that the client wants.
final class MetricsRoute: Sendable {
    /// What a client asks for.
    private struct Wanted: Hashable {
        let format: ExpositionFormat
        let isCompressed: Bool
        /// The families to show; nil for all.
        let names: Set<String>?
    }

    /// The pages that were made for those who have asked at the same time.
    private final class Pages: Sendable {
        private let made = Lock<[Wanted: Response]>([:])

        func response(_ wanted: Wanted, _ make: (Wanted) -> Response) -> Response {
            if let response = made.withLock({ $0[wanted] }) { return response }
            let response = make(wanted)
            made.withLock { $0[wanted] = response }
            return response
        }
    }

    private let registry: Registry
    /// Whether the collectors of the registry have little to do.
    private let isQuick: @Sendable () -> Bool
    private let path: String
    private let showsCreated: Bool
    private let work = SharedWork<Pages>()
    /// How large the page was last; the first one may be as large as any.
    private let lastBytes = Lock(Int.max)

    /// Larger pages are made on a thread of their own, so that nobody waits for them but those who have asked.
    ///
    /// The same holds for all pages with metrics that closures of the program collect.
    private static let maxBytesAtOnce = 128 << 10

    /// How many names may be given.
    static let maxNames = 10
    /// How many bytes a name may have.
    static let maxNameBytes = 300

    /// - Parameters:
    ///   - registry: the metrics.
    ///   - path: where they are served.
    ///   - showsCreated: whether OpenMetrics has `_created` samples.
    ///   - isQuick: whether the registry's collectors have so little to do now that they may run on the server's thread.
    init(_ registry: Registry, path: String, showsCreated: Bool, isQuick: @escaping @Sendable () -> Bool) {
        (self.registry, self.path, self.showsCreated, self.isQuick) = (registry, path, showsCreated, isQuick)
    }

    /// The route.
    var route: Route { Route.atOnce(.get, path) { request, _ in self.answer(request) } }

    private func answer(_ request: borrowing Request) -> Answer {
        let names = request.query.filter { $0.name == "name[]" }.map { $0.value ?? "" }
        if let detail = Self.fault(in: names) { return .now(Problem(.badRequest, detail).response) }
        let wanted = Wanted(
            format: ExpositionFormat(accepting: request.header(.accept)),
            isCompressed: request.header(.acceptEncoding).map { ContentCodings($0).wantsGzip } ?? false,
            names: names.isEmpty ? nil : Set(names)
        )
        if !registry.mayWait, isQuick(), lastBytes.withLock({ $0 }) <= Self.maxBytesAtOnce {
            return .now(response(wanted))
        }
        let deadline = Self.timeout(request).map { SuspendingClock.now + $0 }
        return .later { [self] responder in
            work.run {
                Pages()
            } completion: { pages in
                // Who has given up gets no page that takes time to make. False when the client has left, who needs no answer.
                let isLate = deadline.map { $0 < .now } ?? false
                _ = responder.send(isLate ? Self.late : pages.response(wanted, self.response))
            }
        }
    }

    /// What is wrong with the names of metrics that are asked for.
    private static func fault(in names: [String]) -> String? {
        if names.count > maxNames { return "\(names.count) names are given. Give up to \(maxNames) at a time." }
        func isName(_ name: String) -> Bool {
            name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ":") }
                && !name.isEmpty && name.utf8.count <= maxNameBytes
        }
        guard names.allSatisfy(isName) else {
            return
                "Give name[] the name of a metric, up to \(maxNameBytes) letters, digits, _ and :, as in name[]=myosin_revision."
        }
        return nil
    }

    private func response(_ wanted: Wanted) -> Response {
        let page = registry.render(wanted.format, names: wanted.names, showsCreated: showsCreated)
        if wanted.names == nil { lastBytes.withLock { $0 = page.count } }
        var fields: HTTPFields = [
            .contentType: wanted.format.contentType, .cacheControl: "no-store", .vary: "Accept, Accept-Encoding",
        ]
        if wanted.isCompressed, page.count >= Gzip.minBytes, let compressed = Gzip.compress(page) {
            fields[.contentEncoding] = "gzip"
            return Response(status: .ok, fields: fields, body: .bytes(compressed))
        }
        return Response(status: .ok, fields: fields, body: .bytes(page))
    }

    /// How long Prometheus waits for the page.
    private static func timeout(_ request: borrowing Request) -> Duration? {
        request.header(.scrapeTimeout).flatMap { Double($0.trimmed) }
            .flatMap { $0 > 0 && $0 < 3_600 ? .seconds($0) : nil }
    }

    private static let late = Problem(
        .serviceUnavailable,
        "The page was not ready within the scrape's timeout. Scrape with a longer scrape_timeout.",
        fields: [.retryAfter: Problem.retrySeconds]
    )
    .response
}

extension HTTPField.Name {
    fileprivate static let scrapeTimeout = HTTPField.Name(validated: "X-Prometheus-Scrape-Timeout-Seconds")
}
