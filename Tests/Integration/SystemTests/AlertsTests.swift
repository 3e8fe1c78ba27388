import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Whether each alert fires when what it means happens to a real process, and not to another one.
///
/// All processes are scraped by one Prometheus, which has the rules that are shipped, with other times.
@Suite struct AlertsTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// An alert, and whom it is about.
    private struct Firing: Hashable {
        let alert: String
        let instance: String
    }

    private func firing(_ prometheus: PrometheusServer) throws -> Set<Firing> {
        let data = try prometheus.get("alerts")["data"] as? [String: Any]
        let alerts = try #require(data?["alerts"] as? [[String: Any]])
        return Set(
            alerts.compactMap { alert in
                guard alert["state"] as? String == "firing", let labels = alert["labels"] as? [String: String],
                    let name = labels["alertname"], let instance = labels["instance"]
                else { return nil }
                return Firing(alert: name, instance: instance)
            }
        )
    }

    /// The families that an alert judges by the time that something took.
    private static let durations = [
        "MyosinCommitLatencyHigh": ["myosin_commit_duration_seconds", "myosin_cache_duration_seconds"],
        "MyosinLockWaitHigh": ["myosin_lock_wait_seconds"],
    ]

    /// The alerts without those that a busy machine causes in a process to which nothing is done, because these rules do not wait.
    ///
    /// It may keep any process from answering a scrape in time, and may hold up a commit or a lock. The process itself has counted
    /// the latter, otherwise the alert is wrong.
    private static func withoutChance(_ alerts: Set<Firing>, _ services: [BrokenService]) throws -> Set<Firing> {
        try alerts.filter { firing in
            if firing.alert == "MyosinDown" { return false }
            guard let families = durations[firing.alert] else { return true }
            let service = services.first { $0.address == firing.instance }
            return try service?.hasSlowOnes(in: families) != true
        }
    }

    /// The rules, none of which waits, and which look back for so long that they see all that the test does.
    private static func adapted(_ rules: String) throws -> String {
        let adapted = rules.replacing(#/for: \d+m/#, with: "for: 0s").replacing("[5m]", with: "[1h]")
        try #require(adapted.matches(of: #/for: 0s/#).count == 7)
        try #require(!adapted.contains(#/\[\d+m\]/#) && adapted.contains("[1h]"))
        return adapted
    }

    @Test func eachAlertFiresForWhatItMeans() async throws {
        let healthy = try BrokenService([directory.path + "/healthy"])
        let killed = try Service("myosin-exporter", [])
        let slow = try BrokenService([directory.path + "/slow", "flush=600"])
        let held = try BrokenService([directory.path + "/held"])
        let throwing = try BrokenService([directory.path + "/throwing", "throwing"])
        let dropping = try BrokenService([directory.path + "/dropping"])
        let full = try BrokenService(onSmallFileSystem: directory.path + "/full")
        let crowded = try BrokenService([directory.path + "/crowded"], maxOpenFiles: 128)
        let all = [healthy, slow, held, throwing, dropping, full, crowded]
        // A family of metrics must be there before it drops something, as it is in a process that has run for a while.
        for service in all { try service.tell("spread 1", expecting: "done") }
        let prometheus = try PrometheusServer.shipped(
            scraping: all.map(\.address) + [killed.address],
            in: directory,
            adapting: Self.adapted
        )
        let ups = #"count(up{job="myosin"} == 1)"#
        #expect(try await prometheus.value(of: ups) { $0 == 8 } == 8)
        let dropped = #"count(myosin_metrics_series_dropped_total{family="spread"})"#
        #expect(try await prometheus.value(of: dropped) { $0 == 7 } == 7)
        #expect(try Self.withoutChance(firing(prometheus), all) == [])

        let expected: Set<Firing> = [
            Firing(alert: "MyosinDown", instance: killed.address),
            Firing(alert: "MyosinCommitLatencyHigh", instance: slow.address),
            Firing(alert: "MyosinLockWaitHigh", instance: held.address),
            Firing(alert: "MyosinCallbackErrors", instance: throwing.address),
            Firing(alert: "MyosinSeriesDropped", instance: dropping.address),
            Firing(alert: "MyosinReadOnly", instance: full.address),
            Firing(alert: "MyosinFdExhaustion", instance: crowded.address),
        ]
        #expect(killed.program.end(with: SIGKILL).isSignalled)
        try full.tell("fill", expecting: "done")
        // Nine in ten of its descriptors; how many it has inherited depends on what started the tests.
        let crowd = try (0..<115 - crowded.openFiles()).map { _ in try crowded.watch() }
        var seen: Set<Firing> = []
        for alert in expected where !seen.contains(alert) {
            try await prometheus.wait {
                // Done again and again: what happened before Prometheus looked first is no increase.
                #expect(try healthy.put() == 200)
                #expect(try slow.put() == 200)
                // The lock is held until the put has waited for it for more than half a second, however late the put comes.
                try held.tell("contend Slot00 600", expecting: "held")
                #expect(try held.put() == 200)
                #expect(try throwing.put() == 200)
                try dropping.tell("spread 1100", expecting: "done")
                // Small ones find room, which the store makes by emptying its log.
                _ = try full.putLarge()
                seen.formUnion(try firing(prometheus))
                return seen.contains(alert)
            }
        }
        #expect(expected.subtracting(seen) == [])
        #expect(try Self.withoutChance(seen.subtracting(expected), all) == [])
        withExtendedLifetime(crowd) {}
    }
}

