import Foundation
import TestSupport
import Testing

/// Whether the panels show recorded pages correctly, where clusters have the same instance.
@Suite struct DashboardPagesTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The page of a service with a model that has a field of each kind; the numbers are 0 and 1.
    private static func state(_ number: Int, mode: String) -> String {
        let fields = [
            ("level", "level", "integer", ""), ("flow_litres", "flow", "number", "litres"),
            ("starts", "starts", "counter", ""),
            ("speed_rpm", "fans/speed", "number", "rpm"), ("is_on", "isOn", "boolean", ""),
            ("valve_open", "valves/open", "boolean", ""), ("mode", "mode", "stateset", ""),
        ]
        let infos = fields.map { name, field, kind, unit in
            "myosin_state_field_info{metric=\"myosin_state_pump_\(name)\",model=\"Pump\",field=\"/\(field)\",kind=\"\(kind)\","
                + "unit=\"\(unit)\"} 1\n"
        }
        let modes = ["off", "on"]
            .map {
                "myosin_state_pump_mode{myosin_state_pump_mode=\"\($0)\"} \($0 == mode ? 1 : 0)\n"
            }
        return """
            # TYPE myosin_state_pump_starts_total counter
            myosin_state_pump_level \(number)
            myosin_state_pump_flow_litres \(number)
            myosin_state_pump_starts_total \(number)
            myosin_state_pump_speed_rpm{fan="left"} \(number)
            myosin_state_pump_is_on \(number)
            myosin_state_pump_valve_open{valve="main"} \(number)

            """ + modes.joined() + infos.joined()
    }

    /// The page of a service that is ready, or is not for some reasons.
    private static func service(_ version: String, memory: Int, unready: Set<String>) -> String {
        let reasons = ["recovering", "disk-full", "quarantined-model"]
            .map {
                "myosin_unready{reason=\"\($0)\"} \(unready.contains($0) ? 1 : 0)\n"
            }
        return """
            myosin_meta_info{version="\(version)"} 1
            process_start_time_seconds 1000000000
            process_resident_memory_bytes \(memory)
            process_cpu_seconds_total 5
            myosin_http_requests_total{route="/metrics",method="GET",code="200"} 7
            myosin_http_requests_total{route="/state",method="GET",code="500"} 7

            """ + reasons.joined()
    }

    /// A Prometheus that has these pages, each as the same instance of a cluster of its own.
    private func prometheus(_ pages: [PageServer]) throws -> PrometheusServer {
        let targets = zip(["a", "b", "c"], pages)
            .map { cluster, page in
                "      - {targets: [\"\(page.address)\"], labels: {cluster: \(cluster), instance: same}}\n"
            }
        let head = "global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: myosin\n    static_configs:\n"
        return try PrometheusServer(head + targets.joined(), in: directory)
    }

    /// The queries of a panel, by name, where everything is chosen.
    private func queries(of title: String) throws -> [String: String] {
        let panel = try #require(try Dashboard.shipped().panels.first { $0.title == title && $0.type != "row" })
        let queries = (panel.targets ?? [])
            .map { target in
                let text = target.expr.replacing("$job", with: ".+").replacing("$instance", with: ".+")
                    .replacing("$model", with: ".+").replacing("$__rate_interval", with: "1h")
                    .replacing("$__range", with: "1h")
                return (target.refId, text)
            }
        return Dictionary(uniqueKeysWithValues: queries)
    }

    /// The legend of a series in a panel that has it from the labels: as Grafana writes and then renames it.
    private func legend(of sample: PrometheusServer.Sample, in title: String) throws -> String {
        let panel = try #require(try Dashboard.shipped().panels.first { $0.title == title })
        let labels = sample.labels.filter { $0.key != "__name__" }.map { "\($0.key)=\"\($0.value)\"" }.sorted()
        var name = "\(sample.labels["__name__"] ?? ""){\(labels.joined(separator: ", "))}"
        for transformation in panel.transformations ?? [] where transformation.id == "renameByRegex" {
            let pattern = try #require(transformation.options.regex)
            let template = try #require(transformation.options.renamePattern)
            let range = NSRange(name.startIndex..., in: name)
            name = try NSRegularExpression(pattern: "^\(pattern)$")
                .stringByReplacingMatches(in: name, range: range, withTemplate: template)
        }
        return name
    }

    @Test func eachFieldIsShownByTheKindThatItIs() async throws {
        let pages = try [
            PageServer(Self.state(0, mode: "off"), in: directory.path + "/a"),
            PageServer(Self.state(1, mode: "on"), in: directory.path + "/b"),
        ]
        let prometheus = try prometheus(pages)
        #expect(try await prometheus.value(of: "count(myosin_state_field_info)") { $0 == 14 } == 14)
        func shown(_ title: String) throws -> Set<String> {
            let query = try #require(try queries(of: title)["A"])
            return Set(try prometheus.query(query).map { "\(try legend(of: $0, in: title)) \($0.value)" })
        }
        // A scrape that comes too late leaves a page without samples for a moment.
        func expectShown(_ title: String, _ expected: Set<String>) async throws {
            var found: Set<String> = []
            try await prometheus.wait {
                found = try shown(title)
                return found == expected
            }
            #expect(found == expected, "\(title)")
        }
        func both(_ name: String, _ labels: String = "") -> [String] {
            [0, 1]
                .map { number in
                    "myosin_state_pump_\(name){cluster=\"\(number == 0 ? "a" : "b")\"\(labels), instance=\"same\"} \(number)"
                }
        }
        let speeds = both("speed_rpm", #", fan="left""#)
        try await expectShown("Numbers", Set(both("level") + both("flow_litres") + both("starts_total") + speeds))
        let valves = both("valve_open").map { $0.replacing("}", with: #", valve="main"}"#) }
        try await expectShown("Booleans", Set(both("is_on") + valves))
        let choices: Set = [
            #"cluster="a", instance="same", myosin_state_pump_mode="off" 1"#,
            #"cluster="b", instance="same", myosin_state_pump_mode="on" 1"#,
        ]
        try await expectShown("Choices", choices)
        withExtendedLifetime(pages) {}
    }

    /// Grafana merges the rows that have equal values in the columns of all queries.
    @Test func theFleetHasOneRowForEachService() async throws {
        let unready: Set = ["recovering", "quarantined-model"]
        let pages = try [
            PageServer(Self.service("1.0", memory: 1, unready: []), in: directory.path + "/a"),
            PageServer(Self.service("1.1", memory: 2, unready: unready), in: directory.path + "/b"),
            PageServer(Self.service("1.0", memory: 3, unready: []), in: directory.path + "/c"),
        ]
        let prometheus = try prometheus(pages)
        // Each has been scraped twice, and not only asked.
        let scraped = "count(count_over_time(process_cpu_seconds_total[1h]) > 1)"
        #expect(try await prometheus.value(of: scraped) { $0 == 3 } == 3)
        #expect(pages[2].program.end(with: SIGKILL).isSignalled)
        var tables: [String: [PrometheusServer.Sample]] = [:]
        let queries = try queries(of: "Fleet")
        // A scrape that comes too late counts as down, and one may come between two of the queries.
        let isShown = try await prometheus.wait {
            tables = try queries.mapValues { try prometheus.query($0) }
            let up = Set(tables["A"]?.map { "\($0.labels["cluster"] ?? "") \($0.value)" } ?? [])
            let down = tables["C"]?.filter { $0.labels["reason"] == "down" }.map { $0.labels["cluster"] }
            return up == ["a 1", "b 1", "c 0"] && down == ["c"] && tables["B"]?.count == 2 && tables["G"]?.count == 2
        }
        #expect(isShown, "\(tables)")
        let columns = try tables.values.filter { !$0.isEmpty }.map { Set(try #require($0.first).labels.keys) }
        let common = try #require(columns.first).intersection(columns.reduce(columns[0]) { $0.intersection($1) })
        #expect(common == ["job", "instance", "cluster"])
        var rows: [[String: String]: [String: String]] = [:]
        for (query, table) in tables {
            for row in table {
                let key = row.labels.filter { common.contains($0.key) }
                var cells = row.labels.filter { !common.contains($0.key) }
                cells[query] = row.value
                rows[key, default: [:]]
                    .merge(cells) { former, new in
                        Issue.record("\(key) has two rows: \(former) and \(new)")
                        return new
                    }
            }
        }
        func cells(_ cluster: String) throws -> [String: String] {
            let row = try #require(rows[["job": "myosin", "instance": "same", "cluster": cluster]])
            return row.filter { ["A", "version", "reason", "F", "G", "H"].contains($0.key) }
        }
        #expect(rows.count == 3)
        #expect(try cells("a") == ["A": "1", "version": "1.0", "reason": "ready", "G": "1", "H": "0"])
        let second = try cells("b")
        #expect(second["reason"].map { unready.contains($0) } == true)
        #expect(second.filter { $0.key != "reason" } == ["A": "1", "version": "1.1", "G": "2", "H": "0"])
        #expect(try cells("c") == ["A": "0", "reason": "down", "H": "0"])
        withExtendedLifetime(pages) {}
    }
}
