import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Whether each alert fires when what it means happens to a real process, and not to another one.
///
/// One Prometheus scrapes all processes. It has the rules that are shipped, with other times.
@Suite struct AlertsTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// An alert, and the target that it is about; empty where it is about none.
    private struct Firing: Hashable {
        let alert: String
        let instance: String
    }

    private func firing(_ prometheus: PrometheusServer) throws -> Set<Firing> {
        let data = try prometheus.get("alerts")["data"] as? [String: Any]
        let alerts = try #require(data?["alerts"] as? [[String: Any]])
        return Set(
            try alerts.compactMap { alert in
                guard alert["state"] as? String == "firing", let labels = alert["labels"] as? [String: String],
                    let name = labels["alertname"]
                else { return nil }
                // The reasons that a description has are a query of its own.
                let texts = try #require(alert["annotations"] as? [String: String])
                #expect(texts.values.allSatisfy { !$0.contains("error expanding template") && !$0.contains("()") })
                return Firing(alert: name, instance: labels["instance"] ?? "")
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
    /// It may keep any process from answering a scrape in time, and may hold up commits or locks. The process itself has counted
    /// the latter, otherwise the alert is wrong. A target that is no service of Myosin has no alert, whatever the machine does.
    private static func withoutChance(
        _ alerts: Set<Firing>,
        _ services: [BrokenService],
        _ others: [String],
        hadGap: Bool
    ) throws -> Set<Firing> {
        let ofScrapes = hadGap ? ["MyosinDown", "MyosinGone"] : ["MyosinDown"]
        return try alerts.filter { firing in
            let service = services.first { $0.address == firing.instance }
            if ofScrapes.contains(firing.alert) { return service == nil && !others.contains(firing.instance) }
            guard let families = durations[firing.alert] else { return true }
            return try service?.hasSlowOnes(in: families) != true
        }
    }

    /// The rules, none of which waits, and which look back for so long that they see all that the test does.
    private static func adapted(_ rules: String) throws -> String {
        let adapted = rules.replacing(#/for: \d+m/#, with: "for: 0s").replacing(#/\[1?5m\]/#, with: "[1h]")
        try #require(adapted.matches(of: #/for: 0s/#).count == 14)
        try #require(!adapted.contains(#/\[\d+m\]/#) && adapted.contains("[1h]"))
        return adapted
    }

    @Test func eachAlertFiresForWhatItMeans() async throws {
        let healthy = try BrokenService([directory.path + "/healthy"])
        let slow = try BrokenService([directory.path + "/slow", "flush=600"])
        let held = try BrokenService([directory.path + "/held"])
        let throwing = try BrokenService([directory.path + "/throwing", "throwing"])
        let dropping = try BrokenService([directory.path + "/dropping"])
        let full = try BrokenService(onSmallFileSystem: directory.path + "/full")
        let crowded = try BrokenService([directory.path + "/crowded"], maxOpenFiles: 128)
        let crashing = try CrashingService([directory.path + "/crashing"])
        let all = [healthy, slow, held, throwing, dropping, full, crowded]
        let killed = try Service("myosin-exporter", [])
        let removed = try Service("myosin-exporter", [])
        let edited = try EditedService(in: directory.path + "/edited")
        let damaged = try Service("myosin-exporter", try damagedStore() + ["--state.on-corrupt", "use-defaults"])
        let small = try Service("myosin-exporter", ["--web.max-body-memory", "500"])
        let others = [killed, removed, edited.exporter, damaged, small].map(\.address) + [crashing.address]
        // Not of Myosin.
        let stranger = try PageServer("process_cpu_seconds_total 1\n", in: directory.path + "/stranger")
        // A family of metrics must be there before it drops something, as it is in a process that has run for a while.
        for service in all { try service.tell("spread 1", expecting: "done") }
        // Some are in a job of another name.
        let devices = [killed.address, crashing.address, stranger.address]
        let targets = all.map(\.address) + others.filter { !devices.contains($0) }
        let prometheus = try PrometheusServer.shipped(
            scraping: targets,
            and: devices,
            in: directory,
            adapting: Self.adapted
        )
        let ups = "count(instance:myosin_meta_info:known and up == 1)"
        #expect(try await prometheus.value(of: ups) { $0 == 13 } == 13)
        #expect(try await prometheus.value(of: #"up{instance="\#(stranger.address)"}"#) { $0 == 1 } == 1)
        let dropped = #"count(myosin_metrics_series_dropped_total{family="spread"})"#
        #expect(try await prometheus.value(of: dropped) { $0 == 7 } == 7)
        // The damaged document fires from the beginning, and MyosinAbsent until the first scrape.
        let quarantined = Firing(alert: "MyosinModelQuarantined", instance: damaged.address)
        #expect(
            try await prometheus.wait {
                try Self.withoutChance(firing(prometheus), all, others, hadGap: prometheus.hasLongerInterval) == [
                    quarantined
                ]
            }
        )

        let expected: Set<Firing> = [
            Firing(alert: "MyosinDown", instance: killed.address),
            Firing(alert: "MyosinGone", instance: removed.address),
            Firing(alert: "MyosinCrashLoop", instance: crashing.address),
            Firing(alert: "MyosinCommitLatencyHigh", instance: slow.address),
            Firing(alert: "MyosinLockWaitHigh", instance: held.address),
            Firing(alert: "MyosinCallbackErrors", instance: throwing.address),
            Firing(alert: "MyosinSeriesDropped", instance: dropping.address),
            Firing(alert: "MyosinReadOnly", instance: full.address),
            Firing(alert: "MyosinCommitFailures", instance: full.address),
            Firing(alert: "MyosinFdExhaustion", instance: crowded.address),
            Firing(alert: "MyosinRejections", instance: small.address),
            Firing(alert: "MyosinReloadFailed", instance: edited.exporter.address),
            quarantined,
        ]
        #expect(killed.program.end(with: SIGKILL).isSignalled)
        #expect(stranger.program.end(with: SIGKILL).isSignalled)
        try PrometheusServer.scrape(targets.filter { $0 != removed.address }, in: directory)
        try full.tell("fill", expecting: "done")
        try edited.breakFile()
        // Nine in ten of its descriptors; how many it has inherited depends on what started the tests.
        let crowd = try (0..<115 - crowded.openFiles()).map { _ in try crowded.watch() }
        var seen: Set<Firing> = []
        for alert in expected where !seen.contains(alert) {
            try await prometheus.wait {
                // Done again and again: what happened before Prometheus looked first is no increase.
                #expect(try healthy.put() == 200)
                // Mistakes of clients are no fault of the service.
                #expect(try healthy.putInvalid() == 422)
                try healthy.refuse()
                #expect(try slow.put() == 200)
                // The lock is held until the put has waited for it for more than half a second, however late the put comes.
                try held.tell("contend Slot00 600", expecting: "held")
                #expect(try held.put() == 200)
                #expect(try throwing.put() == 200)
                try dropping.tell("spread 1100", expecting: "done")
                // Small ones find room, which the store makes by emptying its log.
                _ = try full.putLarge()
                let body = "\"\(String(repeating: "x", count: 900))\""
                #expect(try small.curl("/state/User/name", "-X", "PUT", "-d", body).status == 503)
                try crashing.goOn(prometheus)
                seen.formUnion(try firing(prometheus))
                return seen.contains(alert)
            }
        }
        #expect(expected.subtracting(seen) == [])
        #expect(
            try Self.withoutChance(seen.subtracting(expected), all, others, hadGap: prometheus.hasLongerInterval) == []
        )
        withExtendedLifetime(crowd) {}
    }

    /// Nothing is watched at all.
    @Test func aPrometheusWithoutServicesSaysSo() async throws {
        let stranger = try PageServer("process_cpu_seconds_total 1\n", in: directory.path + "/stranger")
        let prometheus = try PrometheusServer.shipped(
            scraping: [],
            and: [stranger.address],
            in: directory,
            adapting: Self.adapted
        )
        #expect(try await prometheus.value(of: "up") { $0 == 1 } == 1)
        let absent = Firing(alert: "MyosinAbsent", instance: "")
        #expect(try await prometheus.wait { try firing(prometheus) == [absent] })
        // It ends with the first service.
        let exporter = try Service("myosin-exporter", [])
        try PrometheusServer.scrape([exporter.address], in: directory)
        #expect(try await prometheus.wait { try firing(prometheus) == [] })
    }

    /// Arguments for a directory whose model User is damaged.
    private func damagedStore() throws -> [String] {
        let place = directory.path + "/damaged"
        let exporter = try Service("myosin-exporter", ["--state.path", place])
        #expect(try exporter.curl("/state/User/name", "-X", "PUT", "-d", "\"changed\"").status == 200)
        #expect(exporter.program.end(with: SIGTERM).status == 0)
        try Program.sqlite("update state set document = replace(document, 'changed', 'chanced')", in: place)
        return ["--state.path", place]
    }
}

/// A service that something starts again each time it has ended.
private final class CrashingService {
    let address: String
    private let words: [String]
    private var service: BrokenService
    private var processorTimeAtStart: Double
    /// The processor time of the killed process, as Prometheus saw it last; nil when it has seen the next process.
    private var former: Double?

    init(_ words: [String]) throws {
        address = try freeAddress(on: "127.77.0.5")
        self.words = words + ["address=\(address)"]
        service = try BrokenService(self.words)
        processorTimeAtStart = try service.processorTime()
    }

    /// Works until Prometheus has seen that, then crashes and starts again.
    func goOn(_ prometheus: PrometheusServer) throws {
        let series = try prometheus.query(#"process_cpu_seconds_total{instance="\#(address)"}"#)
        guard let seen = series.first.flatMap({ Double($0.value) }) else { return }
        // The next process has less, because it does not work before Prometheus has seen it.
        if let former, seen >= former { return }
        former = nil
        if seen > 2 * processorTimeAtStart {
            former = seen
            service.kill()
            service = try BrokenService(words)
            processorTimeAtStart = try service.processorTime()
        } else {
            try service.work(1_000)
        }
    }
}

/// An exporter whose files of models are edited.
private struct EditedService {
    let exporter: Service
    private let file: String

    init(in directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        file = directory + "/Pump.schema.json"
        let schema = #"{"type":"object","properties":{"flow":{"type":"number","default":0}},"required":["flow"]}"#
        try schema.write(toFile: file, atomically: true, encoding: .utf8)
        exporter = try Service("myosin-exporter", ["--state.models", directory])
    }

    /// Makes the file one that the exporter refuses, and has it read.
    func breakFile() throws {
        try "{".write(toFile: file, atomically: true, encoding: .utf8)
        exporter.program.send(SIGHUP)
    }
}
