import Myosin
import TestSupport
import Testing

/// The forms of `update` and `with`: for one model or several, blocking or async.
@Suite struct UpdateTests {
    struct Valve: StateModel { var id: ModelID = 4, opening = 0 }
    struct Pump: StateModel { var id: ModelID = 5, isOn = false }

    let state: State

    init() throws {
        state = try State.withModels()
        try state.load(Valve())
        try state.load(Pump())
    }

    @Test func severalModelsChangeInOneCommit() throws {
        let number = try state.update(User.self, System.self) { user, system in
            (user.name, system.restarts) = ("two", 2)
            return 2
        }
        #expect(number == 2)
        let (user, system) = try state.checkout(User.self, System.self)
        #expect(user.name == "two" && system.restarts == 2)
        #expect(user.checkedOutRevision == system.checkedOutRevision)
        try state.update(User.self, System.self, Valve.self) { ($0.name, $1.restarts, $2.opening) = ("three", 3, 3) }
        try state.update(User.self, System.self, Valve.self, Pump.self) { user, system, valve, pump in
            #expect(user.name == "three" && system.restarts == 3 && valve.opening == 3)
            (user.name, system.restarts, valve.opening, pump.isOn) = ("four", 4, 4, true)
        }
        let all = try state.checkout(User.self, System.self, Valve.self, Pump.self)
        #expect(all.0.name == "four" && all.1.restarts == 4 && all.2.opening == 4 && all.3.isOn)
    }

    @Test func theAsyncFormsDoTheSame() async throws {
        let number = try await state.update(User.self, System.self) { user, system in
            (user.name, system.restarts) = ("two", 2)
            return 2
        }
        #expect(number == 2)
        try await state.update(User.self, System.self, Valve.self) {
            ($0.name, $1.restarts, $2.opening) = ("\($0.name) three", 3, 3)
        }
        try await state.update(User.self, System.self, Valve.self, Pump.self) { user, system, valve, pump in
            (user.name, system.restarts, valve.opening, pump.isOn) = ("\(user.name) four", 4, 4, true)
        }
        try await state.update(User.self, System.self, Valve.self, Pump.self) { models in models.1.restarts += 1 }
        let all = try state.checkout(User.self, System.self, Valve.self, Pump.self)
        #expect(all.0.name == "two three four" && all.1.restarts == 5 && all.2.opening == 4 && all.3.isOn)
    }

    @Test func theBlockingFormsDoTheSame() async throws {
        // A closure of these may have what a task could not share.
        var seen: [String] = []
        try state.blocking.update(User.self) { seen.append($0.name) }
        try state.blocking.update(User.self, System.self) { user, system in
            (user.name, system.restarts) = ("two", 2)
            seen.append(user.name)
        }
        try state.blocking.update(User.self, System.self, Valve.self) { $2.opening = $1.restarts }
        try state.blocking.update(User.self, System.self, Valve.self, Pump.self) { $3.isOn = $2.opening == 2 }
        try state.blocking.update(User.self, Pump.self) { models in seen.append("\(models.1.isOn)") }
        try state.blocking.with(User.self) { seen.append(try $0.checkout(User.self).email) }
        try state.blocking.with([Pump.self]) { try $0.update(Pump.self) { $0.isOn = false } }
        #expect(seen == ["chris", "two", "true", "chris@email.com"])
        #expect(try !state.checkout(Pump.self).isOn)
        try state.blocking.reset()
        #expect(try state.checkout(User.self).name == "chris")
    }

