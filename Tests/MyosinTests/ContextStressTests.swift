import Myosin
import TestSupport
import Testing

/// The same as `context-stress` does with a million contexts in release mode, for the debug build and the sanitizers.
@Suite struct ContextStressTests {
    @Test func contextsOverRandomModelsEndAndKeepTheSum() async throws {
        let state = try State()
        try Accounts.load(into: state)
        let outcome = try await onThread { try Accounts.stress(state, contexts: rounds(20_000)) }
        #expect(outcome.isComplete)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.wrongSums == [])
        #expect(try Accounts.sum(of: state) == Accounts.sum)
    }
}
