import Myosin
import Primitives
import TestSupport
import Testing

/// What was wrong in Python myosin 0.2.3, where no other suite has it.
///
/// Locks taken in any order: `ContextStressTests`. Nesting, and committing without the lock: `ContextTests`. Lost updates:
/// `ConflictTests`. Memory that changes although the cache failed: `AtomicityTests`. Subscribers: `SubscriptionTests`.
/// Active contexts and the wait for locks: `EngineMetricsTests`. A file cut off before it is written, half files and what a
/// crash leaves: `CrashTests`. A corrupt cache deleted, wrong types and unknown keys accepted: `EvolutionTests`. The
/// directory tree not made: `SQLiteStoreTests`. Types of one name, no directory, models lost by a reset: `ContextTests`.
@Suite struct PythonDefectTests {
    @Test func theCallersObjectIsNotTheGlobalOne() throws {
        let state = try State.withModels()
        var mine = try state.checkout(User.self)
        mine.name = "committed"
        try state.with(User.self) { try $0.commit(mine) }
        mine.name = "changed afterwards"
        #expect(try state.checkout(User.self).name == "committed")
    }

    @Test func aClassIsRefusedSinceItsCopiesAreOneObject() throws {
        final class Shared: StateModel, @unchecked Sendable {
            var id = ModelID()
            static func == (left: Shared, right: Shared) -> Bool { left === right }
        }
        let error = #expect(throws: StateError.self) { try State().load(Shared()) }
        #expect(error?.code == .notAValue && error?.model == "Shared")
        #expect(error?.message == "Shared is a class, whose one object everybody would share. Make it a struct.")
    }

    @Test func loadingAgainKeepsSubscribersAndTheLockOfAHolder() async throws {
        let state = try State.withModels()
        var changes = state.changes(of: User.self).makeAsyncIterator()
        _ = await changes.next()
        let holder = try Holder(state, User.self)
        try state.load(User(name: "new", email: "n@e"))
        let error = await #expect(throws: StateError.self) {
            try await state.with(User.self, wait: .milliseconds(20)) { _ in }
        }
        #expect(error?.code == .busy)
        try holder.letGo()
        try state.blocking.update(User.self) { $0.name = "seen" }
        #expect(await changes.next()?.model.name == "seen")
    }

    @Test func modelsOfOneIdentityAreEqualOnlyIfAllFieldsAre() throws {
        let state = try State.withModels()
        let before = try state.checkout(User.self).checkedOutRevision
        try state.update(User.self) { $0 = User(id: $0.id, name: "other", email: $0.email) }
        #expect(try state.checkout(User.self).name == "other")
        #expect(try state.checkout(User.self).checkedOutRevision > before)
    }

    @Test func notANumberIsRefused() throws {
        let state = try State.withModels()
        try state.load(Reading(id: "r1", temperature: 1))
        let error = #expect(throws: StateError.self) { try state.update(Reading.self) { $0.temperature = .nan } }
        #expect(error?.code == .invalid)
        #expect((error?.underlying as? ValidationError)?.faults.map(\.pointer) == ["/temperature"])
        #expect(try state.checkout(Reading.self).temperature == 1)
    }

    @Test(arguments: [
        #"{"id":"u1","name":1,"email":"chris@email.com"}"#,
        #"{"id":"u1","name":"chris","email":"chris@email.com","admin":true}"#,
        #"{"id":"u1","name":"chris"}"#,
    ])
    func aStoredDocumentOfAnotherShapeIsRefusedAndKept(_ text: String) throws {
        let document = StoredDocument(model: "User", schemaVersion: 1, revision: 1, time: 0, text: Array(text.utf8))
        let store = ControlledStore([document])
        let state = try State(cache: .store(store), limits: .patient)
        for _ in 0..<2 {
            let error = #expect(throws: StateError.self) { try state.load(chris) }
            #expect(error?.code == .corruptDocument && error?.model == "User")
        }
        #expect(store.text(of: "User") == text)
    }

    @Test func resetKeepsModelsRegistered() throws {
        let state = try State.withModels(.store(ControlledStore()))
        try state.update(User.self, System.self, cache: true) {
            $0.0.name = "x"
            $0.1.restarts = 1
        }
        try state.reset()
        #expect(try state.checkout(User.self).name == "chris")
        try state.update(System.self, cache: true) { $0.restarts += 1 }
        #expect(try state.checkout(System.self).restarts == 1)
    }
}
