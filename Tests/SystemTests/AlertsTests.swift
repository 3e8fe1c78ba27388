import Foundation
import TestSupport
import Testing

/// Whether each alert fires when what it means happens to a real process, and not to another one.
///
/// All processes are scraped by one Prometheus, which has the rules that are shipped, with shorter times.
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

    /// Without what a busy machine may do to any process for a second, which the shortened rules do not wait for.
    private static func withoutChance(_ alerts: Set<Firing>) -> Set<Firing> {
        alerts.filter { !["MyosinDown", "MyosinCommitLatencyHigh"].contains($0.alert) }
    }

    /// The rules, of which none waits and none looks back for minutes.
    private static func shortened(_ rules: String) throws -> String {
        let short = rules.replacing(#/for: \d+m/#, with: "for: 0s").replacing("[5m]", with: "[15s]")
        try #require(short.matches(of: #/for: 0s/#).count == 7)
        try #require(!short.contains(#/\[\d+m\]/#) && short.contains("[15s]"))
        return short
    }

    @Test func eachAlertFiresForWhatItMeans() async throws {
        let healthy = try BrokenService([directory.path + "/healthy"])
        let killed = try Service("myosin-exporter", [])
        let slow = try BrokenService([directory.path + "/slow", "flush=600"])
        let held = try BrokenService([directory.path + "/held"])
        let throwing = try BrokenService([directory.path + "/throwing", "throwing"])
        let dropping = try BrokenService([directory.path + "/dropping"])
        let full = try BrokenService(onSmallFileSystem: directory.path + "/full")
        let crowded = try BrokenService([directory.path + "/crowded"], openFilesMax: 128)
        let all = [healthy, slow, held, throwing, dropping, full, crowded]
        // A family of metrics must be there before it drops something, as it is in a process that has run for a while.
        for service in all { try service.tell("spread 1", expecting: "done") }
        let prometheus = try PrometheusServer.shipped(
            scraping: all.map(\.address) + [killed.address],
            in: directory,
            adapting: Self.shortened
        )
        let ups = #"count(up{job="myosin"} == 1)"#
        #expect(try await prometheus.value(of: ups) { $0 == 8 } == 8)
        let dropped = #"count(myosin_metrics_series_dropped_total{family="spread"})"#
        #expect(try await prometheus.value(of: dropped) { $0 == 7 } == 7)
        #expect(try Self.withoutChance(firing(prometheus)) == [])

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
        let crowd = try (0..<85).map { _ in try crowded.watch() }
        var seen: Set<Firing> = []
        let end = SuspendingClock.now + .seconds(120)
        while !expected.isSubset(of: seen), SuspendingClock.now < end {
            // Done again and again: what happened before Prometheus looked first is no increase.
            #expect(try healthy.put() == 200)
            #expect(try slow.put() == 200)
            try held.tell("hold Slot00 600", expecting: "held")
            #expect(try held.put() == 200)
            #expect(try throwing.put() == 200)
            try dropping.tell("spread 1100", expecting: "done")
            _ = try full.put()
            seen.formUnion(try firing(prometheus))
        }
        #expect(expected.subtracting(seen) == [])
        #expect(Self.withoutChance(seen.subtracting(expected)) == [])
        #expect(crowd.count == 85)
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
    convenience init(_ words: [String], openFilesMax: Int = 1_024) throws {
        let probe = Program.path(of: "service-probe")
        try self.init(command: ["/bin/sh", "-c", "ulimit -n \(openFilesMax); exec \"$@\"", "sh", probe] + words)
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
        program = try PipedProgram(command[0], Array(command.dropFirst()), hasInput: true)
        var lines = LineSplitter()
        address = try Self.line(of: program, &lines)
        self.lines = lines
    }

    private static func line(of program: PipedProgram, _ lines: inout LineSplitter) throws -> String {
        while true {
            let bytes = try #require(program.read(upTo: .seconds(60)), "the probe has ended")
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
        let curl = try Program.run(
            "/usr/bin/curl",
            ["-sS", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "-d", "\(samples)"]
                + ["\(address)/state/Slot00/samples"]
        )
        return try #require(Int(curl.output), "curl says: \(curl.errors)")
    }

    /// A client that watches a model of this service for as long as it is there.
    func watch() throws -> RawConnection {
        let connection = try RawConnection(address)
        try connection.send(Array("GET /state/Slot00?watch HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        return connection
    }
}
