import Myosin
import TestSupport
import Testing

/// Revisions and the numbers of publications are used once, whatever happens to the process and the store.
@Suite struct NumbersTests {
    /// What one run of a process after the other has shown of its numbers.
    private struct Run {
        private(set) var store: ControlledStore
        private(set) var state: State
        /// The highest numbers seen so far, in any run.
        private var (revision, publication): (UInt64, UInt64) = (0, 0)

        init() throws {
            store = ControlledStore()
            state = try State.withModels(.store(store))
            try look(isChange: true)
        }

        /// Goes on with what the store has kept, as after a kill.
        mutating func crash() throws {
            let kept = store.kept
            store.unblock()
            store.fail(with: nil)
            state.close()
            store = ControlledStore(kept.documents, numbersReserved: kept.numbersReserved)
            state = try State.withModels(.store(store))
            // What was stored keeps its revision; what was only in memory begins anew, with a new one.
            publication = max(publication, try expectNewer(state.snapshots().publication, than: publication))
            revision = max(revision, try newest())
        }

        /// Checks the numbers after something that has changed both models, or has failed.
        mutating func look(isChange: Bool) throws {
            let (newRevision, newPublication) = (try newest(), state.snapshots().publication)
            if isChange {
                revision = try expectNewer(newRevision, than: revision)
                publication = try expectNewer(newPublication, than: publication)
            } else {
                #expect(newPublication == publication)
            }
        }

        private func expectNewer(_ number: UInt64, than earlier: UInt64) throws -> UInt64 {
            try #require(number > earlier, "a number was used again")
            return number
        }

        private func newest() throws -> UInt64 {
            max(try state.checkout(User.self).checkedOutRevision, try state.checkout(System.self).checkedOutRevision)
        }
    }

    @Test(arguments: 0..<UInt64(rounds(20)))
    func noNumberIsUsedTwiceAcrossCrashes(seed: UInt64) async throws {
        var generator = SeededRandom(seed: seed)
        var run = try Run()
        for step in 1...200 {
            let state = run.state
            switch Int.random(in: 0..<100, using: &generator) {
            case ..<35:
                try state.blocking.update(System.self) { $0.restarts += step }
                try run.look(isChange: true)
            case ..<60:
                try state.blocking.update(User.self, System.self, cache: true) {
                    $0.0.name = "\(step)"
                    $0.1.restarts += step
                }
                try run.look(isChange: true)
            case ..<75:
                run.store.fail(with: StateError(.storeFull, "The disk is full."), once: true)
                #expect(throws: StateError.self) { try state.update(User.self, cache: true) { $0.name = "\(step)" } }
                try run.look(isChange: false)
            case ..<80:
                try state.blocking.update(User.self) { $0.name = "before the reset \(step)" }
                try state.blocking.reset()
                try run.look(isChange: true)
            case ..<90:
                try await crashWhileSomethingIsPending(&run, step)
            default:
                try run.crash()
            }
        }
    }

    /// The pending commit has a number that nobody has seen; the one in memory has shown its own.
    private func crashWhileSomethingIsPending(_ run: inout Run, _ step: Int) async throws {
        let (state, store) = (run.state, run.store)
        store.block()
        let pending = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "pending \(step)" }
        }
        #expect(try await store.waitForCommit(of: "pending \(step)\""))
        try state.blocking.update(System.self) { $0.restarts += step }
        try run.look(isChange: true)
        try run.crash()
        try await pending.value
    }

    @Test func aStateWithoutAStoreBeginsBehindTheOneBefore() throws {
        var highest: UInt64 = 0
        for _ in 0..<20 {
            let state = try State()
            let first = try state.load(System()).checkedOutRevision
            #expect(first > highest)
            for _ in 0..<100 { try state.update(System.self) { $0.restarts += 1 } }
            highest = try state.checkout(System.self).checkedOutRevision
        }
    }

    /// Without reservations, commits in memory go on until the reserved numbers are used up, and then fail: a number that
    /// the store does not know of would be used again after a crash.
    @Test func withoutNumbersNothingChangesAnyMore() throws {
        let store = ControlledStore()
        let state = try State(
            cache: .store(store),
            limits: EngineLimits(numbersReserved: 1_000, storeWait: .beyondPatience)
        )
        try state.load(System(id: "s1"))
        store.fail(with: StateError(.storeFull, "The disk is full."))
        var failure: StateError?
        for _ in 1...1_100 where failure == nil {
            do {
                try state.update(System.self) { $0.restarts += 1 }
            } catch let error as StateError {
                failure = error
            }
        }
        #expect(failure?.code == .storeFull)
        let reserved = store.kept.numbersReserved
        let last = try state.checkout(System.self)
        #expect(last.checkedOutRevision <= reserved && last.restarts > 900)

        // Whatever is tried now must fail or keep to the reserved numbers.
        #expect(throws: StateError.self) { try state.update(System.self) { $0.restarts = 0 } }
        #expect(try state.checkout(System.self) == last)
        let loaded = try? state.load(chris)
        #expect((loaded?.checkedOutRevision ?? 0) <= reserved, "loading a model takes a number, too")
        #expect(state.snapshots().publication <= reserved)

        // The next process goes on behind them, with what the store has kept.
        let next = try State(cache: .store(ControlledStore([], numbersReserved: reserved)), limits: .patient)
        #expect(try next.load(System(id: "s1")).checkedOutRevision > last.checkedOutRevision)

        // Once there is room, so are numbers.
        store.fail(with: nil)
        try state.update(System.self) { $0.restarts = 0 }
        #expect(try state.checkout(System.self).checkedOutRevision > last.checkedOutRevision)
        #expect(store.kept.numbersReserved > reserved)
    }

    @Test func aResetWithoutNumbersFails() throws {
        let store = ControlledStore()
        let state = try State(
            cache: .store(store),
            limits: EngineLimits(numbersReserved: 1_000, storeWait: .beyondPatience)
        )
        try state.load(System(id: "s1"))
        store.fail(with: StateError(.storeFull, "The disk is full."))
        let reserved = store.kept.numbersReserved
        for _ in try state.checkout(System.self).checkedOutRevision..<reserved {
            try state.update(System.self) { $0.restarts += 1 }
        }
        #expect(try state.checkout(System.self).checkedOutRevision == reserved)
        _ = #expect(throws: StateError.self) { try state.reset() }
        #expect(try state.checkout(System.self).checkedOutRevision <= store.kept.numbersReserved)
    }
}
