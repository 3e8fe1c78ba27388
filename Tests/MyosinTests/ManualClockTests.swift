import Myosin
import Primitives
import TestSupport
import Testing

/// The clock that users move by hand.
@Suite struct ManualClockTests {
    private let clock = ManualClock()

    @Test func waitingEndsWhenTheClockSaysSo() async throws {
        let state = try State(clock: clock)
        try state.load(chris)
        let holder = try Holder(state, User.self)
        let results = Lock<[Result<DocumentsWritten, StateError>]>([])
        let write = DocumentWrite("User", .merge(JSONObject()))
        for seconds in [5, 9] {
            state.write([write], wait: .seconds(seconds)) { result in results.withLock { $0.append(result) } }
        }
        try await until { clock.waitingContexts == 2 }
        clock.advance(by: .seconds(4))
        #expect(results.withLock { $0.isEmpty })
        clock.advance(by: .seconds(1))
        try await until { clock.waitingContexts == 1 }
        try await until { results.withLock { $0.count } == 1 }
        #expect(throws: StateError.self) { try results.withLock { $0[0] }.get() }
        try holder.letGo()
        try await until { results.withLock { $0.count } == 2 }
        #expect(throws: Never.self) { _ = try results.withLock { $0[1] }.get() }
        #expect(clock.waitingContexts == 0)
    }

    @Test func aStoreIsTriedAgainWhenTheClockSaysSo() async throws {
        let store = MemoryStore()
        let state = try State(cache: .store(store), clock: clock)
        try state.load(chris)
        store.failCommits(with: .storeFull)
        #expect(throws: StateError.self) { try state.update(User.self, cache: true) { $0.name = "lost" } }
        #expect(state.storeError?.code == .storeFull)
        try await until {
            clock.advance(by: .seconds(1))
            return state.storeError == nil
        }
    }

    @Test func changesHaveTheTimeOfTheClock() throws {
        let store = MemoryStore()
        let state = try State(cache: .store(store), clock: clock)
        try state.load(chris)
        for name in ["a", "b"] {
            clock.advance(by: .seconds(60))
            try state.update(User.self, cache: true) { $0.name = name }
            #expect(store.documents["User"]?.time == clock.secondsSince1970)
        }
        #expect(clock.secondsSince1970 == 1_767_225_720)
        clock.advance(by: .seconds(-60))
        #expect(clock.secondsSince1970 == 1_767_225_720)
    }

    @Test func revisionsBeginAtTheTimeOfTheClock() throws {
        let state = try State(clock: ManualClock(secondsSince1970: 1))
        #expect(try state.load(chris).checkedOutRevision == 1_000_001)
    }

    /// Each waiter's deadline is reached by one of many small moves, whatever the threads' order is.
    @Test func noMoveIsMissed() async throws {
        let (clock, value) = (EngineClock(manual: clock), Monitor(0))
        let moving = try WorkerThread { [manual = self.clock, value] in
            while value.withLock({ $0 }) < 200 { manual.advance(by: .milliseconds(1)) }
        }
        try await onThreads(4) { _ in
            for _ in 1...50 {
                let end = clock.now + .milliseconds(3)
                let found: Bool? = clock.wait(for: value, until: end) { _ in nil }
                #expect(found == nil && clock.now >= end)
                value.withLock { $0 += 1 }
            }
        }
        moving.join()
    }
}
