import Exposition
import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

/// The code of the article "Exposing metrics".
@Suite struct ExposingMetricsTests {
    private static let article = "Sources/Exposition/Exposition.docc/ExposingMetrics.md"

    private final class JobQueue: Sendable {
        private let jobs = Lock([1, 2, 3])
        var count: Int { jobs.withLock { $0.count } }
    }

    /// The two functions of a server.
    private struct Pages {
        let registry: Registry

        // DOC begins
        func metricsPage(accepting accept: String?) -> (contentType: String, body: [UInt8]) {
            let format = ExpositionFormat(accepting: accept)
            return (format.contentType, registry.render(format))
        }
        // DOC ends

        var route: Route {
            // DOC begins
            let route = Route.atOnce(.get, "/metrics") { request, _ in
                let page = metricsPage(accepting: request.header(.accept))
                return .now(Response(status: .ok, fields: [.contentType: page.contentType], body: .bytes(page.body)))
            }
            // DOC ends
            return route
        }
    }

    @Test func theArticlesPageIsRendered() throws {
        // DOC begins
        let registry = Registry()
        let reports = registry.counter("pump_reports", help: "Reports sent.")
        let temperature = registry.gauge("pump_motor_celsius", help: "Motor temperature.", unit: "celsius")
        let starts = registry.histogram("pump_start_seconds", help: "Time to full speed.", buckets: [0.1, 1])
        // DOC ends
        // DOC begins
        reports.increment()
        temperature.set(41.5)
        starts.observe(.milliseconds(250))
        // DOC ends
        let shown = try Article(Self.article).blocks("text")
        #expect([String(decoding: registry.render(), as: UTF8.self)] == shown)

        let routes = Routes([Pages(registry: registry).route])
        guard case .now(let response) = routes.answer(to: Request(OwnedRequest(path: "/metrics"))) else {
            Issue.record("not answered at once")
            return
        }
        #expect(response.fields[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.body.bytes == registry.render())

        let unit = "kilobytes"
        // DOC begins
        do {
            _ = try registry.gauge(named: "pump_reports_\(unit)", help: "Reports by unit.", unit: "bytes")
        } catch {
            print(error.code == .invalidUnit, error)
        }
        // DOC ends
        #expect(throws: MetricError.self) { try registry.gauge(named: "pump_reports", help: "The same name.") }
        // DOC begins
        #expect(registry.refusals == [])
        // DOC ends
    }

    private struct Pump {
        func start() async throws -> String { "1.4" }
        func run(_ firmware: String) async throws { #expect(firmware == "1.4") }
    }

    @Test func workIsTimedAndCounted() async throws {
        let (registry, pump) = (Registry(), Pump())
        let starts = registry.histogram("pump_start_seconds", help: "Time to full speed.", buckets: [0.1, 1])
        // DOC begins
        let firmware = try await starts.time { try await pump.start() }
        let running = registry.gauge("pump_running", help: "Pumps that run.")
        try await running.trackInProgress { try await pump.run(firmware) }
        // DOC ends
        #expect(starts.count == 1 && running.value == 0)
    }

    @Test func childrenBeyondTheCapShareOne() throws {
        let registry = Registry()
        // DOC begins
        let answers = registry.counter("answers", help: "Requests answered.", labels: ["route", "code"])
        let found = answers.child(["/state", "200"])
        found.increment()
        // DOC ends
        let page = String(decoding: registry.render(), as: UTF8.self)
        #expect(page.contains("answers_total{route=\"/state\",code=\"200\"} 1\n"))

        // DOC begins
        let small = Registry(maxLabelSets: 100)
        // DOC ends
        let family = small.counter("answers", help: "Requests answered.", labels: ["code"])
        for code in 0...100 { family.child("\(code)").increment() }
        let text = String(decoding: small.render(), as: UTF8.self)
        #expect(text.contains("answers_total{code=\"_other\"} 1\n"))
        #expect(text.contains("metrics_series_dropped_total{family=\"answers\"} 1\n"))
    }

    @Test func aCollectorUpdatesAGaugeBeforeEachPage() throws {
        let (registry, queue) = (Registry(), JobQueue())
        // DOC begins
        let waiting = registry.gauge("pump_waiting_jobs", help: "Jobs that wait.")
        registry.addCollector { waiting.set(Double(queue.count)) }
        try registry.addProcessMetrics()
        // DOC ends
        let page = String(decoding: registry.render(), as: UTF8.self)
        #expect(page.contains("\npump_waiting_jobs 3\n") && page.contains("\nprocess_threads "))
        // DOC begins
        registry.unregister("pump_waiting_jobs")
        // DOC ends
        #expect(!String(decoding: registry.render(), as: UTF8.self).contains("pump_waiting_jobs"))
    }
}
