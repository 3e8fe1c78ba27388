import Foundation
import TestSupport
import Testing

/// Whether the dashboard is one that Grafana reads as it is meant, and that shows every part of the service alike.
@Suite struct DashboardTests {
    @Test func theDashboardKeepsTheRules() throws {
        #expect(try DashboardCheck(try Dashboard.text()).faults == [])
    }

    /// What somebody may do to the dashboard, and what the check says of it.
    private static let mistakes: [(old: String, new: String, fault: String)] = [
        ("\"description\": \"Threads of the process.\",", "", "Threads has no description."),
        ("\"title\": \"Threads\"", "\"title\": \"\"", "has no title."),
        ("\"unit\": \"reqps\"", "\"unit\": \"\"", "Requests by route has no unit."),
        ("process_threads{job=~\\\"$job\\\", ", "process_threads{", "Threads A asks without job=~\"$job\"."),
        (", instance=~\\\"$instance\\\"}", "}", "Restarts asks without instance=~\"$instance\"."),
        (
            "process_threads{job=~\\\"$job\\\", instance=~\\\"$instance\\\"}", "process_threads",
            "Threads A asks for every"
        ),
        (
            "instance=~\\\"$instance\\\"}[$__rate_interval])", "instance=~\\\"$instance\\\"}[5m])",
            "a range of its own: 5m."
        ),
        (" > 0)\"", ")\"", "divides by zero."),
        (
            "\"legendFormat\": \"{{instance}} {{route}} {{cluster}}\"", "\"legendFormat\": \"\"",
            "shows bare label sets."
        ),
        ("sum without (code)", "sum by (route, method)", "mixes targets: by (route, method)."),
        (" and on (job, instance, metric) ", " and on (job, instance) ", "mixes targets: on (job, instance)."),
        ("/d/myosin?${datasource:queryparam}", "http://${instance}/?", "leads nowhere where several are chosen."),
        ("\"uid\": \"${datasource}\"", "\"uid\": \"prometheus\"", "The data source prometheus is fixed."),
        ("\"id\": 10,", "\"id\": 11,", "Two panels have one id."),
        ("\"x\": 12,", "\"x\": 11,", "lies on another panel."),
        ("\"x\": 12,", "\"x\": 22,", "is beside the grid."),
        ("\"refId\": \"B\"", "\"refId\": \"A\"", "have one name."),
        ("\"id\": null", "\"id\": 7", "The dashboard has a number."),
        ("\"schemaVersion\": 41", "\"schemaVersion\": 16", "The dashboard has another form."),
        ("\"uid\": \"myosin\"", "\"uid\": \"Xk3\"", "The dashboard has another uid."),
        ("\"timezone\"", "\"__inputs\": [], \"timezone\"", "The dashboard needs __inputs."),
        ("\"multi\": true", "\"multi\": false", "Only one job may be chosen."),
    ]