    @Test func ofSeveralModelsNoneChangesWhenOneIsNotValid() async throws {
        await #expect(throws: StateError.self) {
            try await state.update(System.self, User.self) { ($0.restarts, $1.email) = (9, "none") }
        }
        #expect(throws: StateError.self) {
            try state.update(System.self, User.self) { ($0.restarts, $1.email) = (9, "none") }
        }
        #expect(try state.checkout(System.self).restarts == 0)
        #expect(try state.checkout(User.self).model == chris)
    }

    @Test func aModelThatIsNamedTwiceIsRefusedInEveryForm() async throws {
        let calls: [() async throws -> Void] = [
            { try state.blocking.update(User.self, User.self) { ($0.name, $1.email) = ("lost", "kept@email.com") } },
            { try state.blocking.update(User.self, User.self) { $0.0.name = "lost" } },
            { try state.blocking.update(User.self, System.self, User.self) { $2.name = "lost\($1.restarts)" } },
            { try state.blocking.update(System.self, User.self, Pump.self, User.self) { $3.name = "lost" } },
            { try await state.update(User.self, User.self) { $1.name = "lost" } },
            { try await state.update(User.self, User.self) { $0.0.name = "lost" } },
            { try await state.update(User.self, System.self, User.self) { $2.name = "lost" } },
            { try await state.update(System.self, User.self, Pump.self, User.self) { $3.name = "lost" } },
        ]
        for call in calls {
            let error = await #expect(throws: StateError.self) { try await call() }
            #expect(error?.code == .namedTwice && error?.model == "User")
            #expect(
                error?.message
                    == "User is named twice, and of two copies only one could be committed. Name each model once."
            )
        }
        #expect(try state.checkout(User.self).model == chris)
    }

    @Test func aContextMayNameAModelTwiceSinceItHasOneValue() throws {
        try state.with(User.self, User.self) { context in
            try context.update(User.self) { $0.name = "first" }
            try context.update(User.self) { $0.name += " second" }
        }
        #expect(try state.checkout(User.self).name == "first second")
    }

    @Test func aChangeInAContextOverwritesNoOther() throws {
        try state.with([User.self, System.self]) { context in
            let before = try context.checkout(User.self)
            let name = try context.update(User.self) { user in
                user.name = "changed"
                return user.name
            }
            #expect(name == "changed")
            #expect(throws: StateError.self) { try context.commit(before) }
            // One within another one: the outer one has not seen it.
            #expect(throws: StateError.self) {
                try context.update(System.self) { system in
                    try context.update(System.self) { $0.restarts = 1 }
                    system.online = true
                }
            }
            var after = try context.checkout(User.self)
            after.email = "after@email.com"
            try context.commit(after)
        }
        let (user, system) = try state.checkout(User.self, System.self)
        #expect(user.name == "changed" && user.email == "after@email.com")
        #expect(system.restarts == 1 && !system.online)
    }

    @Test func aChangeThatThrowsInAContextLeavesThatModelAsItWas() throws {
        struct Failure: Error {}
        try state.with(User.self) { context in
            #expect(throws: Failure.self) {
                try context.update(User.self) { user in
                    user.name = "never"
                    throw Failure()
                }
            }
            #expect(throws: StateError.self) { try context.update(User.self) { $0.email = "none" } }
            #expect(throws: StateError.self) { try context.update(System.self) { $0.restarts = 1 } }
        }
        #expect(try state.checkout(User.self).model == chris)
    }

    @Test func resettingWithoutAThreadReturnsToTheDefaults() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        try await state.update(User.self, System.self, cache: true) { ($0.name, $1.restarts) = ("other", 3) }
        #expect(!store.kept.documents.isEmpty)
        try await state.reset()
        #expect(try state.checkout(User.self).model == chris && store.kept.documents.isEmpty)
    }

    @Test func aFieldIsReadByItsKeyPath() throws {
        try state.update(User.self) { $0.name = "read" }
        let name = try state[\User.name]
        #expect(name == "read")
        #expect(try state[\User.name.count] == 4)
        let error = #expect(throws: StateError.self) { try state[\Reading.temperature] }
        #expect(error?.code == .notLoaded && error?.model == "Reading")
    }

    @Test func aThousandTasksOfAllFormsTakeTwoFlushesAndFewThreads() async throws {
        let store = ControlledStore()
        let state = try State.withModels(.store(store))
        store.block()
        let count = 1_000
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask(executorPreference: taskThreads) {
                    switch number % 4 {
                    case 0: try await state.update(System.self, cache: true, wait: patience) { $0.restarts += 1 }
                    case 1:
                        try await state.update(User.self, System.self, cache: true, wait: patience) { user, system in
                            (user.name, system.restarts) = ("\(number)", system.restarts + 1)
                        }
                    case 2:
                        try await state.update(User.self, System.self, cache: true, wait: patience) { models in
                            models.1.restarts += 1
                        }
                    default:
                        try await state.with([System.self], wait: patience) { context in
                            try context.update(System.self, cache: true) { $0.restarts += 1 }
                        }
                    }
                }
            }
            try await state.untilPending(System.self) { $0.restarts == count }
            #expect(ProcessFigures.read().threads < 400, "of the whole test process; each blocking call would have one")
            #expect(try state.checkout(System.self).restarts == 0)
            store.unblock()
            try await group.waitForAll()
        }
        #expect(try state.checkout(System.self).restarts == count)
        #expect(store.batches.count <= 2, "the first flush may have begun alone")
    }
}
