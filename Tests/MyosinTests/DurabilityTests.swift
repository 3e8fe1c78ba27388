import Locking
import Myosin
import TestSupport
import Testing

@Suite struct DurabilityTests {
    private func makeState(_ store: ControlledStore) throws -> State {
        let state = try State(cache: .store(store))
        try state.load(chris)
        try state.load(System(id: "s1"))
        return state
    }

    @Test func aPendingValueIsSeenByTheNextContextOnly() async throws {
        let store = ControlledStore()
        let state = try makeState(store)
        store.block()
        let durable = Task { try await state.queuedUpdate(User.self, cache: true) { $0.name = "pending" } }
        try await untilPending(state, "pending")
        #expect(try state.checkout(User.self).name == "chris")
        store.unblock()
        try await durable.value
        #expect(try state.checkout(User.self).name == "pending")
    }

    /// Waits until a context sees the name, and fails the flush of nobody: the context that looks throws.
    private func untilPending(_ state: State, _ name: String) async throws {
        struct Look: Error { let name: String }
        while true {
            do {
                try state.with(User.self) { throw Look(name: try $0.checkout(User.self).name) }
            } catch let look as Look where look.name == name {
                return
            } catch is Look {
                await Task.yield()
            }
        }
    }

    @Test func aFailedFlushFailsWhatWasBuiltOnItAndKeepsWhatWasAcknowledged() async throws {
        let store = ControlledStore()
        let state = try makeState(store)
        try state.update(User.self) { $0.name = "acknowledged" }
        store.block()
        let durable = Task { try await state.queuedUpdate(User.self, cache: true) { $0.name = "doomed" } }
        try await untilPending(state, "doomed")
        #expect(store.waitForCommit(), "the first flush is under way, so what follows is in the next")
        let builtOnIt = Task { try await state.queuedUpdate(User.self) { $0.name += " too" } }
        try await untilPending(state, "doomed too")
        let unrelated = Task { try await state.queuedUpdate(System.self) { $0.restarts += 1 } }
        try await unrelated.value
        // Only the first flush fails: what was built on it must not be kept by the next one.
        store.fail(with: ControlledStore.Failure(), once: true)
        store.unblock()
        await #expect(throws: StateError.self) { try await durable.value }
        await #expect(throws: StateError.self) { try await builtOnIt.value }
        #expect(try state.checkout(User.self).name == "acknowledged")
        #expect(try state.checkout(System.self).restarts == 1)
        try state.update(User.self, cache: true) { $0.name += " again" }
        #expect(try state.checkout(User.self).name == "acknowledged again")
    }

    @Test func aContextThatRunsOnAPendingValueFailsWithItsFlush() async throws {
        let store = ControlledStore()
        let state = try makeState(store)
        store.block()
        let durable = Task { try await state.queuedUpdate(User.self, cache: true) { $0.name = "doomed" } }
        try await untilPending(state, "doomed")
        let (hasSeen, mayCommit, outcome) = (Gate(), Gate(), Lock<(any Error)?>(nil))
        let context = try WorkerThread {
            do {
                try state.with(User.self) { context in
                    var user = try context.checkout(User.self)
                    hasSeen.open()
                    mayCommit.wait()
                    user.name += " too"
                    try context.commit(user)
                }
            } catch {
                outcome.withLock { $0 = error }
            }
        }
        hasSeen.wait()
        store.fail(with: ControlledStore.Failure(), once: true)
        store.unblock()
        await #expect(throws: StateError.self) { try await durable.value }
        mayCommit.open()
        context.join()
        #expect((outcome.withLock { $0 } as? StateError)?.code == .storeFailed)
        #expect(try state.checkout(User.self).name == "chris")
    }

    @Test func commitsThatQueueUpShareAFlushWithTheLastValueOnly() async throws {
        let store = ControlledStore()
        let state = try makeState(store)
        store.block()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask { try await state.queuedUpdate(System.self, cache: true) { $0.restarts += 1 } }
            }
            struct Look: Error {}
            while true {
                var restarts = 0
                do {
                    try state.with(System.self) {
                        restarts = try $0.checkout(System.self).restarts
                        throw Look()
                    }
                } catch is Look {}
                if restarts == 100 { break }
                await Task.yield()
            }
            store.unblock()
            try await group.waitForAll()
        }
        #expect(try state.checkout(System.self).restarts == 100)
        #expect(store.batches.count <= 2, "the first flush may have begun alone")
        #expect(store.batches.allSatisfy { $0.count == 1 })
    }

    @Test func aCachedCommitOfAValueThatIsOnlyInMemoryWritesIt() throws {
        let store = ControlledStore()
        let state = try makeState(store)
        try state.update(User.self) { $0.name = "memory" }
        let revision = try state.checkout(User.self).checkedOutRevision
        try state.update(User.self, cache: true) { _ in }
        #expect(store.batches.map { $0.map(\.revision) } == [[revision]])
        #expect(try state.checkout(User.self).checkedOutRevision == revision)
        try state.update(User.self, cache: true) { _ in }
        #expect(store.batches.count == 1, "it is stored already")
    }

    @Test func aClosedStateSaysSo() throws {
        let state = try makeState(ControlledStore())
        state.close()
        let error = #expect(throws: StateError.self) { try state.update(User.self) { $0.name = "late" } }
        #expect(error?.code == .closed)
    }
}
