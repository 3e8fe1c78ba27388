import Myosin
import Primitives
import TestSupport
import Testing

/// The code of the article "Subscriptions".
@Suite struct SubscriptionsTests {
    struct Door: StateModel {
        var id = ModelID()
        var isOpen = false
        var passages = 0
    }

    struct Lock: StateModel {
        var id = ModelID()
        var isBolted = false
    }

    private let state: State

    init() throws {
        state = try State()
        try state.load(Door())
        try state.load(Lock())
    }

    @Test func aClosureIsCalledUntilItIsCancelled() async throws {
        // DOC begins
        let subscription = try state.subscribe(Door.self) { door in
            print(door.isOpen ? "open" : "shut")
        }
        // DOC ends
        let (seen, continuation) = AsyncStream<Int>.makeStream()
        let isOver = Primitives.Lock(false)
        let counting: Subscription<Door>
        do {
            let closure = Lifetime { isOver.withLock { $0 = true } }
            counting = try state.subscribe(Door.self) { door in
                continuation.yield(door.passages)
                withExtendedLifetime(closure) {}
            }
        }
        var iterator = seen.makeAsyncIterator()
        for passages in 1...3 {
            try state.blocking.update(Door.self) { $0.passages = passages }
            #expect(await iterator.next() == passages)
        }
        counting.cancel()
        try state.blocking.update(Door.self) { $0.passages = 4 }
        // Nothing can call the closure any more when the engine has let go of it.
        try await until { isOver.withLock { $0 } }
        continuation.yield(-1)
        #expect(await iterator.next() == -1)
        // DOC begins
        subscription.cancel()
        // DOC ends
    }

    @Test func aLoopBeginsWithTheCurrentValue() async throws {
        try state.blocking.update(Door.self) { $0.isOpen = true }
        // DOC begins
        for await change in state.changes(of: Door.self) {
            print(change.isOpen, change.revision)
            if change.isOpen { break }
        }
        // DOC ends
        var changes = state.changes(of: Door.self).makeAsyncIterator()
        let current = try state.checkout(Door.self)
        let first = await changes.next()
        #expect(first?.model == current.model && first?.revision == current.checkedOutRevision)
    }

    @Test func aLoopHasSeveralModelsOrOneField() async throws {
        try await state.update(Door.self, Lock.self) { ($0.passages, $1.isBolted) = (3, true) }
        // DOC begins
        for await (door, lock) in state.changes(of: Door.self, Lock.self) {
            print(door.isOpen, lock.isBolted)
            if lock.isBolted { break }
        }
        // DOC ends
        // DOC begins
        for await passages in state.values(of: \Door.passages) {
            print(passages)
            if passages > 2 { break }
        }
        // DOC ends
    }

    @Test func aFullBufferKeepsTheNewest() async throws {
        // DOC begins
        var changes = state.changes(of: Door.self, maxBuffered: 1).makeAsyncIterator()
        for _ in 1...3 { try await state.update(Door.self) { $0.passages += 1 } }
        let latest = await changes.next()
        // DOC ends
        #expect(latest?.model.passages == 3 && latest?.missed == 3)
    }

    @Test func anEqualValueIsNoChange() async throws {
        let before = try state.checkout(Door.self).checkedOutRevision
        var changes = state.changes(of: Door.self).makeAsyncIterator()
        _ = await changes.next()
        try state.blocking.update(Door.self) { $0.isOpen = false }
        #expect(try state.checkout(Door.self).checkedOutRevision == before)
        try state.blocking.update(Door.self) { $0.isOpen = true }
        let next = await changes.next()
        #expect(next?.model.isOpen == true && next?.missed == 0)
    }
}
