internal import ArgumentParser
internal import Myosin
internal import Primitives
internal import Synchronization
internal import TestSupport

/// Commits in memory from eight threads together, against what one thread makes alone on one model.
struct ThreadsScenario: Scenario {
    let models: Int

    private static let threads = 8

    var name: String { "\(Self.threads) threads on \(models == 1 ? "one model" : "\(models) models")" }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let pairs = try measuring.pairs {
            try PeerProgram.ownNumber(["threads", "\(Self.threads)", "\(models)", "\(measuring.seconds)"])
        } _: {
            try PeerProgram.ownNumber(["threads", "1", "1", "\(measuring.seconds)"])
        }
        return Comparison(
            name: name,
            unit: "commits/s",
            peer: "one thread",
            pairs: pairs,
            bar: .atLeast(models == 1 ? 0.5 : 1)
        )
    }
}

/// Commits in memory from some threads, and prints the commits a second of all.
struct Threads: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @Argument var threads: Int
    @Argument var models: Int
    @Argument var seconds: Int

    func run() throws {
        let state = try State()
        let models = try state.loadUsers(models)
        let begin = Gate()
        let total = Atomic(0)
        let seconds = seconds
        let workers = try (0..<threads)
            .map { number in
                let model = models[number % models.count]
                return try WorkerThread {
                    begin.wait()
                    do {
                        let count = try Self.commit(model, to: state, until: .now + .seconds(seconds))
                        total.wrappingAdd(count, ordering: .relaxed)
                    } catch {
                        fatalError("\(error)")
                    }
                }
            }
        let start = ContinuousClock.now
        begin.open()
        for worker in workers { worker.join() }
        print(Double(total.load(ordering: .relaxed)) / ((.now - start) / .seconds(1)))
    }

    private static func commit<Model: Nameable>(
        _ model: Model.Type,
        to state: State,
        until end: ContinuousClock.Instant
    ) throws -> Int {
        var count = 0
        while ContinuousClock.now < end {
            try state.update(model) { $0.rename() }
            count += 1
        }
        return count
    }
}
