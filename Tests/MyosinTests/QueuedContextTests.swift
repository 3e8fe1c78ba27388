import Myosin
import Primitives
import TestSupport
import Testing

@Suite struct QueuedContextTests {
    let state: State

    init() throws { state = try State.withModels() }

    @Test func contextsRunInOrderOfTheirArrival() async throws {
        let holder = try Holder(state, User.self)
        let order = Lock<[Int]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask(executorPreference: taskThreads) { [state] in
                    try await state.with(User.self, wait: patience) { _ in order.withLock { $0.append(number) } }
                }
                try await state.untilWaiting(number + 1, for: "User")
            }
            try holder.letGo()
            try await group.waitForAll()
        }
        #expect(order.withLock { $0 } == Array(0..<50))
    }

    @Test func aQueuedContextIsNotOvertakenByThreadsThatComeLater() async throws {
        let holder = try Holder(state, User.self)
        let order = Lock<[String]>([])
        async let queued: Void = state.with(User.self, wait: patience) { _ in
            order.withLock { $0.append("queued") }
        }
        try await state.untilWaiting(1, for: "User")
        let thread = try WorkerThread { [state] in
            #expect(throws: Never.self) { try state.with(User.self) { _ in order.withLock { $0.append("thread") } } }
        }
        try await state.untilWaiting(2, for: "User")
        try holder.letGo()
        try await queued
        thread.join()
        #expect(order.withLock { $0 } == ["queued", "thread"])
    }

    @Test func oneThatIsNotServedInTimeIsBusyAndGivesBackWhatItHeld() async throws {
        let holder = try Holder(state, User.self)
        let error = await #expect(throws: StateError.self) {
            // System comes first, and is taken while User is waited for.
            try await state.with(System.self, User.self, wait: .milliseconds(20)) { _ in }
        }
        #expect(error?.code == .busy && error?.model == "User")
        #expect(
            error?.message
                == "User was held by another context for too long. Try again, and keep long work out of contexts."
        )
        try state.blocking.update(System.self) { $0.restarts += 1 }
        try holder.letGo()
        try await state.with(System.self, User.self, wait: patience) { _ in }
    }

    @Test func contextsThatWaitForTheirLocksAreBounded() async throws {
        let state = try State(cache: .none, limits: EngineLimits(maxWaitingContexts: 10))
        try state.load(chris)
        let holder = try Holder(state, User.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { try await state.with(User.self, wait: patience) { _ in } } }
            try await state.untilWaiting(10, for: "User")
            let error = await #expect(throws: StateError.self) {
                try await state.with(User.self, wait: patience) { _ in }
            }
            #expect(error?.code == .busy)
            #expect(error?.message == "10 contexts wait for their turn already. Try again later.")
            try holder.letGo()
            try await group.waitForAll()
        }
        try await state.with(User.self, wait: patience) { _ in }
    }

    @Test func cancellingTheTaskEndsTheWaiting() async throws {
        let holder = try Holder(state, User.self)
        let task = startTask { [state] in
            try await state.update(User.self, wait: patience) { $0.name = "never" }
        }
        try await state.untilWaiting(1, for: "User")
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try holder.letGo()
        #expect(try state.checkout(User.self).name == "chris")
        try state.blocking.update(User.self) { $0.name = "free" }
    }

    @Test func aCancelledTaskOpensNoContext() async throws {
        let task = startTask { [state] in
            while !Task.isCancelled { await Task.yield() }
            try await state.update(User.self, wait: patience) { $0.name = "never" }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try state.checkout(User.self).name == "chris")
    }

    @Test func cancellingAtAnyMomentLosesNoLock() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<400 {
                group.addTask { [state] in
                    let task = startTask {
                        try await state.with(User.self, System.self, wait: patience) { context in
                            var user = try context.checkout(User.self)
                            user.name = "\(round)"
                            try context.commit(user)
                        }
                    }
                    if round % 3 == 0 { await Task.yield() }
                    if round % 2 == 0 { task.cancel() }
                    do {
                        try await task.value
                    } catch is CancellationError {
                        #expect(round % 2 == 0)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await state.with(User.self, System.self, wait: patience) { _ in }
        #expect(state.sample(#"myosin_waiting_contexts{model="User"}"#) == 0)
        #expect(state.sample(#"myosin_waiting_contexts{model="System"}"#) == 0)
    }

    @Test func closingEndsTheWaiting() async throws {
        let holder = try Holder(state, User.self)
        let waiting = startTask { [state] in try await state.with(User.self, wait: patience) { _ in } }
        try await state.untilWaiting(1, for: "User")
        state.close()
        let error = await #expect(throws: StateError.self) { try await waiting.value }
        #expect(error?.code == .closed)
        try holder.letGo()
    }
}
