import Foundation
import IntegrationSupport
import TestSupport
import Testing

@Suite struct PrometheusTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func promtoolFindsNothingWrongWithThePage() throws {
        let device = try Service("device-example", ["--state.path", directory.path + "/state"])
        let page = try device.curl("/metrics").body
        #expect(page.contains("myosin_commit_latency_count{model=\"Telemetry\"}"))
        try promtoolAccepts(page)
    }

    private func promtoolAccepts(_ page: String) throws {
        try page.write(toFile: directory.path + "/page", atomically: true, encoding: .utf8)
        let check = try Program.run("/bin/sh", ["-c", "promtool check metrics < '\(directory.path)/page'"])
        #expect(check.status == 0)
        #expect(check.output + check.errors == "")
    }

    /// The model of the manual, with counters and labelled series, and a page without the summaries.
    @Test func promtoolAndAStrictReaderAcceptCountersAndElements() throws {
        let article = try Article("Sources/MyosinService/MyosinService.docc/DeclaringModels.md")
        let manual = try #require(article.blocks("json").first { $0.contains("x-metric-label") })
        let mode = #""mode": {"type": "string", "enum": ["auto", "off"]}, "up": "#
        let schema = manual.replacing(#""up": "#, with: mode)
        try schema.write(toFile: directory.path + "/Gateway.schema.json", atomically: true, encoding: .utf8)
        let exporter = try Service(
            "myosin-exporter",
            ["--state.models", directory.path, "--no-web.metrics-summaries"]
        )
        let state = """
            {"interfaces": {"eth0": {"up": true, "received": 5, "mode": "off"}, "a\\"\\n": {"up": false}},
             "sensors": [{"name": "case", "value": 40.5}, {"name": "idle"}]}
            """
        #expect(try exporter.curl("/state/Gateway", "-X", "PATCH", "-d", state).status == 200)
        let page = try exporter.curl("/metrics").body
        #expect(!page.contains("_latency"))
        for line in [
            #"myosin_state_gateway_interfaces_received_bytes_total{interface="eth0"} 5"#,
            #"myosin_state_gateway_interfaces_mode{interface="eth0",myosin_state_gateway_interfaces_mode="off"} 1"#,
            #"myosin_state_gateway_interfaces_up{interface="a\"\n"} 0"#,
            #"myosin_state_gateway_interfaces_up{interface="eth0"} 1"#,
            #"myosin_state_gateway_sensors_value_celsius{name="case"} 40.5"#,
            #"myosin_state_field_info{metric="myosin_state_gateway_interfaces_received_bytes_total",model="Gateway",field="/interfaces/{interface}/received",kind="counter",unit="bytes"} 1"#,
        ] { #expect(page.contains("\n\(line)\n"), "\(line)") }
        try promtoolAccepts(page)
        let families = try strictReading(of: exporter)
        #expect(families.contains("myosin_state_gateway_interfaces_received_bytes counter bytes\n"))
        #expect(families.contains("myosin_state_gateway_interfaces_mode stateset \n"))
        #expect(families.contains("myosin_state_field info \n"))
    }

    @Test func prometheusScrapesTheDevice() async throws {
        let device = try Service("device-example", ["--state.path", directory.path + "/state"])
        let prometheus = try PrometheusServer.shipped(scraping: [device.address], in: directory)
        #expect(try await prometheus.value(of: #"up{job="myosin"}"#) { $0 == 1 } == 1)
        #expect(try await prometheus.value(of: "uplink_attempts_total") { $0 >= 1 } ?? 0 >= 1)
        let commits = #"myosin_commit_latency_count{model="Telemetry"}"#
        let first = try #require(try await prometheus.value(of: commits))
        let later = try await prometheus.value(of: commits) { $0 > first }
        #expect(try #require(later) > first)
        #expect(prometheus.program.end(with: SIGTERM).status == 0)
    }

    // MARK: OpenMetrics

    private static let openMetrics = "application/openmetrics-text;version=1.0.0"

    /// Python's prometheus_client has a strict reader.
    @Test(arguments: [[], ["--web.metrics-created"]]) func thePageIsStrictOpenMetrics(arguments: [String]) throws {
        let exporter = try Service("myosin-exporter", arguments)
        for path in ["/state", "/state/User", "/nowhere"] { _ = try exporter.curl(path, "-H", Self.traceparent) }
        let page = try exporter.curl("/metrics", "-H", "Accept: \(Self.openMetrics)").body
        #expect(page.contains(" # {trace_id="))
        #expect(page.contains("_created{") == !arguments.isEmpty)
        let families = try strictReading(of: exporter)
        for family in [
            "myosin_meta info ", "myosin_cb_exc_count counter ", "myosin_commit_duration_seconds histogram seconds",
            "myosin_state_telemetry_temperature_celsius gauge celsius", "myosin_commit_latency summary ",
            "myosin_http_response_size_bytes histogram bytes", "process_cpu_seconds counter seconds",
        ] { #expect(families.contains("\(family)\n"), "\(family) in \(families)") }
    }

    /// What Python's prometheus_client reads from a page in OpenMetrics: a line for each family.
    private func strictReading(of exporter: Service) throws -> String {
        let page = try exporter.curl("/metrics", "-H", "Accept: \(Self.openMetrics)").body
        let file = directory.path + "/page"
        try page.write(toFile: file, atomically: true, encoding: .utf8)
        let script = """
            import sys
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
            for family in text_string_to_metric_families(open(sys.argv[1], newline="").read()):
                print(family.name, family.type, family.unit)
            """
        let library = try PythonPackages.install(["prometheus_client==0.26.0"], as: "prometheus_client-0.26.0")
        let ending = try Program.run(
            "/usr/bin/env",
            ["python3", "-c", script, file],
            environment: ["PYTHONPATH": library]
        )
        #expect(ending.status == 0, "\(ending.errors)")
        return ending.output
    }

    private static let traceparent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    /// A field of the state, a second later in Prometheus.
    @Test func prometheusHasTheStateAndWhatOpenMetricsAdds() async throws {
        let exporter = try Service("myosin-exporter", [])
        #expect(
            try exporter.curl("/state/Telemetry/temperature", "-X", "PUT", "-d", "-3.25", "-H", Self.traceparent).status
                == 200
        )
        let nginx = try TextProxy(to: exporter.address, in: directory)
        let prometheus = try PrometheusServer(
            """
            global: {scrape_interval: 1s}
            scrape_configs:
            - {job_name: open, static_configs: [{targets: ["\(exporter.address)"], labels: {instance: x}}]}
            - {job_name: text, static_configs: [{targets: ["\(nginx.address)"], labels: {instance: x}}]}
            """,
            in: directory,
            "--enable-feature=exemplar-storage"
        )
        for job in ["open", "text"] {
            let field = #"myosin_state_telemetry_temperature_celsius{job="\#(job)"}"#
            #expect(try await prometheus.value(of: field) == -3.25, "\(job)")
        }
        // Both jobs come to have the same series, of the same values where scraping does not change them.
        func series(_ job: String, _ names: String) throws -> Set<PrometheusServer.Sample> {
            let samples = try prometheus.query(#"{job="\#(job)",__name__=~"\#(names)"}"#)
            return Set(
                samples.map { sample in
                    PrometheusServer.Sample(labels: sample.labels.filter { $0.key != "job" }, value: sample.value)
                }
            )
        }
        let stable = "myosin_(state|commit|cb|meta|revision|subscriptions|missed|lock|cache|waiting).*"
        var (open, text): (Set<PrometheusServer.Sample>, Set<PrometheusServer.Sample>) = ([], [])
        try await prometheus.wait {
            (open, text) = (try series("open", stable), try series("text", stable))
            return open == text && open.count > 100
        }
        #expect(open == text)
        #expect(open.count > 100)
        let all = "(myosin|process)_.*"
        let haveSameNames = try await prometheus.wait {
            Set(try series("open", all).map(\.labels)) == Set(try series("text", all).map(\.labels))
        }
        #expect(haveSameNames)
        var metadata: [String: [[String: String]]] = [:]
        try await prometheus.wait {
            metadata = try #require(try prometheus.get("metadata")["data"] as? [String: [[String: String]]])
            return Self.metadata.allSatisfy { metadata[$0.key]?.contains($0.value) == true }
        }
        for (name, entry) in Self.metadata {
            #expect(metadata[name]?.contains(entry) == true, "\(name): \(metadata[name] ?? [])")
        }
        let request = [
            "query": #"myosin_http_request_duration_seconds_bucket{job="open"}"#, "start": "0", "end": "9999999999",
        ]
        var labels: [String: String]?
        try await prometheus.wait {
            let found = try #require(try prometheus.get("query_exemplars", request)["data"] as? [[String: Any]])
            let exemplars = found.first?["exemplars"] as? [[String: Any]]
            labels = exemplars?.first?["labels"] as? [String: String]
            return labels != nil
        }
        #expect(labels?["trace_id"] == "0af7651916cd43dd8448eb211c80319c")
        #expect(prometheus.program.end(with: SIGTERM).status == 0)
    }

    /// What Prometheus knows of some families.
    private static let metadata = [
        "myosin_state_telemetry_temperature_celsius": [
            "type": "gauge", "unit": "celsius", "help": "The temperature of the air.",
        ],
        "myosin_meta": ["type": "info", "unit": "", "help": "Installed version of myosin."],
        "myosin_cb_exc_count": ["type": "counter", "unit": "", "help": "Errors thrown by subscribers."],
        "process_resident_memory_bytes": ["type": "gauge", "unit": "bytes", "help": "Resident memory."],
    ]
}

/// An nginx that asks for the classic text, whatever whoever asks it wants.
private struct TextProxy {
    let address: String
    private let program: Program

    init(to upstream: String, in directory: TemporaryDirectory) throws {
        address = try freeAddress(on: "127.77.0.3")
        let file = directory.path + "/nginx.conf"
        try """
        daemon off; master_process off; pid \(directory.path)/nginx.pid; error_log stderr notice;
        events {}
        http {
            access_log off;
            client_body_temp_path \(directory.path)/body; proxy_temp_path \(directory.path)/proxy;
            fastcgi_temp_path \(directory.path)/fastcgi; uwsgi_temp_path \(directory.path)/uwsgi; scgi_temp_path \(directory.path)/scgi;
            server {
                listen \(address);
                location / {
                    proxy_pass http://\(upstream);
                    proxy_set_header Accept "text/plain;version=0.0.4";
                    proxy_set_header Accept-Encoding gzip;
                    proxy_set_header Host localhost;
                }
            }
        }
        """
        .write(toFile: file, atomically: true, encoding: .utf8)
        program = try Program("/usr/sbin/nginx", ["-c", file, "-e", "stderr"])
        _ = program.errors { $0.contains("start worker processes") || $0.contains("using the \"epoll\"") }
    }
}
