internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import Myosin
internal import Primitives
internal import TestSupport

/// Durable commits from 64 tasks.
struct CacheScenario: Scenario {
    enum Measure {
        /// Against Python myosin with as many threads, which does not flush anything.
        case commits
        /// How many flushes they take, on a disk that takes 5 ms for each.
        case flushes
    }

    let measure: Measure
    let models: Int

    private static let tasks = 64

    var name: String {
        let models = models == 1 ? "one model" : "\(models) models"
        return measure == .commits ? "commit with cache, \(models), Python" : "flushes of commits, \(models)"
    }

    func compare(_ measuring: Measuring) throws -> Comparison {
        switch measure {
        case .commits:
            try PeerProgram.buildAll()
            let pairs = try measuring.pairs {
                let figures = try committed(measuring, flush: 0)
                return Double(figures["commits"]) / Double(figures["microseconds"]) * 1e6
            } _: {
                let cache = try TemporaryDirectory()
                let arguments = ["cached", "\(measuring.seconds)", "\(Self.tasks)", "\(models)"]
                return try PeerProgram.pythonNumber(arguments, cache: cache.path)
            }
            let bar = models == 1 ? 20.0 : 10
            return Comparison(name: name, unit: "commits/s", peer: "myosin 0.2.3", pairs: pairs, bar: .atLeast(bar))
        case .flushes:
            let pairs = try (0..<measuring.rounds)
                .map { _ in
                    let figures = try committed(measuring, flush: 5)
                    return (ours: Double(figures["flushes"]), peer: Double(figures["commits"]))
                }
            return Comparison(name: name, unit: "flushes", peer: "commits", pairs: pairs, bar: .atMost(1.0 / 16))
        }
    }

    private func committed(_ measuring: Measuring, flush: Int) throws -> Figures {
        let directory = try TemporaryDirectory()
        let arguments = ["tasks", directory.path, "\(Self.tasks)", "\(models)", "\(measuring.seconds)", "\(flush)"]
        let ending = try Program.run(Program.path(of: "benchmarks"), arguments)
        guard ending.status == 0 else { throw VoidRun(description: "tasks: \(ending.errors)") }
        return Figures(String(ending.output.dropLast()))
    }
}

/// Commits durably from some tasks, and prints how many commits and flushes that was.
struct Tasks: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @Argument var directory: String
    @Argument var tasks: Int
    @Argument var models: Int
    @Argument var seconds: Int
    @Argument(help: "How many milliseconds a flush takes longer than it takes anyhow.")
    var flush: Int

    func run() throws {
        let store = SlowStore(try SQLiteStore(directory: directory), delay: .milliseconds(flush))
        let state = try State(cache: .store(store))
        let models = try state.loadUsers(models)
        let (tasks, seconds) = (tasks, seconds)
        let flushesBefore = store.flushes
        let start = ContinuousClock.now
        // An asynchronous main function would have the tasks' library in every process of the benchmarks.
        let end = DispatchSemaphore(value: 0)
        let outcome = Lock<Result<Int, any Error>>(.success(0))
        Task {
            do {
                let count = try await Self.commit(models, to: state, from: tasks, until: start + .seconds(seconds))
                outcome.withLock { $0 = .success(count) }
            } catch {
                outcome.withLock { $0 = .failure(error) }
            }
            end.signal()
        }
        end.wait()
        let commits = try outcome.withLock { $0 }.get()
        let microseconds = Int((.now - start) / .microseconds(1))
        print("commits=\(commits) flushes=\(store.flushes - flushesBefore) microseconds=\(microseconds)")
        state.close()
    }

    private static func commit(
        _ models: [any Nameable.Type],
        to state: State,
        from tasks: Int,
        until end: ContinuousClock.Instant
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<tasks {
                let model = models[number % models.count]
                group.addTask { try await commit(model, to: state, until: end) }
            }
            return try await group.reduce(0, +)
        }
    }

    private static func commit<Model: Nameable>(
        _ model: Model.Type,
        to state: State,
        until end: ContinuousClock.Instant
    ) async throws -> Int {
        var count = 0
        while ContinuousClock.now < end {
            try await state.update(model, cache: true) { $0.rename() }
            count += 1
        }
        return count
    }
}
