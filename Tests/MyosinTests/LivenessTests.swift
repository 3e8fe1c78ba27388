import Primitives
import TestSupport
import Testing

@testable import Myosin

/// The question whether the engine is stuck.
@Suite struct LivenessTests {
    @Test func anIdleEngineAnswers() async throws {
        let state = try State()
        let answered = OnceSignal()
        state.whenResponsive { answered.give() }
        await answered.wait()
        state.close()
        // Also one that is closed: its threads are not stuck.
        let closed = OnceSignal()
        state.whenResponsive { closed.give() }
        await closed.wait()
    }

    /// A service manager that kills the process would find the same disk again.
    @Test func aStoreThatDoesNotRespondIsNotAsked() async throws {
        let store = ControlledStore()
        let state = try State(cache: .store(store), limits: .patient)
        try state.load(chris)
        store.block()
        let commit = startTask { try await state.update(User.self, cache: true) { $0.name = "waits" } }
        #expect(try await store.waitForCommit())
        let answered = OnceSignal()
        state.whenResponsive { answered.give() }
        await answered.wait()
        store.unblock()
        _ = try await commit.value
        state.close()
    }

    /// As by contexts whose closures do not return, and by a lock that is never given back.
    @Test(arguments: [false, true]) func aStuckEngineDoesNotAnswer(inCommits: Bool) async throws {
        let state = try State()
        let (begun, gate, isReleased) = (Lock(0), Gate(), Lock(false))
        let threads = 4
        if inCommits {
            _ = startTask {
                try await onThread {
                    state.commits.atOneMoment {
                        begun.withLock { $0 = threads }
                        gate.wait()
                    }
                }
            }
        } else {
            for _ in 0..<threads {
                state.lockQueue.perform {
                    begun.withLock { $0 += 1 }
                    gate.wait()
                }
            }
        }
        try await until { begun.withLock { $0 } == threads }
        let wasReleased = Lock<Bool?>(nil)
        state.whenResponsive { wasReleased.withLock { $0 = isReleased.withLock { $0 } } }
        isReleased.withLock { $0 = true }
        gate.open()
        try await until { wasReleased.withLock { $0 } != nil }
        #expect(wasReleased.withLock { $0 } == true)
        state.close()
    }
}
