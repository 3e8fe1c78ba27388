import Logging
import Myosin
import Primitives
import TestSupport
import Testing

/// A store whose calls do not return.
@Suite struct StoreHangTests {
    private let store = ControlledStore()
    private let clock = ManualClock()

    /// A call takes too long once a test advances the clock, and not before; the engine looks every 10 ms.
    private var limits: EngineLimits {
        EngineLimits(
            storeWait: .milliseconds(10),
            reopeningPause: .zero,
            maxReopeningPause: .zero,
            clock: clock
        )
    }

    private func makeState() throws -> State {
        let state = try State(cache: .store(store), logger: RecordedLog().logger, limits: limits)
        try state.load(chris)
        try state.load(System(id: "s1"))
        return state
    }

    @Test func whoWaitsIsToldAndWhatIsWrittenAtLastIsPublished() async throws {
        let state = try makeState()
        try state.blocking.update(User.self, cache: true) { $0.name = "kept" }
        store.block()
        let first = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "late" }
        }
        #expect(try await store.waitForCommit())
        let second = startTask {
            try await state.update(System.self, cache: true, wait: patience) { $0.restarts = 1 }
        }
        try await state.untilPending(System.self) { $0.restarts == 1 }
        clock.advance(by: .seconds(1))
        let error = await #expect(throws: StateError.self) { try await first.value }
        #expect(error?.code == .storeNotResponding)
        let other = await #expect(throws: StateError.self) { try await second.value }
        #expect(other?.code == .storeNotResponding)

        // From now on nobody waits for it; what needs no store goes on.
        #expect(state.storeError?.code == .storeNotResponding)
        for _ in 1...3 {
            let error = #expect(throws: StateError.self) {
                try state.update(System.self, cache: true) { $0.restarts = 2 }
            }
            #expect(error?.code == .storeNotResponding)
        }
        #expect(try state.checkout(User.self).name == "kept")
        try state.blocking.update(System.self) { $0.restarts = 3 }
        #expect(try state.checkout(System.self).restarts == 3)

        store.unblock()
        try await state.untilStoreWorks()
        // The disk has it, so it becomes visible.
        try await until { try state.checkout(User.self).name == "late" }
        #expect(store.text(of: "User")?.contains("late") == true)
        #expect(store.text(of: "System") == nil, "what was not being written was refused")
        try state.blocking.update(System.self, cache: true) { $0.restarts += 1 }
        #expect(try state.checkout(System.self).restarts == 4)
    }

    @Test func whatFailsAtLastHasNotHappened() async throws {
        let state = try makeState()
        store.block()
        let late = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "late" }
        }
        #expect(try await store.waitForCommit())
        clock.advance(by: .seconds(1))
        await #expect(throws: StateError.self) { try await late.value }
        store.fail(with: StateError(.storeFailed, "The flush has failed."), once: true)
        store.unblock()
        try await state.untilStoreWorks()
        #expect(try state.checkout(User.self).name == "chris")
        try state.blocking.update(User.self, cache: true) { $0.name = "kept" }
    }

    @Test func closingDoesNotWaitForEver() async throws {
        let state = try makeState()
        store.block()
        let late = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "late" }
        }
        #expect(try await store.waitForCommit())
        let isClosed = Lock(false)
        let closing = startTask {
            try await onThread { state.close() }
            isClosed.withLock { $0 = true }
        }
        // It may begin to wait at any time, so the clock is advanced until it has ended.
        try await until {
            clock.advance(by: .seconds(1))
            return isClosed.withLock { $0 }
        }
        try await closing.value
        await #expect(throws: StateError.self) { try await late.value }
        store.unblock()
    }

    @Test func aLoadThatHasToWriteIsToldToo() async throws {
        let old = StoredDocument(model: "User", schemaVersion: 1, revision: 1, time: 1, text: Array(#"{"id":1}"#.utf8))
        let store = ControlledStore([old], numbersReserved: 10)
        let state = try State(cache: .store(store), logger: RecordedLog().logger, limits: limits)
        store.block()
        let load = startTask { try await onThread { _ = try state.load(UserTwo()) } }
        #expect(try await store.waitForCommit())
        clock.advance(by: .seconds(1))
        let error = await #expect(throws: StateError.self) { try await load.value }
        #expect(error?.code == .storeNotResponding)
        store.unblock()
        try await state.untilStoreWorks()
        let user = try await onThread { try state.load(UserTwo()).model }
        #expect(store.setAside.map(\.document) == [old], "it is migrated once")
        #expect(user.id == 1, "also when the first try has been written after all")
    }

    @Test func openingDoesNotWaitForEver() async throws {
        let (limits, slow) = (self.limits, SlowToLoad())
        let opening = startTask { try await onThread { _ = try State(cache: .store(slow), limits: limits) } }
        #expect(try await onThread { slow.isRead.wait() })
        clock.advance(by: .seconds(1))
        let error = await #expect(throws: StateError.self) { try await opening.value }
        #expect(error?.code == .storeNotResponding)
        slow.gate.open()
        #expect(try await onThread { slow.isClosed.wait() }, "nobody has it any more")
    }

    /// A store that is read when a gate is open.
    private final class SlowToLoad: StateStore {
        let isRead = Gate()
        let gate = Gate()
        let isClosed = Gate()

        func load() throws -> StoredState {
            isRead.open()
            gate.wait()
            return StoredState(documents: [], numbersReserved: 0)
        }

        func commit(_ batch: StoreBatch) throws {}
        func close(numbersUsed: UInt64?) { isClosed.open() }
    }
}
