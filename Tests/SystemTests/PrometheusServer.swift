import Foundation
import TestSupport
import Testing

/// A Prometheus that scrapes what a test tells it to, each second so that the test need not wait.
struct PrometheusServer {
    /// A series with its value.
    struct Sample: Hashable {
        let labels: [String: String]
        let value: String
    }

    let program: Program
    private let address: String

    /// Starts it with the text of a configuration; its file and its data go into a directory.
    init(_ configuration: String, in directory: TemporaryDirectory, _ arguments: String...) throws {
        let file = directory.path + "/prometheus.yml"
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        // Nothing else uses this host.
        address = try freeAddress(on: "127.77.0.2")
        program = try Program(
            "/usr/bin/prometheus",
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(directory.path)/tsdb",
                "--web.listen-address=\(address)",
            ] + arguments
        )
        let log = program.errors { $0.contains("Server is ready") }
        try #require(log.contains("Server is ready"), "Prometheus says: \(log)")
    }

    /// What its API has at a path.
    func get(_ path: String, _ parameters: [String: String] = [:]) throws -> [String: Any] {
        let fields = parameters.flatMap { ["--data-urlencode", "\($0.key)=\($0.value)"] }
        let curl = try Program.run("/usr/bin/curl", ["-sS", "-G", "\(address)/api/v1/\(path)"] + fields)
        let object = try JSONSerialization.jsonObject(with: Data(curl.output.utf8))
        return try #require(object as? [String: Any])
    }

    /// The series that an expression has now.
    func query(_ expression: String) throws -> [Sample] {
        let data = try get("query", ["query": expression])["data"] as? [String: Any]
        let result = try #require(data?["result"] as? [[String: Any]])
        return result.compactMap { series in
            guard let labels = series["metric"] as? [String: String], let value = series["value"] as? [Any],
                let text = value.last as? String
            else { return nil }
            return Sample(labels: labels, value: text)
        }
    }

    /// Asks until the value of the first series fits; the last value after half a minute.
    func value(of expression: String, until isEnough: (Double) -> Bool = { _ in true }) async throws -> Double? {
        var value: Double?
        for _ in 0..<300 {
            if let sample = try query(expression).first { value = Double(sample.value) }
            if let value, isEnough(value) { return value }
            // What is waited for comes from other processes, which cannot tell this one.
            try await Task.sleep(for: .milliseconds(100))
        }
        return value
    }
}
