import Myosin
import Primitives
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite struct DurabilityTests {
    @Test func aPendingValueIsSeenByTheNextContextOnly() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        store.block()
        let durable = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "pending" }
        }
        try await untilPending(state, "pending")
        #expect(try state.checkout(User.self).name == "chris")
        store.unblock()
        try await durable.value
        #expect(try state.checkout(User.self).name == "pending")
    }

    private func untilPending(_ state: State, _ name: String) async throws {
        try await state.untilPending(User.self) { $0.name == name }
    }

    @Test func noReaderAndNoSubscriberSeesAPendingValue() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        let seen = Lock<[String]>([])
        try state.subscribe(User.self) { user in seen.withLock { $0.append(user.name) } }
        var changes = state.changes(of: User.self).makeAsyncIterator()
        #expect(await changes.next()?.model == chris)
        let before = try state.checkout(User.self)
        store.block()
        let doomed = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "doomed" }
        }
        try await untilPending(state, "doomed")
        #expect(try state.checkout(User.self) == before)
        #expect(try state.checkout(User.self, System.self).0 == before)
        #expect(state.snapshot(of: "User")?.revision == before.checkedOutRevision)
        store.fail(with: ControlledStore.Failure(), once: true)
        store.unblock()
        await #expect(throws: StateError.self) { try await doomed.value }
        #expect(try state.checkout(User.self) == before)
        try await state.untilStoreWorks()
        try state.blocking.update(User.self, cache: true) { $0.name = "kept" }
        let change = await changes.next()
        #expect(change?.model.name == "kept" && change?.missed == 0)
        try state.blocking.update(User.self) { $0.name = "last" }
        #expect(await changes.next()?.model.name == "last")
        state.close()
        try await until { seen.withLock { $0.count } >= 2 }
        #expect(seen.withLock { $0 } == ["kept", "last"])
    }

    @Test func whatIsBuiltOnAPendingValueWaitsForItsFlush() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        store.block()
        let (begun, ended) = (Lock<[String]>([]), Lock<[String]>([]))
        func start(
            _ name: String,
            cache: Bool,
            _ change: @escaping @Sendable (inout User) throws -> Void
        ) -> Task<Void, any Error> {
            startTask {
                try await state.update(User.self, cache: cache, wait: patience) { user in
                    begun.withLock { $0.append(name) }
                    try change(&user)
                }
                ended.withLock { $0.append(name) }
            }
        }
        let durable = start("durable", cache: true) { $0.name = "pending" }
        try await untilPending(state, "pending")
        let equal = start("equal", cache: true) { $0.name = "pending" }
        // Before it, the change in memory would not be what is seen in the end.
        try await until { begun.withLock { $0.contains("equal") } }
        let reading = startTask {
            let name = try await state.with(User.self, wait: patience) { try $0.checkout(User.self).name }
            ended.withLock { $0.append("reading") }
            return name
        }
        let inMemory = start("in memory", cache: false) { $0.name += " and more" }
        try await untilPending(state, "pending and more")
        // What touches no pending value does not wait.
        try state.blocking.update(System.self) { $0.restarts += 1 }
        #expect(ended.withLock { $0 } == [])
        #expect(try state.checkout(User.self).name == "chris")
        store.unblock()
        for task in [durable, equal, inMemory] { try await task.value }
        #expect(try await ["pending", "pending and more"].contains(reading.value))
        #expect(try state.checkout(User.self).name == "pending and more")
        #expect(store.text(of: "User")?.contains("\"pending\"") == true, "what is in memory only is not written")
        #expect(store.batches.count == 1, "an equal value waits for the flush that is under way")
    }

    @Test func aFailureSpreadsAlongWhatWasBuiltOnItAndNoFurther() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        try state.load(Reading(id: "r1", temperature: 1))
        store.block()
        let first = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "doomed" }
        }
        try await untilPending(state, "doomed")
        #expect(try await store.waitForCommit(), "the first flush is under way, so what follows is in the next")
        let second = startTask {
            try await state.with(User.self, System.self, wait: patience) { context in
                var system = try context.checkout(System.self)
                system.online = try context.checkout(User.self).name == "doomed"
                try context.commit(system)
            }
        }
        try await state.untilPending(System.self) { $0.online }
        let third = startTask {
            try await state.update(System.self, cache: true, wait: patience) { $0.restarts += 1 }
        }
        let unrelated = startTask {
            try await state.update(Reading.self, cache: true, wait: patience) { $0.temperature = 2 }
        }
        try await state.untilPending(System.self) { $0.restarts == 1 }
        try await state.untilPending(Reading.self) { $0.temperature == 2 }
        store.fail(with: StateError(.storeFull, "full"), once: true)
        store.unblock()
        for task in [first, second, third] {
            let error = await #expect(throws: StateError.self) { try await task.value }
            #expect(error?.code == .storeFull && error?.message == "full")
        }
        try await unrelated.value
        #expect(try state.checkout(System.self).model == System(id: "s1"))
        #expect(store.batches.map { $0.map(\.model) } == [["Reading"]])
    }

    @Test func tenThousandCommitsWaitForTheDiskOnAHandfulOfThreads() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        store.block()
        let count = rounds(10_000)
        let threads = Lock<Set<pthread_t>>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask(executorPreference: taskThreads) {
                    try await state.update(System.self, cache: true, wait: patience) { system in
                        system.restarts += 1
                        threads.withLock { _ = $0.insert(pthread_self()) }
                    }
                }
            }
            try await state.untilPending(System.self) { $0.restarts == count }
            // A thread that still waited could run no other context, so there would be as many as commits.
            #expect(threads.withLock { $0.count } < 400, "those of the tasks and the engine")
            #expect(
                ProcessFigures.read().threads < count,
                "of the whole test process, whose other tests have threads too"
            )
            #expect(try state.checkout(System.self).restarts == 0)
            store.unblock()
            try await group.waitForAll()
        }
        #expect(try state.checkout(System.self).restarts == count)
        #expect(store.batches.count <= 2, "the first flush may have begun alone")
        #expect(store.batches.allSatisfy { $0.count == 1 }, "the last value only")
        #expect(store.text(of: "System")?.contains("\"restarts\":\(count)") == true)
    }

    @Test func contextsThatWaitForTheDiskAreBounded() async throws {
        let store = ControlledStore()
        let state = try State(
            cache: .store(store),
            limits: EngineLimits(maxPendingContexts: 10, storeWait: .beyondPatience)
        )
        try state.load(System(id: "s1"))
        store.block()
        try await withThrowingTaskGroup(of: Void.self) { group in
            @Sendable func count() async throws {
                try await state.update(System.self, cache: true, wait: patience) { $0.restarts += 1 }
            }
            group.addTask(executorPreference: taskThreads) { try await count() }
            #expect(try await store.waitForCommit(), "it has left the queue")
            for _ in 0..<10 { group.addTask(executorPreference: taskThreads) { try await count() } }
            try await state.untilPending(System.self) { $0.restarts == 11 }
            let error = #expect(throws: StateError.self) {
                try state.update(System.self, cache: true) { $0.restarts += 1 }
            }
            #expect(error?.code == .busy)
            #expect(error?.message == "10 contexts wait for the disk already. Try again later.")
            store.unblock()
            try await group.waitForAll()
        }
        #expect(try state.checkout(System.self).restarts == 11)
        try state.blocking.update(System.self, cache: true) { $0.restarts += 1 }
    }

    @Test func aFailedFlushFailsWhatWasBuiltOnItAndKeepsWhatWasAcknowledged() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        try state.blocking.update(User.self) { $0.name = "acknowledged" }
        store.block()
        let durable = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "doomed" }
        }
        try await untilPending(state, "doomed")
        #expect(try await store.waitForCommit(), "the first flush is under way, so what follows is in the next")
        let builtOnIt = startTask { try await state.update(User.self, wait: patience) { $0.name += " too" } }
        try await untilPending(state, "doomed too")
        let unrelated = startTask { try await state.update(System.self, wait: patience) { $0.restarts += 1 } }
        try await unrelated.value
        // Only the first flush fails: what was built on it must not be kept by the next one.
        store.fail(with: StateError(.storeFull, "The disk is full."), once: true)
        store.unblock()
        await #expect(throws: StateError.self) { try await durable.value }
        await #expect(throws: StateError.self) { try await builtOnIt.value }
        #expect(try state.checkout(User.self).name == "acknowledged")
        #expect(try state.checkout(System.self).restarts == 1)
        try state.blocking.update(User.self, cache: true) { $0.name += " again" }
        #expect(try state.checkout(User.self).name == "acknowledged again")
    }

    @Test func aContextThatRunsOnAPendingValueFailsWithItsFlush() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        store.block()
        let durable = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "doomed" }
        }
        try await untilPending(state, "doomed")
        let (hasSeen, mayCommit, outcome) = (Gate(), Gate(), Lock<(any Error)?>(nil))
        let context = try WorkerThread {
            do {
                try state.with(User.self) { context in
                    var user = try context.checkout(User.self)
                    hasSeen.open()
                    mayCommit.wait()
                    user.name += " too"
                    try context.commit(user)
                }
            } catch {
                outcome.withLock { $0 = error }
            }
        }
        hasSeen.wait()
        store.fail(with: ControlledStore.Failure(), once: true)
        store.unblock()
        await #expect(throws: StateError.self) { try await durable.value }
        mayCommit.open()
        context.join()
        #expect((outcome.withLock { $0 } as? StateError)?.code == .storeFailed)
        #expect(try state.checkout(User.self).name == "chris")
    }

    @Test func aCachedCommitOfAValueThatIsOnlyInMemoryWritesIt() throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        try state.update(User.self) { $0.name = "memory" }
        let revision = try state.checkout(User.self).checkedOutRevision
        try state.update(User.self, cache: true) { _ in }
        #expect(store.batches.map { $0.map(\.revision) } == [[revision]])
        #expect(try state.checkout(User.self).checkedOutRevision == revision)
        try state.update(User.self, cache: true) { _ in }
        #expect(store.batches.count == 1, "it is stored already")
    }

    @Test func aClosedStateSaysSo() throws {
        let state = try State.withModels(.store(ControlledStore()))
        state.close()
        let error = #expect(throws: StateError.self) { try state.update(User.self) { $0.name = "late" } }
        #expect(error?.code == .closed)
    }
}
