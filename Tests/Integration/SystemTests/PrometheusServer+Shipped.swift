import Foundation
import TestSupport
import Testing

extension PrometheusServer {
    /// Where the configuration that is shipped is.
    static let shippedFiles = repository + "/docker/prometheus"

    /// The shipped configuration with its rules, which looks each second so that a test need not wait.
    ///
    /// - Parameters:
    ///   - addresses: what to scrape, instead of the service on port 8000.
    ///   - devices: the targets of a second job, with the name devices.
    ///   - directory: where the files go.
    ///   - adapt: what a test changes of the rules.
    /// - Returns: the Prometheus, which runs.
    /// - Throws: when something is not as the test expects it in the files, or Prometheus does not start.
    static func shipped(
        scraping addresses: [String],
        and devices: [String] = [],
        in directory: TemporaryDirectory,
        adapting adapt: (String) throws -> String = { $0 }
    ) throws -> PrometheusServer {
        try scrape(addresses, in: directory)
        try write(adapt(try text("rules.yml")), "rules.yml", in: directory)
        var configuration = try text("prometheus.yml")
        if !devices.isEmpty {
            configuration += """
                  - job_name: devices
                    static_configs: [{targets: [\(list(devices))]}]

                """
        }
        let adapted = configuration.replacing("scrape_interval: 5s", with: "scrape_interval: 1s")
            .replacing("evaluation_interval: 15s", with: "evaluation_interval: 1s")
        try #require(adapted.contains("scrape_interval: 1s") && adapted.contains("evaluation_interval: 1s"))
        return try PrometheusServer(adapted, in: directory)
    }

    /// Changes what the Prometheus of a directory scrapes in the job myosin; it notices by itself.
    ///
    /// - Parameters:
    ///   - addresses: the targets from now on.
    ///   - directory: the one that its files are in.
    /// - Throws: when the file that is shipped is not as the test expects it.
    static func scrape(_ addresses: [String], in directory: TemporaryDirectory) throws {
        let targets = try text("targets.yml")
        try #require(targets.contains(#"["localhost:8000"]"#))
        try write(targets.replacing(#""localhost:8000""#, with: list(addresses)), "targets.yml", in: directory)
    }

    private static func list(_ addresses: [String]) -> String {
        addresses.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    private static func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(shippedFiles)/\(name)", encoding: .utf8)
    }

    private static func write(_ text: String, _ name: String, in directory: TemporaryDirectory) throws {
        try text.write(toFile: "\(directory.path)/\(name)", atomically: true, encoding: .utf8)
    }
}
