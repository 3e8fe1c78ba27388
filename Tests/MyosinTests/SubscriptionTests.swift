import Exposition
import Myosin
import Testing

@Suite struct SubscriptionTests {
    private func makeState() throws -> State {
        let state = try State()
        try state.load(System(id: "s1"))
        return state
    }

    @Test func changesComeInOrderAndBeginWithTheCurrentValue() async throws {
        let state = try makeState()
        var changes = try state.changes(of: System.self).makeAsyncIterator()
        for _ in 0..<10 { try state.update(System.self) { $0.restarts += 1 } }
        for expected in 0...10 {
            let change = await changes.next()
            #expect(change?.model.restarts == expected && change?.missed == 0)
        }
    }

    @Test func aFullBufferSkipsTheOldestAndTellsHowMany() async throws {
        let state = try makeState()
        var changes = try state.changes(of: System.self, bufferMax: 2).makeAsyncIterator()
        for _ in 0..<5 { try state.update(System.self) { $0.restarts += 1 } }
        let (first, second) = (await changes.next(), await changes.next())
        #expect(first?.model.restarts == 4 && first?.missed == 4)
        #expect(second?.model.restarts == 5 && second?.missed == 0)
    }

    @Test func aSubscriberThatThrowsIsCountedAndGoesOn() async throws {
        struct Failure: Error {}
        let state = try makeState()
        let (seen, continuation) = AsyncStream<Int>.makeStream()
        try state.subscribe(System.self) { system in
            continuation.yield(system.restarts)
            throw Failure()
        }
        var iterator = seen.makeAsyncIterator()
        for expected in 1...3 {
            try state.update(System.self) { $0.restarts += 1 }
            #expect(await iterator.next() == expected)
        }
        // The third error is counted after its value was handed over; a fourth value proves the count of three.
        try state.update(System.self) { $0.restarts += 1 }
        _ = await iterator.next()
        let page = String(decoding: state.metrics.render(), as: UTF8.self)
        let counts = ["3", "4"].map { "myosin_cb_exc_count_total{model=\"System\"} \($0)\n" }
        #expect(counts.contains { page.contains($0) })
    }

    @Test func aSubscriberMayCommit() async throws {
        let state = try makeState()
        try state.load(chris)
        var users = try state.changes(of: User.self).makeAsyncIterator()
        _ = await users.next()
        try state.subscribe(System.self) { system in
            try state.update(User.self) { $0.name = "restart \(system.restarts)" }
        }
        try state.update(System.self) { $0.restarts = 7 }
        #expect(await users.next()?.model.name == "restart 7")
    }

    @Test func cancellingEndsTheSequence() async throws {
        let state = try makeState()
        let changes = try state.changes(of: System.self)
        let loop = Task {
            var count = 0
            for await _ in changes { count += 1 }
            return count
        }
        loop.cancel()
        #expect(await loop.value <= 1)
        state.close()
    }
}