    @Test(arguments: mistakes.indices) func aMistakeIsSeen(number: Int) throws {
        let (old, new, fault) = Self.mistakes[number]
        let text = try Dashboard.text()
        let range = try #require(text.range(of: old), "the dashboard has no \(old)")
        let faults = try DashboardCheck(text.replacingCharacters(in: range, with: new)).faults
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    @Test func theDashboardHasARowForEachPartOfTheService() throws {
        let dashboard = try Dashboard.shipped()
        let rows = dashboard.panels.filter { $0.type == "row" }.map(\.title)
        #expect(
            rows == [
                "Overview", "State", "Checkout, Commit, Cache", "Locks and subscribers", "HTTP", "Exporter", "Process",
            ]
        )
        #expect(dashboard.templating.list.map(\.name) == ["datasource", "job", "instance", "model"])
        #expect(dashboard.annotations.list.map(\.name) == ["Restarts", "Version changes"])
        #expect(
            Set(dashboard.panels.map(\.type)) == ["row", "stat", "table", "timeseries", "state-timeline", "heatmap"]
        )
    }

    /// The links work for each instance, also where several are chosen.
    @Test func theRowsOfTheFleetLinkToTheirInstances() throws {
        let dashboard = try Dashboard.shipped()
        #expect(dashboard.links.map(\.url) == ["/d/myosin?${datasource:queryparam}&${__url_time_range}"])
        let fleet = try #require(dashboard.panels.first { $0.title == "Fleet" })
        let links = fleet.fieldConfig?.overrides.filter { $0.matcher.options == "Instance" }
            .flatMap { $0.properties.flatMap(\.links) }
        #expect(
            links == [
                "/d/myosin?${datasource:queryparam}&var-instance=${__value.text}&${__url_time_range}",
                "http://${__value.text}/", "http://${__value.text}/metrics", "http://${__value.text}/readyz",
            ]
        )
    }

    /// Grafana's own models of dashboards, for Python, read it and write it again: what they do not know would be lost.
    @Test func grafanasModelsLoseNoKey() throws {
        let library = try PythonPackages.install(
            ["grafana-foundation-sdk==1769699241"],
            as: "grafana-foundation-sdk-1769699241"
        )
        let script = """
            import json, sys
            from grafana_foundation_sdk.cog.encoder import JSONEncoder
            from grafana_foundation_sdk.cog.plugins import register_default_plugins
            from grafana_foundation_sdk.models.dashboard import Dashboard

            def compare(ours, theirs, path):
                if isinstance(ours, dict) and isinstance(theirs, dict):
                    for key, value in ours.items():
                        if key in theirs:
                            compare(value, theirs[key], f"{path}/{key}")
                        elif value is not None:  # A null says the same as nothing.
                            print(f"{path}/{key} is lost")
                elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
                    for index, pair in enumerate(zip(ours, theirs)):
                        compare(*pair, f"{path}/{index}")
                elif ours != theirs:
                    print(f"{path} is {theirs} instead of {ours}")

            register_default_plugins()
            ours = json.load(sys.stdin)
            theirs = json.loads(JSONEncoder().encode(Dashboard.from_json(ours)))
            compare(ours, theirs, "")
            print(len(theirs["panels"]), "panels")
            """
        func lost(_ text: String) throws -> String {
            let directory = try TemporaryDirectory()
            try text.write(toFile: directory.path + "/dashboard", atomically: true, encoding: .utf8)
            let ending = try Program.run(
                "/bin/sh",
                ["-c", "exec python3 -c \"$0\" < '\(directory.path)/dashboard'", script],
                environment: ["PYTHONPATH": library]
            )
            try #require(ending.status == 0, "\(ending.errors)")
            return ending.output
        }
        let text = try Dashboard.text()
        let count = try Dashboard(parsing: text).panels.count
        #expect(count > 50)
        #expect(try lost(text) == "\(count) panels\n")
        // A key that no Grafana knows.
        let wrong = try #require(text.range(of: #""drawStyle""#))
        #expect(try lost(text.replacingCharacters(in: wrong, with: #""drawStile""#)).contains("/drawStile is lost"))
    }

    // MARK: Provisioning

    private struct Sources: Decodable {
        struct Source: Decodable { var type, uid, url: String }

        var apiVersion: Int
        var datasources: [Source]
    }

    private struct Providers: Decodable {
        struct Provider: Decodable {
            struct Options: Decodable { var path: String }

            var type: String
            var options: Options
        }

        var apiVersion: Int
        var providers: [Provider]
    }

    @Test func theDataSourceIsTheOneThatTheDashboardStartsWith() throws {
        let sources = try YAMLFile.read("grafana/provisioning/datasources/myosin.yml", as: Sources.self)
        let source = try #require(sources.datasources.first)
        #expect(sources.apiVersion == 1 && sources.datasources.count == 1)
        #expect(source.type == "prometheus" && source.uid == "prometheus" && source.url == "http://prometheus:9090")
        #expect(try Dashboard.text().contains("\"value\": \"\(source.uid)\""))
    }

    @Test func theDashboardsAreWhereGrafanaLooks() throws {
        let providers = try YAMLFile.read("grafana/provisioning/dashboards/myosin.yml", as: Providers.self)
        #expect(providers.apiVersion == 1)
        #expect(providers.providers.map(\.type) == ["file"])
        #expect(providers.providers.map(\.options.path) == ["/var/lib/grafana/dashboards"])
    }
}
