package import Myosin
internal import Primitives

/// A model with money in it, to be moved to others.
package protocol Account: StateModel {
    /// What there is of it.
    var amount: Int { get set }
}

/// Ten models of one shape, between which threads move money.
package enum Accounts {
    struct A: Account { var id: ModelID = 0, amount = 1_000 }
    struct B: Account { var id: ModelID = 1, amount = 1_000 }
    struct C: Account { var id: ModelID = 2, amount = 1_000 }
    struct D: Account { var id: ModelID = 3, amount = 1_000 }
    struct E: Account { var id: ModelID = 4, amount = 1_000 }
    struct F: Account { var id: ModelID = 5, amount = 1_000 }
    struct G: Account { var id: ModelID = 6, amount = 1_000 }
    struct H: Account { var id: ModelID = 7, amount = 1_000 }
    struct I: Account { var id: ModelID = 8, amount = 1_000 }
    struct J: Account { var id: ModelID = 9, amount = 1_000 }

    private static let all: [any Account] = [A(), B(), C(), D(), E(), F(), G(), H(), I(), J()]
    /// What is in all of them together, always.
    package static let sum = 10_000

    /// Loads all of them.
    package static func load(into state: State) throws {
        for account in all { try load(account, into: state) }
    }

    private static func load(_ account: some Account, into state: State) throws { try state.load(account) }

    /// The sum at one moment, read outside of contexts.
    package static func sum(of state: State) throws -> Int {
        let all = try state.checkout(
            A.self,
            B.self,
            C.self,
            D.self,
            E.self,
            F.self,
            G.self,
            H.self,
            I.self,
            J.self
        )
        let half = all.0.amount + all.1.amount + all.2.amount + all.3.amount + all.4.amount
        return half + all.5.amount + all.6.amount + all.7.amount + all.8.amount + all.9.amount
    }

    /// Moves money between two to four accounts, named in any order.
    ///
    /// - Parameters:
    ///   - state: where the accounts are loaded.
    ///   - cache: whether the transfer is made durable.
    ///   - random: what says which accounts, and how much.
    /// - Throws: what the context throws; nothing has moved then.
    package static func transfer(
        in state: State,
        cache: Bool = false,
        _ random: inout some RandomNumberGenerator
    ) throws {
        let types = all.map { type(of: $0) as any Account.Type }.shuffled(using: &random)
        let (giver, takers) = (types[0], types[1..<Int.random(in: 2...4, using: &random)])
        let amount = Int.random(in: 1...9, using: &random)
        func move(_ context: Context) throws {
            for taker in takers { try context.add(amount, to: taker, cache: cache) }
            try context.add(-amount * takers.count, to: giver, cache: cache)
        }
        switch takers.count {
        case 1: try state.with(giver, types[1], perform: move)
        case 2: try state.with(giver, types[1], types[2], perform: move)
        default: try state.with(giver, types[1], types[2], types[3], perform: move)
        }
    }

    /// What came of many transfers at once.
    package struct Outcome: Sendable {
        /// Sums that were seen at some moment and were wrong.
        package var wrongSums: [Int] = []
        /// What was thrown; nothing should be.
        package var errors: [any Error] = []
        /// Whether every thread has come to its end; false when there was no progress any more.
        package var isComplete = false
    }

    /// How far the threads are.
    private struct Progress {
        var outcome = Outcome()
        var running: Int
        /// Rises while there is progress.
        var steps = 0
    }

    /// Has threads move money at once, each looking at the sum now and then.
    ///
    /// It may take any time: only when there is no progress for as long as ``patience`` does it return without the threads.
    ///
    /// - Parameters:
    ///   - state: where the accounts are loaded.
    ///   - contexts: how many transfers there are.
    ///   - threadCount: how many threads make them.
    /// - Returns: what came of it.
    /// - Throws: when no thread can be started.
    package static func stress(_ state: State, contexts: Int, threadCount: Int = 8) throws -> Outcome {
        let progress = Monitor(Progress(running: threadCount))
        for seed in 0..<threadCount {
            _ = try WorkerThread {
                var random = SeededRandom(seed: UInt64(seed))
                var outcome = Outcome()
                for round in 0..<contexts / threadCount {
                    do {
                        try transfer(in: state, &random)
                        if round % 16 > 0 { continue }
                        progress.withLock { $0.steps += 1 }
                        let sum = try sum(of: state)
                        if sum != Self.sum { outcome.wrongSums.append(sum) }
                    } catch {
                        outcome.errors.append(error)
                    }
                }
                progress.withLock { progress in
                    (progress.running, progress.steps) = (progress.running - 1, progress.steps + 1)
                    progress.outcome.wrongSums += outcome.wrongSums
                    progress.outcome.errors += outcome.errors
                    progress.outcome.isComplete = progress.running == 0
                }
                progress.notifyAll()
            }
        }
        var former = 0
        while true {
            let isOver: Bool? = progress.wait(upTo: patience) { $0.running == 0 ? true : nil }
            let (outcome, steps) = progress.withLock { ($0.outcome, $0.steps) }
            if isOver == true || steps == former { return outcome }
            former = steps
        }
    }
}

extension Context {
    fileprivate func add<Model: Account>(_ amount: Int, to model: Model.Type, cache: Bool) throws {
        var account = try checkout(model)
        account.amount += amount
        try commit(account, cache: cache)
    }
}
