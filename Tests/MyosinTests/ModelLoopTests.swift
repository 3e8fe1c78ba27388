import Logging
import Myosin
import TestSupport
import Testing

/// Loops over asynchronous sequences of one model, several models, or a field.
@Suite struct ModelLoopTests {
    let log = RecordedLog()
    let state: State

    init() throws {
        state = try State(logger: log.logger)
        try state.load(chris)
        try state.load(System(id: "s1"))
    }

    private func subscriptions(_ model: String) -> Double? {
        state.sample("myosin_subscriptions{model=\"\(model)\"}")
    }

    @Test func twoLoopsOverOneSequenceEachGetEverything() async throws {
        let changes = state.changes(of: System.self)
        let values = state.values(of: \System.restarts)
        let both = state.changes(of: System.self, User.self)
        var (one, two) = (changes.makeAsyncIterator(), changes.makeAsyncIterator())
        var (three, four) = (values.makeAsyncIterator(), values.makeAsyncIterator())
        var (five, six) = (both.makeAsyncIterator(), both.makeAsyncIterator())
        #expect(subscriptions("System") == 6)
        try await state.update(System.self) { $0.restarts = 1 }
        for expected in 0...1 {
            #expect(await one.next()?.restarts == expected)
            #expect(await two.next()?.restarts == expected)
            #expect(await three.next() == expected)
            #expect(await four.next() == expected)
            #expect(await five.next()?.0.restarts == expected)
            #expect(await six.next()?.0.restarts == expected)
        }
    }

    @Test func aLoopOverTwoModelsGetsWhatAContextCommitsToBothInOneElement() async throws {
        var moments = state.changes(of: User.self, System.self).makeAsyncIterator()
        try await state.update(User.self, System.self) { ($0.name, $1.restarts) = ("one", 1) }
        try await state.update(System.self) { $0.restarts = 2 }
        try await state.update(User.self) { $0.name = "chris" }
        let all = [await moments.next(), await moments.next(), await moments.next(), await moments.next()]
        #expect(all.map { $0?.0.name } == ["chris", "one", "one", "chris"])
        #expect(all.map { $0?.1.restarts } == [0, 1, 2, 2])
        #expect(all[1]?.0.revision == all[1]?.1.revision && all[2]?.0.revision == all[1]?.0.revision)
        #expect(all.allSatisfy { $0?.0.missed == 0 && $0?.1.missed == 0 })
    }

    @Test func ofModelsTogetherEachCountsItsOwnMissedChanges() async throws {
        var moments = state.changes(of: User.self, System.self, maxBuffered: 1).makeAsyncIterator()
        // The first moment goes with the first commit; the user's first value is still in the second.
        for number in 1...3 { try await state.update(System.self) { $0.restarts = number } }
        let first = await moments.next()
        #expect(first?.1.restarts == 3 && first?.1.missed == 3)
        #expect(first?.0.name == "chris" && first?.0.missed == 0)
        try await state.update(User.self) { $0.name = "lost" }
        try await state.update(User.self) { $0.name = "kept" }
        let second = await moments.next()
        #expect(second?.0.name == "kept" && second?.0.missed == 1)
        #expect(second?.1.restarts == 3 && second?.1.missed == 0, "delivered before")
        #expect(state.sample(#"myosin_missed_changes_total{model="System"}"#) == 3)
        #expect(state.sample(#"myosin_missed_changes_total{model="User"}"#) == 1)
    }

    @Test func threeAndFourModelsAreOfOneMomentToo() async throws {
        try state.load(UpdateTests.Valve())
        try state.load(UpdateTests.Pump())
        typealias Valve = UpdateTests.Valve
        typealias Pump = UpdateTests.Pump
        for await (user, system, valve) in state.changes(of: User.self, System.self, Valve.self) {
            #expect(user.name == "chris" && system.restarts == 0 && valve.opening == 0)
            break
        }
        var moments = state.changes(of: User.self, System.self, Valve.self, Pump.self).makeAsyncIterator()
        _ = await moments.next()
        try await state.update(User.self, System.self, Valve.self, Pump.self) {
            ($0.name, $1.restarts, $2.opening, $3.isOn) = ("four", 4, 4, true)
        }
        let moment = await moments.next()
        #expect(moment?.0.name == "four" && moment?.1.restarts == 4 && moment?.2.opening == 4 && moment?.3.isOn == true)
    }

    @Test func theValuesOfAFieldBeginWithTheCurrentOneAndHaveNoneTwice() async throws {
        var values = state.values(of: \System.restarts).makeAsyncIterator()
        try await state.update(System.self) { $0.online = true }
        try await state.update(System.self) { $0.restarts = 1 }
        try await state.update(System.self) { $0.online = false }
        try await state.update(System.self) { $0.restarts = 0 }
        state.close()
        var all: [Int] = []
        while let value = await values.next() { all.append(value) }
        #expect(all == [0, 1, 0])
    }

