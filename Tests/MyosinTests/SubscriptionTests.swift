import Logging
import Myosin
import Primitives
import TestSupport
import Testing

@Suite struct SubscriptionTests {
    private func makeState() throws -> State {
        let state = try State()
        try state.load(System(id: "s1"))
        return state
    }

    @Test func changesComeInOrderAndBeginWithTheCurrentValue() async throws {
        let state = try makeState()
        var changes = state.changes(of: System.self).makeAsyncIterator()
        for _ in 0..<10 { try state.blocking.update(System.self) { $0.restarts += 1 } }
        for expected in 0...10 {
            let change = await changes.next()
            #expect(change?.model.restarts == expected && change?.missed == 0)
        }
    }

    @Test func aFullBufferSkipsTheOldestAndTellsHowMany() async throws {
        let state = try makeState()
        var changes = state.changes(of: System.self, maxBuffered: 2).makeAsyncIterator()
        for _ in 0..<5 { try state.blocking.update(System.self) { $0.restarts += 1 } }
        let (first, second) = (await changes.next(), await changes.next())
        #expect(first?.model.restarts == 4 && first?.missed == 4)
        #expect(second?.model.restarts == 5 && second?.missed == 0)
    }

    @Test func aSubscriberThatThrowsIsCountedLoggedAndGoesOn() async throws {
        struct Failure: Error, CustomStringConvertible { let description = "as the test says" }
        let log = RecordedLog()
        let state = try State(logger: log.logger)
        try state.load(System(id: "s1"))
        let (seen, continuation) = AsyncStream<Int>.makeStream()
        try state.subscribe(System.self) { system in
            continuation.yield(system.restarts)
            throw Failure()
        }
        var iterator = seen.makeAsyncIterator()
        for expected in 1...3 {
            try state.blocking.update(System.self) { $0.restarts += 1 }
            #expect(await iterator.next() == expected)
        }
        try await state.until(#"myosin_cb_exc_count_total{model="System"}"#, is: 3)
        state.close()
        let line = RecordedLog.Line(
            level: .error,
            message: "A subscriber threw an error",
            metadata: ["model.name": "System", "error": "as the test says"]
        )
        #expect(Set(log.lines.map(\.message)).count == 1)
        #expect(log.lines.first == line && log.lines.count >= 2, "the third may be under way")
    }

    @Test func subscribersGetCopies() async throws {
        let state = try makeState()
        let (seen, continuation) = AsyncStream<Int>.makeStream()
        for _ in 0..<2 {
            try state.subscribe(System.self) { system in
                var system = system
                system.restarts += 100
                continuation.yield(system.restarts)
            }
        }
        try state.blocking.update(System.self) { $0.restarts = 1 }
        var iterator = seen.makeAsyncIterator()
        #expect(await iterator.next() == 101)
        #expect(await iterator.next() == 101)
        #expect(try state.checkout(System.self).restarts == 1)
    }

    @Test func eachSubscriberGetsEverythingInOrderWhileManyThreadsCommit() async throws {
        let state = try makeState()
        let (done, continuation) = AsyncStream<[Int]>.makeStream()
        let commits = 8 * rounds(200)
        for _ in 0..<5 {
            let seen = Lock<[Int]>([])
            try state.subscribe(System.self, maxBuffered: commits) { system in
                let all = seen.withLock { seen in
                    seen.append(system.restarts)
                    return seen
                }
                if all.count == commits { continuation.yield(all) }
            }
        }
        let threads = try (0..<8)
            .map { _ in
                try WorkerThread {
                    for _ in 0..<commits / 8 {
                        #expect(throws: Never.self) { try state.update(System.self) { $0.restarts += 1 } }
                    }
                }
            }
        var iterator = done.makeAsyncIterator()
        for _ in 0..<5 { #expect(await iterator.next() == Array(1...commits)) }
        for thread in threads { thread.join() }
    }

    @Test func subscribersThatBlockTheirThreadsSlowNobody() async throws {
        let state = try makeState()
        let (blocked, mayGo) = (Lock(0), Gate())
        for _ in 0..<32 {
            try state.subscribe(System.self) { _ in
                blocked.withLock { $0 += 1 }
                mayGo.wait()
            }
        }
        let (seen, continuation) = AsyncStream<Int>.makeStream()
        try state.subscribe(System.self) { continuation.yield($0.restarts) }
        try state.blocking.update(System.self) { $0.restarts = 1 }
        try await until { blocked.withLock { $0 == 32 } }
        for expected in 2...20 { try state.blocking.update(System.self) { $0.restarts = expected } }
        var iterator = seen.makeAsyncIterator()
        for expected in 1...20 { #expect(await iterator.next() == expected) }
        mayGo.open()
    }

    @Test func aSubscriberMayCommit() async throws {
        let state = try makeState()
        try state.load(chris)
        var users = state.changes(of: User.self).makeAsyncIterator()
        _ = await users.next()
        try state.subscribe(System.self) { system in
            try await state.update(User.self) { $0.name = "restart \(system.restarts)" }
        }
        try state.blocking.update(System.self) { $0.restarts = 7 }
        #expect(await users.next()?.model.name == "restart 7")
    }

    @Test func aSubscriberMayChangeItsOwnModel() async throws {
        let state = try makeState()
        var changes = state.changes(of: System.self).makeAsyncIterator()
        _ = await changes.next()
        try state.subscribe(System.self) { system in
            if system.restarts < 5 { try await state.update(System.self) { $0.restarts += 1 } }
        }
        try state.blocking.update(System.self) { $0.restarts = 1 }
        for expected in 1...5 { #expect(await changes.next()?.model.restarts == expected) }
    }

    @Test func anEqualCommitIsNoChange() async throws {
        let state = try makeState()
        var changes = state.changes(of: System.self).makeAsyncIterator()
        _ = await changes.next()
        try state.blocking.update(System.self) { $0.restarts = 0 }
        try state.blocking.update(System.self) { $0.restarts = 1 }
        let change = await changes.next()
        #expect(change?.model.restarts == 1 && change?.missed == 0)
        #expect(change?.revision == (try state.checkout(System.self)).checkedOutRevision)
    }

    @Test func aCancelledSubscriptionDeliversNothingMore() async throws {
        let state = try makeState()
        let (seen, continuation) = AsyncStream<Int>.makeStream()
        let (isIn, mayGo, isOver) = (Gate(), Gate(), Lock(false))
        let subscription: Subscription<System>
        do {
            let closure = Lifetime { isOver.withLock { $0 = true } }
            subscription = try state.subscribe(System.self) { system in
                continuation.yield(system.restarts)
                isIn.open()
                mayGo.wait()
                withExtendedLifetime(closure) {}
            }
        }
        for expected in 1...3 { try state.blocking.update(System.self) { $0.restarts = expected } }
        #expect(try await onThread { isIn.wait() })
        subscription.cancel()
        mayGo.open()
        try state.blocking.update(System.self) { $0.restarts = 4 }
        // Nothing can call the closure any more when the engine has let go of it.
        try await until { isOver.withLock { $0 } }
        continuation.finish()
        var all: [Int] = []
        for await restarts in seen { all.append(restarts) }
        #expect(all == [1])
    }

    @Test func droppingASubscriptionDoesNotCancelIt() async throws {
        let state = try makeState()
        let (seen, continuation) = AsyncStream<Int>.makeStream()
        _ = try state.subscribe(System.self) { continuation.yield($0.restarts) }
        try state.blocking.update(System.self) { $0.restarts = 1 }
        var iterator = seen.makeAsyncIterator()
        #expect(await iterator.next() == 1)
    }

    @Test func closingDeliversWhatIsBufferedAndThenEnds() async throws {
        let state = try makeState()
        var changes = state.changes(of: System.self).makeAsyncIterator()
        for expected in 1...3 { try state.blocking.update(System.self) { $0.restarts = expected } }
        state.close()
        var all: [Int] = []
        while let change = await changes.next() { all.append(change.restarts) }
        #expect(all == [0, 1, 2, 3])
        let error = #expect(throws: StateError.self) { try state.subscribe(System.self) { _ in } }
        #expect(error?.code == .closed)
    }

    @Test func cancellingEndsTheSequence() async throws {
        let state = try makeState()
        let changes = state.changes(of: System.self)
        let loop = Task {
            var count = 0
            for await _ in changes { count += 1 }
            return count
        }
        loop.cancel()
        #expect(await loop.value <= 1)
        #expect(state.sample(#"myosin_subscriptions{model="System"}"#) == 0)
    }

    @Test func leavingTheLoopEndsTheSubscription() async throws {
        let state = try makeState()
        for await _ in state.changes(of: System.self) { break }
        #expect(state.sample(#"myosin_subscriptions{model="System"}"#) == 0)
    }
}
