import Myosin
import Primitives
import TestSupport
import Testing

/// The order in which changes become visible is one that all contexts and readers can agree on.
@Suite struct OrderTests {
    /// What the next context finds, pending or published; the context that looks throws, so it waits for nothing.
    private func restartsInContext(_ state: State) throws -> Int {
        struct Look: Error { let restarts: Int }
        do {
            return try state.with(System.self) { throw Look(restarts: try $0.checkout(System.self).restarts) }
        } catch let look as Look {
            return look.restarts
        }
    }

    /// A context reads System and commits User, which waits for the disk; then somebody changes System in memory.
    ///
    /// The context came before that change, so nobody may see the change without what the context committed.
    @Test func whatAWaitingContextHasReadChangesVisiblyOnlyAfterIt() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        store.block()
        let context = startTask {
            try await state.with(System.self, User.self, wait: patience) { context in
                var user = try context.checkout(User.self)
                user.name = "restarts: \(try context.checkout(System.self).restarts)"
                try context.commit(user, cache: true)
            }
        }
        #expect(try await store.waitForCommit())
        let change = startTask { try await state.update(System.self, wait: patience) { $0.restarts = 1 } }
        try await state.untilPending(System.self) { $0.restarts == 1 }
        #expect(try state.checkout(User.self).name == "chris")
        #expect(try state.checkout(System.self).restarts == 0, "the context that read 0 is not visible yet")
        store.unblock()
        try await context.value
        try await change.value
        #expect(try state.checkout(User.self).name == "restarts: 0")
        #expect(try state.checkout(System.self).restarts == 1)
    }

    /// As above, with a context that only reads: it waits for the value of User that it has seen.
    @Test func whatAWaitingReaderHasReadChangesVisiblyOnlyAfterIt() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        store.block()
        let durable = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "pending" }
        }
        #expect(try await store.waitForCommit())
        let hasRead = Lock(false)
        let reader = startTask {
            try await state.with(System.self, User.self, wait: patience) { context in
                hasRead.withLock { $0 = true }
                return (try context.checkout(User.self).name, try context.checkout(System.self).restarts)
            }
        }
        try await until { hasRead.withLock { $0 } }
        let change = startTask { try await state.update(System.self, wait: patience) { $0.restarts = 1 } }
        try await state.untilPending(System.self) { $0.restarts == 1 }
        #expect(try state.checkout(System.self).restarts == 0, "the reader that saw 0 waits for User")
        store.unblock()
        #expect(try await reader.value == ("pending", 0))
        try await durable.value
        try await change.value
    }

    /// One commit of two models becomes visible at once, also for readers that look at one after the other.
    @Test func modelsChangedTogetherAreSeenTogether() async throws {
        let state = try State()
        try state.load(RegisterPlan.Alpha())
        try state.load(RegisterPlan.Gamma())
        let (last, torn) = (rounds(10_000), Lock(0))
        try await onThreads(2) { thread in
            do {
                if thread == 0 {
                    for number in 1...last {
                        try state.update(RegisterPlan.Alpha.self, RegisterPlan.Gamma.self) {
                            $0.0.number = number
                            $0.1.number = number
                        }
                    }
                    return
                }
                var earlier = 0
                while earlier < last {
                    // In both orders, since either model may be the one that is shown first.
                    let first = try state.checkout(RegisterPlan.Alpha.self).number
                    let second = try state.checkout(RegisterPlan.Gamma.self).number
                    let third = try state.checkout(RegisterPlan.Alpha.self).number
                    if second < first || third < second { torn.withLock { $0 += 1 } }
                    earlier = first
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(torn.withLock { $0 } == 0, "readers saw one model of a commit without the other")
    }

    /// A commit in memory that waited for a flush has nothing to write itself, so it succeeds with that flush.
    @Test func aCommitInMemoryFailsOnlyWithTheFlushThatItWaitsFor() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        store.block()
        let durable = startTask {
            try await state.update(System.self, cache: true, wait: patience) { $0.restarts = 1 }
        }
        #expect(try await store.waitForCommit())
        let inMemory = startTask { try await state.update(System.self, wait: patience) { $0.restarts = 2 } }
        try await state.untilPending(System.self) { $0.restarts == 2 }
        store.unblock(1)
        try await durable.value
        store.fail(with: ControlledStore.Failure())
        store.unblock()
        try await inMemory.value
        #expect(try state.checkout(System.self).restarts == 2)
        #expect(store.text(of: "System")?.contains("\"restarts\":1") == true)
    }

    /// A flush fails, and with it a context that came after one that nothing is wrong with.
    @Test func aFailureDoesNotHideWhatIsStillGoingToBeWritten() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        store.block()
        let doomed = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "doomed" }
        }
        #expect(try await store.waitForCommit())
        let good = startTask {
            try await state.update(System.self, cache: true, wait: patience) { $0.restarts = 1 }
        }
        try await state.untilPending(System.self) { $0.restarts == 1 }
        let doomedToo = startTask {
            try await state.with(System.self, User.self, wait: patience) { context in
                var system = try context.checkout(System.self)
                system.restarts = try context.checkout(User.self).name == "doomed" ? 2 : -1
                try context.commit(system)
            }
        }
        try await state.untilPending(System.self) { $0.restarts == 2 }
        store.fail(with: StateError(.storeFull, "The disk is full."), once: true)
        store.unblock(1)
        await #expect(throws: StateError.self) { try await doomed.value }
        await #expect(throws: StateError.self) { try await doomedToo.value }
        #expect(try restartsInContext(state) == 1, "what is pending still")
        let builtOnGood = startTask { try await state.update(System.self, wait: patience) { $0.restarts += 10 } }
        try await state.untilPending(System.self) { $0.restarts >= 10 }
        store.unblock()
        try await good.value
        try await builtOnGood.value
        #expect(try state.checkout(System.self).restarts == 11)
    }
}
