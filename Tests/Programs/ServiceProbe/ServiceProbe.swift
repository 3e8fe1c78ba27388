import Exposition
import Glibc
import Logging
import MicroHTTP
import Myosin
import MyosinService
import Primitives
import TestSupport

/// The service with 64 models, as a process of its own for load tests and benchmarks.
///
///     service-probe DIRECTORY [address=127.0.0.1:0] [flush=MS] [waiting=COUNT] [watchers=COUNT] [throwing] [patient]
///     service-probe DIRECTORY models=COUNT [address=127.0.0.1:0] [flush=MS]
///     service-probe varied [address=127.0.0.1:0] [patient]
///     service-probe empty [lines=COUNT]
///     service-probe memory
///     service-probe schemas DIRECTORY models=COUNT [address=127.0.0.1:0,access=ACCESS]
///
/// The second form has so many models that are declared in place of the 64, the third one models with fields of every kind, in
/// memory, the fourth one none and so many lines of metrics, the fifth one the same as the first, in memory. The last one has the models
/// of the second form and those of the schemas in a directory, in memory. It prints its address.
/// `hold NAME MS` on a line of its input has a thread hold a model for that long, which is told by `held`; `contend NAME MS` does the
/// same, but the time begins when another context waits for the model; `hold NAME` holds it until `release`; `figures` prints what the
/// process uses, `turns` how long the server's loop has computed in one turn since the last such question; `commit COUNT` changes
/// Slot00, or the declared model in the middle, so often and prints what a commit has taken;
/// `spread COUNT` asks a family of metrics for so many label sets, and `fill` takes all
/// room that the file system of the directory has, which are told by `done`; anything else and the end of the input end it. With
/// `throwing`, a subscriber to Slot00 throws an error at every change. With `patient`, no deadline of the server or the engine ends
/// before a test does.
@main enum ServiceProbe {
    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        guard let directory = words.first else {
            say("The head of ServiceProbe.swift says what to type.")
            exit(2)
        }
        let options = Dictionary(
            words.dropFirst().map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
                .map { ($0[0], $0.count > 1 ? $0[1] : "") },
            uniquingKeysWith: { $1 }
        )
        let logger = Logger(label: "service-probe") { _ in SwiftLogNoOpLogHandler() }
        let isPatient = options["patient"] != nil
        let limits = options["waiting"].flatMap { Int($0) }
            .map { maxWaiting in
                guard isPatient else { return EngineLimits(maxWaitingContexts: maxWaiting) }
                let wait = Duration.beyondPatience
                return EngineLimits(maxWaitingContexts: maxWaiting, writeWait: wait, storeWait: wait)
            }
        let modelCount = options["models"].flatMap { Int($0) }
        let state: State
        if ["varied", "empty", "memory", "schemas"].contains(directory) {
            let lines = options["lines"].flatMap { Int($0) } ?? 1_000
            state = try State(cache: .none, metrics: Registry(maxLabelSets: max(1_000, lines)), logger: logger)
            switch directory {
            case "varied": try state.loadVariedModels()
            case "memory": try state.loadSlots()
            case "schemas": try state.declareModels(modelCount ?? 0, ofFilesIn: words[1])
            default: try register(lines, in: state.metrics)
            }
        } else {
            let store = try SQLiteStore(directory: directory)
            let delay = options["flush"].flatMap { Int($0) } ?? 0
            state = try State(
                cache: .store(delay > 0 ? SlowStore(store, delay: .milliseconds(delay)) : store),
                logger: logger,
                limits: limits ?? (isPatient ? .patient : EngineLimits())
            )
            if let modelCount { try state.declareModels(modelCount) } else { try state.loadSlots() }
        }
        var configuration = ServiceConfiguration()
        configuration.listeners = [try ServiceListener(options["address"] ?? "127.0.0.1:0")]
        if isPatient { configuration.limits = .patient }
        let turns = TurnMeter()
        if directory == "schemas" { configuration.clock = { turns.read() } }
        // Those of the largest crowd, and of another one that has just left.
        configuration.limits.maxConnections = 12_000
        configuration.maxWatchers = options["watchers"].flatMap { Int($0) } ?? configuration.maxWatchers
        let subscription = try options["throwing"]
            .map { _ in
                try state.subscribe(Slot<D0, D0>.self) { _ in throw Unhandled() }
            }
        let service = StateService(state: state, configuration: configuration, logger: logger)
        say("\(try service.start()[0])")
        let mayGo = Gate()
        reading: while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            switch (words.first, words.count, words.last.flatMap { UInt32($0) }) {
            case ("figures", 1, _):
                let figures = ProcessFigures.read()
                say("resident=\(figures.residentBytes) threads=\(figures.threads) files=\(figures.descriptors)")
            case ("turns", 1, _):
                let figures = turns.take()
                say("turns=\(figures.turns) longest=\(figures.longestMicroseconds)")
            case ("hold", 3, let milliseconds?) where words[1] == "Slot00": try hold(state, milliseconds)
            case ("hold", 2, _) where words[1] == "Slot00": try hold(state, until: mayGo)
            case ("release", 1, _): mayGo.open()
            case ("contend", 3, let milliseconds?) where words[1] == "Slot00":
                try hold(state, milliseconds, afterArrivalIn: waitingContexts(of: state))
            case ("commit", 2, let count?):
                try commit(count) { [middle = modelCount.map { State.declaredName($0 / 2) }] number in
                    if let middle {
                        try state.update(declared: middle) { $0["samples"] = .number(JSONNumber(number)) }
                    } else {
                        try state.update(Slot<D0, D0>.self, cache: false) { $0.fields.samples = number }
                    }
                }
            case ("spread", 2, let count?): try spread(state.metrics, Int(count))
            case ("fill", 1, _): fill(directory)
            default: break reading
            }
        }
        service.stop()
        subscription?.cancel()
        state.close()
    }

    /// What the subscriber throws.
    private struct Unhandled: Error {}

    private static func register(_ lines: Int, in registry: Registry) throws {
        let family = registry.counter("bench_requests", help: "Requests.", labels: ["path", "code"])
        for number in 0..<lines {
            let digits = String(number)
            let path = "/path/" + String(repeating: "0", count: 6 - digits.count) + digits
            family.child([path, "200"]).increment(by: Double(number) + 0.5)
        }
    }

    /// Has a thread hold Slot00; with a gauge of the contexts that wait for it, the time begins when there is one.
    private static func hold(_ state: State, _ milliseconds: UInt32, afterArrivalIn waiting: Registry.Gauge? = nil)
        throws
    {
        let isHeld = Gate()
        _ = try WorkerThread {
            // It ends with the process at the latest.
            try? state.with(Slot<D0, D0>.self) { _ in
                isHeld.open()
                while let waiting, waiting.value == 0 { usleep(1_000) }
                usleep(milliseconds * 1_000)
            }
        }
        isHeld.wait()
        say("held")
    }

    /// Has a thread hold Slot00 until a gate is open.
    private static func hold(_ state: State, until mayGo: Gate) throws {
        let isHeld = Gate()
        _ = try WorkerThread {
            // The end of the process ends it at the latest.
            try? state.with(Slot<D0, D0>.self) { _ in
                isHeld.open()
                mayGo.wait()
            }
        }
        isHeld.wait()
        say("held")
    }

    /// The engine's gauge of the contexts that wait for Slot00.
    private static func waitingContexts(of state: State) throws -> Registry.Gauge {
        try state.metrics
            .gauge(
                named: "myosin_waiting_contexts",
                help: "Contexts that wait for the model's lock now.",
                labels: ["model"]
            )
            .child("Slot00")
    }

    /// Changes a model in memory, and tells how much processor time that takes this thread.
    private static func commit(_ count: UInt32, _ change: (Int) throws -> Void) throws {
        let start = TurnMeter.nanoseconds(of: CLOCK_THREAD_CPUTIME_ID)
        for number in 0..<count { try change(Int(number)) }
        let nanoseconds = TurnMeter.nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) - start
        say("nanoseconds=\(nanoseconds / Int(max(1, count)))")
    }

    private static func spread(_ registry: Registry, _ count: Int) throws {
        let family = try registry.counter(
            named: "spread",
            help: "Label sets that were asked for.",
            labels: ["number"]
        )
        for number in 0..<count { family.child("\(number)").increment() }
        say("done")
    }

    private static func fill(_ directory: String) {
        let descriptor = open(directory + "/filler", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let bytes = [UInt8](repeating: 0, count: 512)
        while write(descriptor, bytes, bytes.count) > 0 {}
        close(descriptor)
        say("done")
    }

    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}
