internal import ArgumentParser
internal import Myosin
internal import Primitives
internal import TestSupport

/// What one thread waits for when it reads a model, or changes it.
enum EngineOperation: String, CaseIterable, ExpressibleByArgument {
    /// A checkout outside of contexts.
    case checkout
    /// A context with a checkout, a change and a commit in memory.
    case commit

    var name: String { self == .checkout ? "checkout" : "checkout + change + commit" }
}

/// An operation of the engine with all of its metrics, against what does the same or as little as possible.
struct EngineScenario: Scenario {
    enum Peer: String {
        /// The original.
        case python = "Python"
        /// A mutex in C around the value, with as many clock reads.
        case mutex
    }

    let operation: EngineOperation
    let peer: Peer

    var name: String { "\(operation.name), \(peer.rawValue)" }

    /// The operations of a round are about so many as a second has.
    private static let (ownCount, mutexCount, pythonCount) = (500_000, 2_000_000, 30_000)

    func compare(_ measuring: Measuring) throws -> Comparison {
        try PeerProgram.buildAll()
        let (name, seconds) = (operation.rawValue, measuring.seconds)
        let own = ["operate", name, "\(Self.ownCount * seconds)"]
        switch peer {
        case .python:
            // As operations a second, so that the bar is the factor that is promised.
            let pairs = try measuring.pairs {
                try 1e9 / PeerProgram.ownNumber(own)
            } _: {
                try 1e9 / PeerProgram.pythonNumber([name, "\(Self.pythonCount * seconds)"])
            }
            return Comparison(name: self.name, unit: "a second", peer: "myosin 0.2.3", pairs: pairs, bar: .atLeast(50))
        case .mutex:
            let reads = try clockReads(measuring)
            let pairs = try measuring.pairs {
                try PeerProgram.ownNumber(own)
            } _: {
                try PeerProgram.number("mutex", [name, "\(Self.mutexCount * seconds)", "\(reads)"])
            }
            return Comparison(
                name: self.name,
                unit: "ns",
                peer: "C, \(reads) clock reads",
                pairs: pairs,
                bar: .atMost(3)
            )
        }
    }

    /// How often the operation reads a clock, as a profiler counts it.
    private func clockReads(_ measuring: Measuring) throws -> Int {
        let valgrind = Valgrind(.calls(of: "clock_gettime"), directory: measuring.directory)
        return Int(try valgrind.cost(rounds: 1_000, Operate.running(operation)).rounded())
    }
}

/// Reads or changes a model so many times on one thread, and prints the nanoseconds that one time takes.
struct Operate: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @Argument var operation: EngineOperation
    @Argument var count: Int

    func run() throws {
        // What a mutex and a reference count cost depends on whether the process has another thread.
        let end = Gate()
        let other = try WorkerThread { end.wait() }
        let state = try State()
        try state.load(User(name: "chris", email: "chris@email.com"))
        let start = ContinuousClock.now
        switch operation {
        case .checkout:
            for _ in 0..<count { _ = try state.checkout(User.self) }
        case .commit:
            for _ in 0..<count { try state.update(User.self) { $0.name = $0.name == "chris" ? "cS" : "chris" } }
        }
        print((.now - start) / .nanoseconds(1) / Double(count))
        end.open()
        other.join()
    }

    /// Runs it under valgrind, some number of rounds.
    static func running(_ operation: EngineOperation) -> (_ rounds: Int, _ valgrind: [String]) throws -> Void {
        { rounds, valgrind in try Valgrind.run(valgrind, "benchmarks", ["operate", operation.rawValue, "\(rounds)"]) }
    }
}
