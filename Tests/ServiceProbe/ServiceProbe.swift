import Glibc
import Locking
import Logging
import MicroHTTP
import Myosin
import MyosinService
import TestSupport

/// The service with 64 models, as a process of its own for load tests and benchmarks.
///
///     service-probe DIRECTORY [address=127.0.0.1:0] [flush=MS] [waiting=COUNT]
///     service-probe varied [address=127.0.0.1:0]
///
/// The second form has models with fields of every kind, in memory. It prints its address. `hold NAME MS` on a line of its input has a thread hold a model for that long, which is told by
/// `held`; the end of the input ends it.
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
        let limits = options["waiting"].flatMap { Int($0) }.map { EngineLimits(waitingContextsMax: $0) }
        let state: State
        if directory == "varied" {
            state = try State(cache: .none, logger: logger)
            try state.loadVariedModels()
        } else {
            let store = try SQLiteStore(directory: directory)
            let delay = options["flush"].flatMap { Int($0) } ?? 0
            state = try State(
                cache: .store(delay > 0 ? SlowStore(store, delay: .milliseconds(delay)) : store),
                logger: logger,
                limits: limits ?? EngineLimits()
            )
            try state.loadSlots()
        }
        var configuration = ServiceConfiguration(
            addresses: [try ListenAddress(options["address"] ?? "127.0.0.1:0")]
        )
        configuration.limits.connectionsMax = 10_000
        let service = StateService(state: state, configuration: configuration, logger: logger)
        say("\(try service.start()[0])")
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "hold", words[1] == "Slot00", let milliseconds = UInt32(words[2]) else {
                break
            }
            try hold(state, milliseconds)
        }
        service.stop()
        state.close()
    }

    private static func hold(_ state: State, _ milliseconds: UInt32) throws {
        let isHeld = Gate()
        _ = try WorkerThread {
            // It ends with the process at the latest.
            try? state.with(Slot<D0, D0>.self) { _ in
                isHeld.open()
                usleep(milliseconds * 1_000)
            }
        }
        isHeld.wait()
        say("held")
    }

    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}
