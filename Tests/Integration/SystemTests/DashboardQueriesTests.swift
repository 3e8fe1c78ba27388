import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Whether every expression of the dashboard and of the rules has data on a real Prometheus that scrapes a device at work.
@Suite struct DashboardQueriesTests {
    /// What is on the page of metrics and not on the dashboard, with the reason.
    private static let unusedFamilies = [
        "myosin_checkout_latency": "The histogram has the same count and sum, and cannot be left out.",
        "myosin_commit_latency": "The histogram has the same count and sum, and cannot be left out.",
        "myosin_cache_latency": "The histogram has the same count and sum, and cannot be left out.",
        "uplink_attempts_total": "It belongs to the example device, and no other program has it.",
    ]

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// An expression as Grafana sends it, where everything is chosen and the last hour is shown, which has all that the test does.
    private func substituted(_ expression: String) -> String {
        expression.replacing("$job", with: "(myosin)").replacing("$instance", with: ".+")
            .replacing("$model", with: ".+")
            .replacing("$__rate_interval", with: "1h").replacing("$__range", with: "1h")
    }

    @Test func everyExpressionHasData() async throws {
        let dashboard = try Dashboard.shipped()
        let device = try Service("device-example", ["--state.path", directory.path + "/state"])
        let other = try OtherService(in: directory)
        let prometheus = try PrometheusServer.shipped(scraping: [device.address, other.address], in: directory)
        #expect(try await prometheus.value(of: #"myosin_meta_info{version="0.0.1"}"#) == 1)
        let exporter = try other.restart()
        let watcher = try Program("/usr/bin/curl", ["-sSN", "\(device.address)/state?watch"])

        var pending = dashboard.expressions
        pending += try AlertingRules.shipped().recorded.map { ("the recording rule", $0) }
        #expect(pending.count > 70)
        var isMoving = true
        // One after the other has data, once Prometheus has scraped often enough.
        while isMoving, !pending.isEmpty {
            let former = pending.count
            isMoving = try await prometheus.wait {
                try use(device)
                pending = try pending.filter { try !hasValue($0.text, prometheus) }
                return pending.count < former
            }
        }
        for (name, text) in pending { Issue.record("\(name) has no data: \(text)") }
        for variable in dashboard.templating.list {
            guard let query = variable.query else { continue }
            #expect(try values(query.query, prometheus).isEmpty == false, "\(variable.name)")
        }
        try everyNameIsOfAMetric(prometheus, dashboard)
        try everyFamilyIsUsed(pages: [device.curl("/metrics").body, exporter.page()], dashboard)
        #expect(watcher.end(with: SIGKILL).isSignalled)
        // What is mistyped has no data.
        #expect(try hasValue(#"sum(rate(myosin_http_request_total{job="myosin"}[1h]))"#, prometheus) == false)
        #expect(try values("label_values(myosin_mate_info, job)", prometheus) == [])
    }

    /// Has the device do a bit of everything: reads, writes, and what it refuses.
    private func use(_ device: Service) throws {
        let user = #"{"name":"cS","email":"cs@email.com"}"#
        #expect(try device.curl("/state/User", "-X", "PUT", "-d", user).status == 200)
        #expect(try device.curl("/state/User", "-X", "PUT", "-d", #"{"name":1}"#).status == 422)
        #expect(try device.curl("/state/User").status == 200)
        #expect(try device.curl("/nowhere").status == 404)
    }

    /// Whether an expression has a series with a number; a mean or a quantile of nothing is none.
    private func hasValue(_ expression: String, _ prometheus: PrometheusServer) throws -> Bool {
        let text = substituted(expression)
        // The rest is part of a regular expression.
        try #require(!text.replacing(#""$1""#, with: "").contains("$"), "a variable is left in \(text)")
        return try prometheus.query(text).contains { $0.value != "NaN" }
    }

