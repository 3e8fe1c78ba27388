import Exposition
import Foundation
import Logging
import Myosin
import Primitives
import TestSupport
import Testing

@testable import StateSchema

/// Models that come, change and go while a state is in use.
@Suite struct DeclaredStateTests {
    private let store = ControlledStore()

    private func makeState(_ store: ControlledStore? = nil) throws -> State {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try State(cache: .store(store ?? self.store), logger: quiet, limits: .patient)
    }

    /// A declaration with numbers as required fields, all 0 at first.
    private func pump(_ fields: String..., named name: String = "Pump", version: Int = 1, more: String = "") throws
        -> JSONSchemaDeclaration
    {
        let properties = fields.map { #""\#($0)":{"type":"number","default":0}"# }
        let required = fields.map { #""\#($0)""# }.joined(separator: ",")
        return try DeclarationTests.declaration(
            """
            {"type":"object","properties":{\((["\"id\":{\"default\":\"p\"}"] + properties).joined(separator: ","))},
             "required":[\(required)],"x-version":\(version)\(more)}
            """,
            named: name
        )
    }

    private func text(_ state: State, _ model: String = "Pump") -> String? {
        state.snapshot(of: model).map { String(decoding: $0.document, as: UTF8.self) }
    }

    private func patch(_ state: State, _ fields: JSONObject) async throws { try await patch(state, "Pump", fields) }

    private func patch(_ state: State, _ model: String, _ fields: JSONObject) async throws {
        _ = try await withCheckedThrowingContinuation { continuation in
            state.write([DocumentWrite(model, .merge(fields))]) { continuation.resume(with: $0) }
        }
    }

    private func fields(_ pairs: KeyValuePairs<String, JSONValue>) -> JSONObject {
        var object = JSONObject()
        for (name, value) in pairs { object[name] = value }
        return object
    }

    private func messages(_ error: (any Error)?) -> [String] {
        (error as? DeclarationError)?.errors.map(\.message) ?? error.map { ["\($0)"] } ?? []
    }

    // MARK: Directories

    @Test func aDirectoryWithoutModelsIsAFaultOnceThereIsAModel() async throws {
        let directory = try TemporaryDirectory()
        let models = ModelDirectory([directory.path])
        let file = directory.path + "/Pump.schema.json"
        // A new state has nothing to lose.
        let state = try makeState()
        #expect(try models.load(into: state).isEmpty)
        try #"{"type":"object","properties":{"a":{"type":"number","default":0}}}"#
            .write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try models.load(into: state) == ["Pump"])
        try FileManager.default.removeItem(atPath: file)
        #expect(throws: ModelDirectory.Failure.self) { try models.load(into: state) }
        #expect(state.modelNames == ["Pump"])
        try await patch(state, fields(["a": 1]))
        state.close()
        // As at a start before the directory is mounted.
        let again = try makeState(ControlledStore(store.kept.documents, numbersReserved: store.kept.numbersReserved))
        #expect(throws: ModelDirectory.Failure.self) { try models.load(into: again) }
    }

    // MARK: All or nothing

    @Test func modelsComeChangeAndGoTogether() async throws {
        let state = try makeState()
        try state.declare([try pump("a"), try pump("x", named: "Other")])
        try await patch(state, fields(["a": 1]))
        try await patch(state, "Other", fields(["x": 2]))
        let revision = state.snapshot(of: "Pump")?.revision
        try state.declare([try pump("a", "b", version: 2), try pump("y", named: "Third")])
        #expect(text(state) == #"{"id":"p","a":1,"b":0}"#)
        #expect(state.modelNames == ["Pump", "Third"])
        #expect(try #require(state.snapshot(of: "Pump")?.revision) > (try #require(revision)))
        #expect(store.text(of: "Pump") == #"{"id":"p","a":1,"b":0}"# && store.text(of: "Other") == #"{"id":"p","x":2}"#)
        #expect(store.setAside.map(\.reason) == ["migrated from schema version 1 to 2"])
        // What went comes back with its value.
        try state.declare([try pump("a", "b", version: 2), try pump("x", named: "Other")])
        #expect(text(state, "Other") == #"{"id":"p","x":2}"#)
    }

    @Test func allErrorsAreToldAndNothingIsChanged() async throws {
        let state = try makeState()
        try state.load(TypedModel())
        try state.declare([try pump("a"), try pump("x", named: "Other", version: 2), try pump("z", named: "Gone")])
        try await patch(state, fields(["a": 1]))
        let before = state.modelGeneration
        let error = #expect(throws: DeclarationError.self) {
            try state.declare([
                try pump("pressure"), try pump("x", named: "Other", version: 1), try pump("q", named: "New"),
                try pump("t", named: "TypedModel"),
            ])
        }
        #expect(
            messages(error) == [
                "Other has the version 2 already, the new schema has 1. Set x-version to 2, or higher where fields are added or "
                    + "dropped. To go back to former fields, write them into the schema and raise x-version once more. Quarantine, "
                    + "or a copy of the store, has their values.",
                "The present Pump is not valid under the new schema: /pressure is missing; /a is not a field of this model. "
                    + "Raise x-version to 2 to fill missing fields and drop unknown ones. Renamed fields lose their values by that: "
                    + "/a to /pressure.",
                "TypedModel is a model of this program already. Choose another name.",
            ]
        )
        #expect(state.modelNames == ["Gone", "Other", "Pump", "TypedModel"] && state.modelGeneration == before)
        try await patch(state, fields(["a": 2]))
        #expect(text(state) == #"{"id":"p","a":2}"#)
        #expect(!String(decoding: state.metrics.render(), as: UTF8.self).contains("New"))
    }

    @Test func aValueThatARisenVersionCannotMendIsRefused() async throws {
        let state = try makeState()
        try state.declare([try pump("a")])
        try await patch(state, fields(["a": 5]))
        let narrow = try DeclarationTests.declaration(
            #"{"type":"object","x-version":2,"properties":{"a":{"type":"number","maximum":3,"default":0}},"required":["a"]}"#
        )
        let error = #expect(throws: DeclarationError.self) { try state.declare([narrow]) }
        #expect(
            messages(error) == [
                "The present Pump is not valid under the new schema: /a must be at most 3, got 5. Change the value first, or the "
                    + "schema."
            ]
        )
    }

    @Test func aStoreThatFailsLeavesEverythingAsItWas() async throws {
        let state = try makeState()
        try state.declare([try pump("a")])
        try await patch(state, fields(["a": 1]))
        store.fail(with: StateError(.storeFull, "The disk is full."))
        let error = #expect(throws: StateError.self) {
            try state.declare([try pump("a", "b", version: 2), try pump("c", named: "New")])
        }
        #expect(error?.code == .storeFull)
        #expect(text(state) == #"{"id":"p","a":1}"# && state.modelNames == ["Pump"])
        store.fail(with: nil)
        try await patch(state, fields(["a": 2]))
        try state.declare([try pump("a", "b", version: 2)])
        #expect(text(state) == #"{"id":"p","a":2,"b":0}"#)
    }

    @Test func aRisenVersionWithTheSameValueIsStoredAndIsNoChange() async throws {
        let state = try makeState()
        try state.declare([try pump("a")])
        try await patch(state, fields(["a": 1]))
        let before = state.snapshot(of: "Pump")
        try state.declare([try pump("a", version: 2)])
        #expect(state.snapshot(of: "Pump")?.revision == before?.revision)
        #expect(store.kept.documents.map(\.schemaVersion) == [2] && store.setAside.isEmpty)
        // As after a restart.
        let again = try makeState(ControlledStore(store.kept.documents, numbersReserved: store.kept.numbersReserved))
        try again.declare([try pump("a", version: 2)])
        #expect(again.snapshot(of: "Pump")?.revision == before?.revision)
    }

    @Test func aStoredDocumentOfAnOlderVersionIsMigratedAtTheStart() async throws {
        let state = try makeState()
        try state.declare([try pump("a", "b")])
        try await patch(state, fields(["a": 1]))
        state.close()
        let again = try makeState(ControlledStore(store.kept.documents, numbersReserved: store.kept.numbersReserved))
        let error = #expect(throws: DeclarationError.self) { try again.declare([try pump("a", "c")]) }
        #expect(messages(error).first?.contains("Raise x-version to 2 to fill") == true)
        try again.declare([try pump("a", "c", version: 2)])
        #expect(text(again) == #"{"id":"p","a":1,"c":0}"#)
    }

    @Test func whatIsInMemoryOnlyIsMigratedInMemory() throws {
        let state = try State(cache: .none)
        try state.declare([try pump("a")])
        try state.update(declared: "Pump") { $0["a"] = 4 }
        try state.declare([try pump("a", "b", version: 2)])
        #expect(text(state) == #"{"id":"p","a":4,"b":0}"#)
        try state.declare([])
        #expect(state.modelNames == [])
    }

    // MARK: Who is in the midst of something

    @Test func whoWaitsForAModelThatGoesHearsThatItIsGone() async throws {
        let state = try makeState()
        try state.declare([try pump("a")])
        let holder = try Holder(state, declared: "Pump")
        let write = startTask { try await patch(state, fields(["a": 1])) }
        try await until { state.metrics.lines("myosin_waiting_contexts{model=\"Pump\"}") == ["1"] }
        let gone = startTask { try await onThread { try state.declare([]) } }
        try await until { state.metrics.lines("myosin_waiting_contexts{model=\"Pump\"}") == ["2"] }
        try holder.letGo()
        // The write came first; whichever of the two is served first, both end.
        try await gone.value
        _ = await write.result
        await #expect(throws: StateError.self) { try await patch(state, fields(["a": 2])) }
        #expect(state.snapshot(of: "Pump") == nil)
    }

    @Test func aWriteThatWaitsIsHeldAgainstTheNewDeclaration() async throws {
        let state = try makeState()
        try state.declare([try pump("a", "old")])
        try await patch(state, fields(["a": 5]))
        store.block()
        let change = startTask { try await onThread { try state.declare([try pump("a", "new", version: 2)]) } }
        #expect(try await store.waitForCommit())
        // Both were prepared while the old declaration was in force.
        let good = startTask { try await patch(state, fields(["a": 1])) }
        let bad = startTask { try await patch(state, fields(["old": 1])) }
        try await until { state.metrics.lines("myosin_waiting_contexts{model=\"Pump\"}") == ["2"] }
        store.unblock()
        try await change.value
        try await good.value
        let error = await #expect(throws: StateError.self) { try await bad.value }
        #expect(error?.message == "Pump is not valid: /old is not a field of this model.")
        #expect(text(state) == #"{"id":"p","a":1,"new":0}"#)
    }

    @Test func subscribersStayWithAModelAndEndWithIt() async throws {
        let state = try makeState()
        try state.declare([try pump("a")])
        var changes = state.changes(ofDeclared: "Pump").makeAsyncIterator()
        #expect(await changes.next()?.model["a"] == 0)
        try state.declare([try pump("a", "b", version: 2)])
        #expect(await changes.next()?.model.fields["b"] == 0)
        try state.blocking.update(declared: "Pump", cache: true) { $0["a"] = 3 }
        #expect(await changes.next()?.model["a"] == 3)
        try state.declare([])
        #expect(await changes.next() == nil)
        let ended = state.changes(ofDeclared: "Pump")
        #expect(ended.failure?.code == .notLoaded)
        for await _ in ended { Issue.record("the model is gone") }
    }

    @Test func aProgramUsesDeclaredModelsByTheirNames() async throws {
        let state = try makeState()
        try state.declare([try pump("a")])
        let seen = Lock<[JSONValue?]>([])
        try state.subscribe(declared: "Pump") { model in seen.withLock { $0.append(model["a"]) } }
        try state.blocking.update(declared: "Pump", cache: true) { $0["a"] = 2 }
        #expect(throws: StateError.self) { try state.update(declared: "Pump") { $0["b"] = 2 } }
        #expect(try state.checkout(declared: "Pump").fields["a"] == 2)
        #expect("\(try state.checkout(declared: "Pump"))" == "\n{\n   \"id\": \"p\",\n   \"a\": 2\n}")
        try await until { seen.withLock { $0 } == [2] }
        let error = #expect(throws: StateError.self) { try state.checkout(declared: "Pmup") }
        #expect(error?.message.hasPrefix("\"Pmup\" is not a declared model.") == true)
        try state.blocking.reset()
        #expect(try state.checkout(declared: "Pump").fields["a"] == 0)
    }

    struct TypedModel: StateModel { var id: ModelID = "t" }
}

extension Registry {
    /// The values of the lines that begin with a name and labels.
    fileprivate func lines(_ prefix: String) -> [String] {
        String(decoding: render(), as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix(prefix + " ") }
            .map { String($0.dropFirst(prefix.count + 1)) }
    }
}