    @Test func aLoopOverAModelThatIsNotLoadedEndsAndSaysWhy() async throws {
        let changes = state.changes(of: Reading.self)
        #expect(changes.failure?.code == .notLoaded && changes.failure?.model == "Reading")
        for await _ in changes { Issue.record("not loaded") }
        for await _ in state.values(of: \Reading.temperature) { Issue.record("not loaded") }
        for await _ in state.changes(of: User.self, Reading.self) { Issue.record("not loaded") }
        let message = "Reading is not loaded. Call state.load(Reading(…)) with its defaults first."
        let line = RecordedLog.Line(
            level: .error,
            message: "A loop over changes gets nothing",
            metadata: ["model.name": "Reading", "error": "\(message)"]
        )
        #expect(log.lines == [line, line, line])
        // The sequence finds the model when a loop begins.
        try state.load(Reading(temperature: 3))
        #expect(changes.failure == nil)
        for await change in changes {
            #expect(change.temperature == 3)
            break
        }
    }

    @Test func aLoopThatBeginsAfterTheEndOfTheStateSaysSo() async throws {
        let (one, both) = (state.changes(of: User.self), state.changes(of: User.self, System.self))
        let values = state.values(of: \User.name)
        state.close()
        for await _ in one { Issue.record("closed") }
        for await _ in both { Issue.record("closed") }
        for await _ in values { Issue.record("closed") }
        #expect([one.failure, both.failure, values.failure].map { $0?.code } == [.closed, .closed, .closed])
        #expect(log.lines.count == 3 && log.lines.allSatisfy { $0.level == .error })
    }

    @Test func closingDeliversTheMomentsThatAreBufferedAndThenEnds() async throws {
        var moments = state.changes(of: User.self, System.self).makeAsyncIterator()
        for number in 1...3 { try await state.update(System.self) { $0.restarts = number } }
        state.close()
        var all: [Int] = []
        while let (_, system) = await moments.next() { all.append(system.restarts) }
        #expect(all == [0, 1, 2, 3])
        #expect(subscriptions("User") == 0 && subscriptions("System") == 0)
    }

    @Test func leavingALoopOrDroppingItsIteratorEndsTheSubscription() async throws {
        for await _ in state.changes(of: User.self, System.self) { break }
        for await _ in state.values(of: \User.name) { break }
        #expect(subscriptions("User") == 0 && subscriptions("System") == 0)
        do {
            let iterators = (
                state.changes(of: User.self).makeAsyncIterator(), state.values(of: \User.name).makeAsyncIterator(),
                state.changes(of: User.self, System.self).makeAsyncIterator()
            )
            #expect(subscriptions("User") == 3 && subscriptions("System") == 1)
            withExtendedLifetime(iterators) {}
        }
        #expect(subscriptions("User") == 0 && subscriptions("System") == 0)
    }

    @Test func cancellingATaskEndsItsLoopOverTwoModels() async throws {
        let moments = state.changes(of: User.self, System.self)
        let loop = startTask {
            var count = 0
            for await _ in moments { count += 1 }
            return count
        }
        try await until { subscriptions("User") == 1 }
        loop.cancel()
        #expect(try await loop.value <= 1)
        #expect(subscriptions("User") == 0 && subscriptions("System") == 0)
    }

    @Test func aSequenceKeepsNoStateOpen() async throws {
        var state: State? = try State.withModels()
        let changes = state?.changes(of: User.self, System.self)
        var iterator = changes?.makeAsyncIterator()
        weak let former = state
        state = nil
        #expect(former == nil)
        #expect(await iterator?.next() != nil, "what is buffered")
        #expect(await iterator?.next() == nil)
        #expect(changes?.failure?.code == .closed)
    }

    @Test func theLoopsCompileAsTheyAreWritten() throws {
        let code = """
            import Myosin
            struct Tank: StateModel { var id = ModelID(), litres = 0.0 }
            struct Pump: StateModel { var id = ModelID(), isOn = false }
            func watch(_ state: State) async throws {
                for await (tank, pump) in state.changes(of: Tank.self, Pump.self) { print(tank.litres, pump.isOn, tank.missed) }
                for await litres in state.values(of: \\Tank.litres) { print(litres + 1) }
                for await change in state.changes(of: Tank.self) { print(change.model.litres == change.litres) }
                let tank: Tank = try state.checkout(Tank.self).model
                let litres = try state[\\Tank.litres]
                print(tank.litres == litres)
            }
            actor Controller {
                var litres = 0.0
                func run(_ state: State) async {
                    for await value in state.values(of: \\Tank.litres) { litres = value }
                    for await (tank, _) in state.changes(of: Tank.self, Pump.self) { litres = tank.litres }
                }
            }
            @MainActor func show(_ state: State) async {
                for await (tank, pump) in state.changes(of: Tank.self, Pump.self) { print(tank.revision, pump.revision) }
            }
            """
        #expect(try typeCheck(code) == [])
    }
}