    /// What a visitor may choose from.
    private func values(_ query: String, _ prometheus: PrometheusServer) throws -> [String] {
        let parts = try #require(substituted(query).wholeMatch(of: #/label_values\((.+), (\w+)\)/#), "\(query)")
        let reply = try prometheus.get("label/\(parts.2)/values", ["match[]": String(parts.1)])
        return try #require(reply["data"] as? [String])
    }

    /// Also where another part of the expression has data, and in alerts, which have none now.
    private func everyNameIsOfAMetric(_ prometheus: PrometheusServer, _ dashboard: Dashboard) throws {
        let known = try #require(try prometheus.get("label/__name__/values")["data"] as? [String])
        for expression in try dashboard.expressions.map(\.text) + AlertingRules.shipped().expressions {
            let bare = expression.replacing(#/"[^"]*"/#, with: "")
            let names = bare.matches(of: #/[\w:]+/#).map(\.0)
                .filter { $0 == "up" || $0.contains(#/^(\w+:)?(myosin|process|scrape)_/#) }
            #expect(!names.isEmpty || expression.contains("__name__"), "\(expression)")
            for name in names { #expect(known.contains(String(name)), "there is no \(name), but in \(expression)") }
        }
    }

    /// Nothing that the service tells of itself is overlooked, and a model is chosen where a metric has one.
    private func everyFamilyIsUsed(pages: [String], _ dashboard: Dashboard) throws {
        let expressions = dashboard.expressions.map(\.text)
        let text = (expressions + (try AlertingRules.shipped().expressions)).joined(separator: "\n")
        let page = pages.joined(separator: "\n")
        let families = Set(page.matches(of: #/(?m)^# TYPE (\w+) /#).map { String($0.1) })
        #expect(families.count > 40)
        let used = Set(text.matches(of: #/\w+/#).map { String($0.0) })
        let suffixes = ["", "_count", "_sum", "_bucket"]
        for family in families.sorted() where Self.unusedFamilies[family] == nil && !family.hasPrefix("myosin_state_") {
            #expect(suffixes.contains { used.contains(family + $0) }, "\(family) is nowhere on the dashboard")
        }
        for family in Self.unusedFamilies.keys { #expect(families.contains(family)) }
        let ofModels = Set(page.matches(of: #/(?m)^(\w+)\{model=/#).map { String($0.1) })
        #expect(ofModels.count > 20)
        for expression in expressions {
            for match in expression.matches(of: #/(\w+)\{([^}]*)\}/#) where ofModels.contains(String(match.1)) {
                #expect(match.2.contains(#"model=~"$model""#), "\(match.0) takes every model")
            }
        }
    }
}

/// A service that was of another version before it was started again.
private final class OtherService {
    let address: String
    private let old: Program

    /// Starts what has the metrics of an old version, and no more.
    init(in directory: TemporaryDirectory) throws {
        let page = """
            myosin_meta_info{version="0.0.1"} 1
            process_cpu_seconds_total 1000000
            process_start_time_seconds 1000000000

            """
        let server = try PageServer(page, in: directory.path + "/old")
        (old, address) = (server.program, server.address)
    }

    /// Starts the exporter in its place, with a model that has an enumeration.
    func restart() throws -> Started {
        #expect(old.end(with: SIGKILL).isSignalled)
        let program = try Program(
            Program.path(of: "myosin-exporter"),
            ["--state.models", repository + "/Tests/Integration/OpenAPI/models", "--web.listen-address", address]
                + Service.longDeadlines
        )
        let log = program.errors { $0.contains("Listening") }
        try #require(log.contains("Listening"), "it has not started: \(log)")
        return Started(program: program, address: address)
    }

    struct Started {
        fileprivate let program: Program
        fileprivate let address: String

        func page() throws -> String {
            try Program.run("/usr/bin/curl", ["-sS", "\(address)/metrics"] + Service.curlLimit).output
        }
    }
}
