import Foundation
import TestSupport
import Testing

@Suite struct PrometheusTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func promtoolFindsNothingWrongWithThePage() throws {
        let device = try Service("device-example", ["--state.path", directory.path + "/state"])
        let page = try device.curl("/metrics").body
        #expect(page.contains("myosin_commit_latency_count{model=\"Telemetry\"}"))
        try page.write(toFile: directory.path + "/page", atomically: true, encoding: .utf8)
        let check = try Program.run("/bin/sh", ["-c", "promtool check metrics < '\(directory.path)/page'"])
        #expect(check.status == 0)
        #expect(check.output + check.errors == "")
    }

    @Test func promtoolFindsNothingWrongWithTheConfiguration() throws {
        let path = repository + "/docker/prometheus/prometheus.yml"
        #expect(try Program.run("/usr/bin/promtool", ["check", "config", path]).status == 0)
    }

    @Test func prometheusScrapesTheDevice() async throws {
        let device = try Service("device-example", ["--state.path", directory.path + "/state"])
        let prometheus = try startPrometheus(scraping: device)
        let up = try await query(prometheus, #"up{job="myosin"}"#) { $0 == 1 }
        #expect(up == 1)
        let commits = #"myosin_commit_latency_count{model="Telemetry"}"#
        let first = try #require(try await query(prometheus, commits) { _ in true })
        let later = try await query(prometheus, commits) { $0 > first }
        #expect(try #require(later) > first)
        #expect(prometheus.program.end(with: SIGTERM).status == 0)
    }

    /// A Prometheus with the repository's configuration, which names the device's own port instead of 8000
    /// and scrapes each second so that the test need not wait.
    private func startPrometheus(scraping device: Service) throws -> (program: Program, address: String) {
        let shipped = try String(contentsOfFile: repository + "/docker/prometheus/prometheus.yml", encoding: .utf8)
        let adapted = shipped.replacing("localhost:8000", with: device.address)
            .replacing("scrape_interval: 5s", with: "scrape_interval: 1s")
        #expect(adapted.contains(device.address) && adapted.contains("scrape_interval: 1s"))
        let configuration = directory.path + "/prometheus.yml"
        try adapted.write(toFile: configuration, atomically: true, encoding: .utf8)
        // Nothing else uses this host.
        let address = try freeAddress(on: "127.77.0.2")
        let program = try Program(
            "/usr/bin/prometheus",
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(directory.path)/tsdb",
                "--web.listen-address=\(address)",
            ]
        )
        let log = program.errors { $0.contains("Server is ready") }
        try #require(log.contains("Server is ready"), "Prometheus says: \(log)")
        return (program, address)
    }

    /// Asks until the value of the first series fits; the last value after half a minute.
    private func query(
        _ prometheus: (program: Program, address: String),
        _ expression: String,
        until isEnough: (Double) -> Bool
    ) async throws -> Double? {
        struct Reply: Decodable {
            struct Content: Decodable { let result: [Series] }
            struct Series: Decodable { let value: [Value] }
            enum Value: Decodable {
                case time(Double)
                case sample(String)
                init(from decoder: any Decoder) throws {
                    let container = try decoder.singleValueContainer()
                    self = try (try? .time(container.decode(Double.self))) ?? .sample(container.decode(String.self))
                }
            }
            let data: Content
        }
        var value: Double?
        for _ in 0..<300 {
            let curl = try Program.run(
                "/usr/bin/curl",
                ["-sS", "-G", "\(prometheus.address)/api/v1/query", "--data-urlencode", "query=\(expression)"]
            )
            let reply = try JSONDecoder().decode(Reply.self, from: Data(curl.output.utf8))
            if case .sample(let text) = reply.data.result.first?.value.last { value = Double(text) }
            if let value, isEnough(value) { return value }
            // What is waited for comes from other processes, which cannot tell this one.
            try await Task.sleep(for: .milliseconds(100))
        }
        return value
    }
}
