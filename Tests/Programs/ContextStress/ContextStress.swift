internal import Myosin
internal import TestSupport

/// Moves money between ten models, a million times from eight threads, and checks that all of it is still there.
@main enum ContextStress {
    static func main() throws {
        let state = try State()
        try Accounts.load(into: state)
        let (contexts, threadCount) = (1_000_000, 8)
        let outcome = try Accounts.stress(state, contexts: contexts, threadCount: threadCount)
        guard outcome.isComplete else { fatalError("A deadlock: no context has ended for \(patience).") }
        guard outcome.errors.isEmpty, outcome.wrongSums.isEmpty, try Accounts.sum(of: state) == Accounts.sum else {
            fatalError("errors: \(outcome.errors.prefix(5)), wrong sums: \(outcome.wrongSums.prefix(5))")
        }
        print("\(contexts) contexts on \(threadCount) threads have kept the sum.")
    }
}
