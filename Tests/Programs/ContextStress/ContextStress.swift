internal import Foundation
internal import Myosin
internal import TestSupport

/// Moves money between ten models, a million times from eight threads, and checks that the sum stays the same.
@main enum ContextStress {
    private static let (contexts, threadCount) = (1_000_000, 8)

    static func main() {
        do {
            if let failure = try failure() { fail(failure) }
        } catch {
            fail("\(error)")
        }
        print("\(contexts) contexts on \(threadCount) threads have kept the sum.")
    }

    /// Runs the contexts.
    ///
    /// - Returns: the failure; nil if there is none.
    private static func failure() throws -> String? {
        let state = try State()
        try Accounts.load(into: state)
        let outcome = try Accounts.stress(state, contexts: contexts, threadCount: threadCount)
        guard outcome.isComplete else { return "A deadlock: no context has ended for \(patience)." }
        guard outcome.errors.isEmpty, outcome.wrongSums.isEmpty, try Accounts.sum(of: state) == Accounts.sum else {
            return "errors: \(outcome.errors.prefix(5)), wrong sums: \(outcome.wrongSums.prefix(5))"
        }
        return nil
    }

    private static func fail(_ failure: String) -> Never {
        FileHandle.standardError.write(Data("context-stress: \(failure)\n".utf8))
        exit(1)
    }
}