/// A service that something is done to.
private final class BrokenService {
    let address: String
    private let program: PipedProgram
    private var lines = LineSplitter()
    /// What was put last; what is there already is no change.
    private var samples = 0

    /// Starts the probe with its words; a limit of open files is set where one is given.
    convenience init(_ words: [String], maxOpenFiles: Int = 1_024) throws {
        let probe = Program.path(of: "service-probe")
        try self.init(command: ["/bin/sh", "-c", "ulimit -n \(maxOpenFiles); exec \"$@\"", "sh", probe] + words)
    }

    /// Starts the probe in a file system of its own, which is soon full.
    convenience init(onSmallFileSystem directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let script = "mount -t tmpfs -o size=1m none \"$0\"; exec \"$@\""
        try self.init(
            command: ["/usr/bin/unshare", geteuid() == 0 ? "-m" : "-rm", "/bin/sh", "-ec", script, directory]
                + [Program.path(of: "service-probe"), directory]
        )
    }

    private init(command: [String]) throws {
        program = try PipedProgram(command[0], command.dropFirst() + ["patient"], hasInput: true)
        var lines = LineSplitter()
        address = try Self.line(of: program, &lines)
        self.lines = lines
    }

    private static func line(of program: PipedProgram, _ lines: inout LineSplitter) throws -> String {
        while true {
            let bytes = try #require(program.read(upTo: patience), "the probe has ended")
            try #require(!bytes.isEmpty, "the probe says nothing")
            if let line = lines.lines(adding: bytes).first { return line }
        }
    }

    /// Has it do something, and waits until it says that it has.
    func tell(_ command: String, expecting answer: String) throws {
        program.write(Array("\(command)\n".utf8))
        #expect(try Self.line(of: program, &lines) == answer)
    }

    /// Changes the model Slot00, durably; the status of the answer.
    func put() throws -> Int {
        samples += 1
        return try put("\(samples)", to: "samples")
    }

    /// The same with a value that is larger than what the log of the store takes.
    func putLarge() throws -> Int { try put("\"\(String(repeating: "x", count: 40_000))\"", to: "state") }

    private func put(_ value: String, to field: String) throws -> Int {
        let curl = try Program.run(
            "/usr/bin/curl",
            ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "-d", value] + Service.curlLimit
                + ["\(address)/state/Slot00/\(field)"]
        )
        return try #require(Int(curl.output), "curl says: \(curl.errors)")
    }

    /// Whether the process has counted anything in these families that took longer than the alerts allow, a quarter of a second.
    func hasSlowOnes(in families: [String]) throws -> Bool {
        // Of each family and model, how many were in time, and how many there are.
        var counts: [String: (inTime: String, all: String)] = [:]
        for line in try metrics().matches(of: #/(?m)^(\w+)_bucket\{model="(\w+)",le="(0\.25|\+Inf)"\} (\d+)$/#)
        where families.contains(String(line.1)) {
            let count = String(line.4)
            if line.3 == "+Inf" {
                counts["\(line.1) \(line.2)", default: ("", "")].all = count
            } else {
                counts["\(line.1) \(line.2)", default: ("", "")].inTime = count
            }
        }
        try #require(!counts.isEmpty, "the page has no \(families)")
        return counts.values.contains { $0.inTime != $0.all }
    }

    /// How many file descriptors it has open.
    func openFiles() throws -> Int {
        let line = try #require(try metrics().firstMatch(of: #/(?m)^process_open_fds (\d+)$/#))
        return try #require(Int(line.1))
    }

    private func metrics() throws -> String {
        let curl = try Program.run("/usr/bin/curl", ["-sSf", "\(address)/metrics"] + Service.curlLimit)
        try #require(curl.status == 0, "curl says: \(curl.errors)")
        return curl.output
    }

    /// A client that watches a model of this service for as long as it is there.
    func watch() throws -> RawConnection {
        let connection = try RawConnection(address)
        try connection.send(Array("GET /state/Slot00?watch HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        return connection
    }
}
