import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// A Prometheus that scrapes what a test tells it to, each second so that the test need not wait.
final class PrometheusServer {
    /// A series with its value.
    struct Sample: Hashable {
        let labels: [String: String]
        let value: String
    }

    let program: Program
    private let address: String
    private let file: String
    /// The text of the configuration, with the first interval.
    private let configuration: String
    /// The interval between scrapes, and the longer ones that may follow.
    private var intervals = ["1s", "5s", "20s", "1m"][...]

    /// Starts it with the text of a configuration; its file and its data go into a directory.
    init(_ configuration: String, in directory: TemporaryDirectory, _ arguments: String...) throws {
        try #require(configuration.contains("scrape_interval: 1s"))
        self.configuration = configuration
        file = directory.path + "/prometheus.yml"
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        program = try Program(
            "/usr/bin/prometheus",
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(directory.path)/tsdb",
                "--web.listen-address=127.0.0.1:0",
            ] + arguments
        )
        let listening = #/msg="Listening on" address=(\S+)\n/#
        let log = program.errors { $0.contains("Server is ready") && $0.contains(listening) }
        try #require(log.contains("Server is ready"), "Prometheus says: \(log)")
        address = String(try #require(log.firstMatch(of: listening), "Prometheus says: \(log)").1)
    }

    /// What its API has at a path.
    func get(_ path: String, _ parameters: [String: String] = [:]) throws -> [String: Any] {
        let fields = parameters.flatMap { ["--data-urlencode", "\($0.key)=\($0.value)"] }
        let words = ["-sS", "-G"] + Service.curlLimit + ["\(address)/api/v1/\(path)"] + fields
        let curl = try Program.run("/usr/bin/curl", words)
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

    // MARK: Waiting

    /// Waits until a condition holds that depends on scrapes.
    ///
    /// - Parameter holds: the condition.
    /// - Returns: whether it held before the end of ``patience``.
    /// - Throws: what the condition throws, and when Prometheus does not answer.
    @discardableResult
    func wait(until holds: () throws -> Bool) async throws -> Bool {
        let end = SuspendingClock.now + patience
        while try !holds() {
            if SuspendingClock.now > end { return false }
            try extendInterval()
            // The condition depends on other processes, which have no way to wake this one.
            try await Task.sleep(for: .milliseconds(100))
        }
        return true
    }

    /// Waits until the value of an expression's first series fits.
    ///
    /// - Parameters:
    ///   - expression: what to ask for.
    ///   - isEnough: whether the value fits.
    /// - Returns: the last value; nil if there was none.
    /// - Throws: when Prometheus does not answer.
    func value(of expression: String, until isEnough: (Double) -> Bool = { _ in true }) async throws -> Double? {
        var value: Double?
        try await wait {
            if let sample = try query(expression).first { value = Double(sample.value) }
            return value.map { isEnough($0) } ?? false
        }
        return value
    }

    /// Whether scrapes come less often than at first, which has left each target without a sample for a moment.
    var hasLongerInterval: Bool { intervals.first != "1s" }

    /// Lets scrapes take longer when one was cut off: Prometheus allows none to take longer than the interval.
    private func extendInterval() throws {
        guard let interval = intervals.first, intervals.count > 1 else { return }
        let data = try get("targets", ["state": "active"])["data"] as? [String: Any]
        let targets = data?["activeTargets"] as? [[String: Any]] ?? []
        // Those of an earlier interval are there until the new configuration is in force.
        let isTooShort = targets.contains { target in
            target["scrapeInterval"] as? String == interval
                && (target["lastError"] as? String)?.contains("deadline exceeded") == true
        }
        guard isTooShort else { return }
        intervals.removeFirst()
        let next = intervals.first ?? interval
        try configuration.replacing("scrape_interval: 1s", with: "scrape_interval: \(next)")
            .write(toFile: file, atomically: true, encoding: .utf8)
        program.send(SIGHUP)
    }
}
