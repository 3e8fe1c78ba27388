import Myosin
import Testing

/// The code of the article "Contexts and conflicts".
@Suite struct ContextsAndConflictsTests {
    // DOC begins
    struct Tank: StateModel {
        var id = ModelID()
        var litres: Double
    }

    struct Pump: StateModel {
        var id = ModelID()
        var isRunning = false
        var starts = 0
    }
    // DOC ends

    private let state: State

    init() throws {
        state = try State()
        try state.load(Tank(litres: 20))
        try state.load(Pump())
    }

    @Test func updateReturnsWhatItsClosureReturns() throws {
        // DOC begins
        let litres = try state.update(Tank.self) { tank in
            tank.litres += 10
            return tank.litres
        }
        // DOC ends
        #expect(litres == 30)
    }

    @Test func severalModelsAreCheckedOutTogether() throws {
        // DOC begins
        let (tank, pump) = try state.checkout(Tank.self, Pump.self)
        print("\(tank.litres) litres after \(pump.starts) starts")
        // DOC ends
        #expect(tank.litres == 20 && pump.starts == 0)
    }

    @Test func aContextCommitsWhereItWants() throws {
        let state = try State(cache: .store(DurabilityTests.RecordingStore()))
        try state.load(Tank(litres: 20))
        try state.load(Pump())
        for _ in 1...2 {
            // DOC begins
            try state.with(Pump.self) { context in
                var pump = try context.checkout(Pump.self)
                if pump.isRunning { return }
                pump.isRunning = true
                pump.starts += 1
                try context.commit(pump, cache: true)
            }
            // DOC ends
        }
        #expect(try state.checkout(Pump.self).starts == 1)
        // DOC begins
        try state.update(Tank.self, Pump.self, cache: true) { tank, pump in
            tank.litres = 0
            pump.isRunning = false
        }
        // DOC ends
        let (tank, pump) = (try state.checkout(Tank.self), try state.checkout(Pump.self))
        #expect(tank.litres == 0 && !pump.isRunning)
        #expect(tank.checkedOutRevision == pump.checkedOutRevision)
    }

    @Test func theModelsMayComeInAnArray() throws {
        // DOC begins
        let models: [any StateModel.Type] = [Tank.self, Pump.self]
        try state.with(models) { context in
            try context.update(Tank.self) { $0.litres = 3 }
        }
        // DOC ends
        #expect(try state[\Tank.litres] == 3)
    }

    @Test func anAsyncFunctionMayBlock() async throws {
        // DOC begins
        var seen: [Double] = []
        try state.blocking.update(Tank.self) { seen.append($0.litres) }
        // DOC ends
        #expect(seen == [20])
    }

    @Test func aContextSeesWhatItHasCommitted() throws {
        try state.with(Tank.self) { context in
            var tank = try context.checkout(Tank.self)
            tank.litres = 5
            try context.commit(tank)
            #expect(try context.checkout(Tank.self).litres == 5)
            #expect(try state.checkout(Tank.self).litres == 20)
        }
        #expect(try state.checkout(Tank.self).litres == 5)
    }

    @Test func aCopyThatIsOutOfDateIsAConflict() throws {
        // DOC begins
        var stale = try state.checkout(Tank.self)
        try state.update(Tank.self) { $0.litres = 50 }  // somebody else is faster
        stale.litres += 1
        do {
            try state.with(Tank.self) { try $0.commit(stale) }
        } catch StateError.conflict {
            print("Tank was changed since its checkout.")
        }
        // DOC ends
        #expect(try state.checkout(Tank.self).litres == 50)
        let copy = stale
        let error = #expect(throws: StateError.self) { try state.with(Tank.self) { try $0.commit(copy) } }
        #expect(error?.code == .conflict && error?.expectedRevision == copy.checkedOutRevision)
        let current = try state.checkout(Tank.self)
        #expect(error?.currentRevision == current.checkedOutRevision)
        #expect(error?.message.hasPrefix("Tank was changed since its checkout: ") == true)
        #expect(error?.message.hasSuffix("Check it out again and repeat the change.") == true)
    }

    @Test func tasksQueue() async throws {
        try await state.update(Tank.self) { $0.litres = 0 }
        // DOC begins
        try await state.update(Pump.self) { $0.starts = 0 }

        let isEmpty = try await state.with(Tank.self, Pump.self, wait: .seconds(1)) { context in
            var pump = try context.checkout(Pump.self)
            let isEmpty = try context.checkout(Tank.self).litres == 0
            pump.isRunning = !isEmpty
            try context.commit(pump)
            return isEmpty
        }
        // DOC ends
        #expect(try isEmpty && !state.checkout(Pump.self).isRunning)
    }

    @Test func slowWorkComesBefore() throws {
        func measure() -> Double { 12.5 }
        // DOC begins
        let measured = measure()
        try state.update(Tank.self) { $0.litres = measured }
        // DOC ends
        #expect(try state.checkout(Tank.self).litres == 12.5)
    }

    @Test func aContextInAContextIsRefused() throws {
        // DOC begins
        do {
            try state.with(Tank.self) { _ in
                try state.update(Pump.self) { $0.isRunning = false }
            }
        } catch StateError.nestedContext {
            print("Name both models in one context.")
        }
        // DOC ends
        let error = #expect(throws: StateError.self) {
            try state.with(Tank.self) { _ in try state.update(Pump.self) { $0.isRunning = false } }
        }
        #expect(error?.code == .nestedContext)
        #expect(
            error?.message.hasPrefix("This thread is in a context already. Name all models in one context: ") == true
        )
    }

    @Test func otherModelsAndLaterUsesAreRefused() throws {
        let other = #expect(throws: StateError.self) { try state.with(Tank.self) { _ = try $0.checkout(Pump.self) } }
        #expect(other?.code == .notInContext)
        let kept = try state.with(Tank.self) { $0 }
        let later = #expect(throws: StateError.self) { _ = try kept.checkout(Tank.self) }
        #expect(later?.code == .contextEnded)
    }
}
