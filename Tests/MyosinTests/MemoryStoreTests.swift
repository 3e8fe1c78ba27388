import Myosin
import TestSupport
import Testing

/// The store that users test their programs with.
@Suite struct MemoryStoreTests {
    private let store = MemoryStore()

    private func open() throws -> State {
        let state = try State(cache: .store(store))
        try state.load(chris)
        return state
    }

    @Test func whatWasCommittedIsThereForTheNextState() throws {
        let state = try open()
        try state.update(User.self, cache: true) { $0.name = "kept" }
        try state.update(User.self) { $0.name = "in memory" }
        state.close()
        #expect(store.documents["User"]?.json == ["id": "u1", "name": "kept", "email": "chris@email.com"])
        let again = try open()
        #expect(try again.checkout(User.self).name == "kept")
        try again.reset()
        #expect(store.documents.isEmpty)
    }

    @Test func twoStatesDoNotHaveItAtOnce() throws {
        let state = try open()
        for _ in 1...2 {
            let error = #expect(throws: StateError.self) { _ = try open() }
            #expect(error?.code == .storeInUse)
            #expect(
                error?.message
                    == "The store is open in another State of this process already. Share that state, as State.shared or by "
                    + "passing it on, or close it first."
            )
        }
        try state.update(User.self, cache: true) { $0.name = "unharmed" }
        state.close()
        #expect(try open().checkout(User.self).name == "unharmed")
    }

    @Test func itBeginsWithDocuments() throws {
        let value: JSONValue = ["id": "u2", "name": "value", "email": "a@b"]
        let texts = MemoryStore(documents: ["User": (version: 1, #"{"id":"u2","name":"text","email":"a@b"}"#)])
        let values = MemoryStore(documents: ["User": (version: 1, value)])
        for (store, name) in [(texts, "text"), (values, "value")] {
            let user = try State(cache: .store(store)).load(chris)
            #expect(user.name == name && user.id == "u2")
        }
        let broken = try State(cache: .store(MemoryStore(documents: ["User": (version: 1, "{")])))
        let error = #expect(throws: StateError.self) { try broken.load(chris) }
        #expect(error?.code == .corruptDocument)
        let python = try State(cache: .store(MemoryStore(documents: ["User": (version: 0, #"{"name":"py"}"#)])))
        #expect(try python.load(chris).name == "py")
    }

    @Test(arguments: [StateError.Code.storeFull, .storeInUse, .storeFailed, .storeReadOnly])
    func commitsFailAsATestSays(_ code: StateError.Code) async throws {
        let state = try State(cache: .store(store), limits: .quickReopening)
        try state.load(chris)
        store.failCommits(with: code)
        let error = #expect(throws: StateError.self) { try state.update(User.self, cache: true) { $0.name = "lost" } }
        #expect(error?.code == code && store.documents.isEmpty)
        #expect(try state.checkout(User.self).name == "chris")
        try await until { state.storeError == nil }
        try await state.update(User.self, cache: true) { $0.name = "kept" }
        #expect(store.documents["User"]?.json?["name"] == "kept")
    }

    @Test func numbersAreTheSameInEachRun() throws {
        let state = try open()
        try state.update(User.self, cache: true) { $0.name = "a" }
        #expect(store.documents["User"]?.revision == 2)
    }
}
