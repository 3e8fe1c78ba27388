import Foundation
import Logging
import Myosin
import TestSupport
import Testing

@testable import StateSchema

/// What a start makes of stored documents, what it advises, and whether the advice helps.
@Suite struct ModelStartTests {
    private static func schema(_ fields: String, required: [String] = [], version: Int = 1) -> String {
        let names = required.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"type":"object","x-version":\#(version),"properties":{\#(fields)},"required":[\#(names)]}"#
    }

    private static func number(_ name: String, _ more: String = "") -> String {
        #""\#(name)":{"type":"number","default":0\#(more)}"#
    }

    private func declaration(_ text: String) throws -> JSONSchemaDeclaration {
        try DeclarationTests.declaration(text, named: "Pump")
    }

    private func makeState(_ store: ControlledStore, _ log: RecordedLog = RecordedLog()) throws -> State {
        try State(cache: .store(store), logger: log.logger, limits: .patient)
    }

    /// A store that has a document, as a program with the schema has left it.
    private func stored(_ schema: String, _ fields: [String: JSONValue]) throws -> ControlledStore {
        let store = ControlledStore()
        let state = try makeState(store)
        try state.declare([try declaration(schema)])
        try state.update(declared: "Pump", cache: true) { for (name, value) in fields { $0[name] = value } }
        state.close()
        return ControlledStore(store.kept.documents, numbersReserved: store.kept.numbersReserved)
    }

    private func start(_ store: ControlledStore, _ schema: String, _ onCorrupt: State.OnCorrupt = .fail) throws
        -> ModelStart
    {
        let content = StoredState(documents: store.kept.documents, numbersReserved: 0)
        let starts = ModelStart.all(of: [try declaration(schema)], with: content, onCorrupt: onCorrupt)
        return try #require(starts.first)
    }

    private func error(_ store: ControlledStore, _ schema: String) throws -> StateError {
        guard case .refused(let error) = try start(store, schema).kind else {
            throw ValidationError("", "is not refused")
        }
        // A start says the same.
        let thrown = #expect(throws: DeclarationError.self) {
            try makeState(ControlledStore(store.kept.documents, numbersReserved: store.kept.numbersReserved))
                .declare([try declaration(schema)])
        }
        #expect(thrown?.errors.map(\.message) == [error.message])
        return error
    }

    /// Starts with a schema, and gives the value.
    private func value(_ store: ControlledStore, _ schema: String, _ onCorrupt: State.OnCorrupt = .fail) throws
        -> JSONValue
    {
        let state = try makeState(store)
        defer { state.close() }
        try state.declare([try declaration(schema)], onCorrupt: onCorrupt)
        var fields = try state.checkout(declared: "Pump").fields
        fields["id"] = nil
        return .object(fields)
    }

    // MARK: What becomes of a document

    @Test func eachOutcomeIsThatOfAStart() throws {
        let former = Self.schema(Self.number("flow"), required: ["flow"])
        let store = try stored(former, ["flow": 2])
        guard case .asStored(version: 1) = try start(store, former).kind else {
            Issue.record("a document that fits is used")
            return
        }
        guard case .new = try start(ControlledStore(), former).kind else {
            Issue.record("without a document the model is new")
            return
        }
        let renamed = Self.schema(Self.number("speed"), required: ["speed"])
        guard case .quarantined(let error) = try start(store, renamed, .useDefaults).kind else {
            Issue.record("a document that does not fit goes to quarantine")
            return
        }
        #expect(
            error.explanation
                == "The stored Pump cannot be read: /speed is missing; /flow is not a field of this model."
        )
        let raised = Self.schema(Self.number("speed"), required: ["speed"], version: 2)
        guard case .migrated(from: 1, let changes) = try start(store, raised).kind else {
            Issue.record("a risen version migrates")
            return
        }
        #expect(changes == FieldChanges(dropped: ["/flow"], filled: ["/speed"]))
        #expect(try value(store, renamed, .useDefaults) == ["speed": 0])
        let reason = store.setAside.map(\.reason)
        #expect(reason == [error.explanation], "quarantine has no advice, least of all in words of Swift")
    }

    @Test func aDamagedDocumentIsReportedAndNotUsed() throws {
        let schema = Self.schema(Self.number("flow"))
        var document = StoredDocument(model: "Pump", schemaVersion: 1, revision: 3, time: 0, text: Array("{}".utf8))
        document.isIntact = false
        let damaged = ControlledStore([document])
        let error = try error(damaged, schema)
        #expect(error.code == .storeCorrupt && error.remedies == [.isKept, .restoreCopy, .useDefaults])
        for text in ["[1]", "{", ""] {
            document.isIntact = true
            document.text = Array(text.utf8)
            let error = try self.error(ControlledStore([document]), schema)
            #expect(
                error.code == .corruptDocument && error.remedies == [.isKept, .restoreCopy, .useDefaults],
                "\(text)"
            )
        }
    }

    // MARK: Advice

    private static let flow = number("flow")

    /// New schemas for a stored `{"flow":5}`, which a higher version makes valid.
    @Test(arguments: [
        schema("\(flow),\(number("speed"))", required: ["speed"]), schema(number("speed")),
        schema(number("speed"), required: ["speed"]),
    ])
    func raisingTheVersionIsAdvisedWhereItHelps(_ schema: String) throws {
        let store = try stored(Self.schema(Self.flow), ["flow": 5])
        let error = try error(store, schema)
        var renames = FieldChanges.Renames()
        if !schema.contains("flow") { renames = FieldChanges(dropped: ["/flow"], filled: ["/speed"]).renames }
        #expect(error.remedies == [.isKept, .raiseVersion(to: 2, renaming: renames), .useDefaults])
        _ = try value(store, schema.replacing(#""x-version":1"#, with: #""x-version":2"#))
        // The same while the program runs.
        let state = try makeState(ControlledStore())
        try state.declare([try declaration(Self.schema(Self.flow))])
        try state.update(declared: "Pump", cache: true) { $0["flow"] = 5 }
        let refused = #expect(throws: DeclarationError.self) { try state.declare([try declaration(schema)]) }
        #expect(refused?.errors.first?.remedies == [.raiseVersion(to: 2, renaming: renames)])
        try state.declare([try declaration(schema.replacing(#""x-version":1"#, with: #""x-version":2"#))])
    }

    /// New schemas for a stored `{"flow":5}` that no version makes valid, each with one that accepts the value.
    @Test(arguments: [
        (schema(number("flow", #","maximum":3"#)), schema(number("flow", #","maximum":5"#))),
        (schema(#""flow":{"type":"string"}"#), schema(#""flow":{"type":["string","number"]}"#)),
        (
            schema("\(number("flow", #","maximum":3"#)),\(number("speed"))", required: ["speed"]),
            schema("\(flow),\(number("speed"))", required: ["speed"], version: 2)
        ),
        (schema(number("flow", #","maximum":3"#), version: 2), schema(number("flow", #","maximum":5"#), version: 2)),
        (schema(number("flow", #","maximum":3"#), version: .max), schema(flow, version: .max)),
    ])
    func raisingTheVersionIsNotAdvisedWhereItDoesNotHelp(_ schema: String, _ accepting: String) throws {
        let store = try stored(Self.schema(Self.flow), ["flow": 5])
        let error = try error(store, schema)
        #expect(error.remedies == [.isKept, .acceptValue, .useDefaults])
        let raised = schema.replacing(#""x-version":1"#, with: #""x-version":2"#)
        _ = try self.error(store, raised)
        // What is advised instead: let the schema accept the value, or change the value under the former schema.
        #expect(try value(store, accepting).value(at: ["flow"]) == 5)
        let other = try stored(Self.schema(Self.flow), ["flow": 1])
        _ = try value(other, schema.contains("string") ? accepting : raised)
        let state = try makeState(ControlledStore())
        try state.declare([try declaration(Self.schema(Self.flow))])
        try state.update(declared: "Pump", cache: true) { $0["flow"] = 5 }
        let refused = #expect(throws: DeclarationError.self) { try state.declare([try declaration(schema)]) }
        #expect(refused?.errors.first?.remedies == [.changeValue])
    }

    @Test func aLowerVersionSaysHowToGoBack() throws {
        let former = Self.schema(Self.flow, required: ["flow"])
        let newer = Self.schema(Self.number("speed"), required: ["speed"], version: 2)
        let store = try stored(former, ["flow": 5])
        let copy = store.kept.documents
        #expect(try value(store, newer) == ["speed": 0])
        let error = try error(store, former)
        #expect(error.code == .newerDocument && error.remedies == [.isKept, .keepVersion(2)])
        for onCorrupt in [State.OnCorrupt.fail, .useDefaults] {
            guard case .refused = try start(store, former, onCorrupt).kind else {
                Issue.record("a newer document never goes to quarantine")
                return
            }
        }
        // The version that is stored, a higher one with the former fields, and a copy that was made before.
        #expect(try value(store, newer) == ["speed": 0])
        #expect(try value(store, former.replacing(#""x-version":1"#, with: #""x-version":3"#)) == ["flow": 0])
        #expect(
            store.setAside.map { String(decoding: $0.document.text, as: UTF8.self) }
                .contains { $0.contains(#""flow":5"#) }
        )
        #expect(try value(ControlledStore(copy), former) == ["flow": 5])
    }

    // MARK: Renamed fields

    @Test func aRenamedFieldIsAWarning() throws {
        let object = #""limits":{"type":"object","properties":{\#(Self.number("low"))},"default":{}}"#
        let store = try stored(Self.schema("\(Self.flow),\(object)"), ["flow": 5, "limits": ["low": 3]])
        let renamed = Self.schema("\(Self.flow),\(object.replacing("low", with: "minimumLevel"))", version: 2)
        guard case .migrated(_, let changes) = try start(store, renamed).kind else {
            Issue.record("a risen version migrates")
            return
        }
        #expect(changes.renames.pairs.map(\.description) == ["/limits/low to /limits/minimumLevel"])
        let log = RecordedLog()
        let state = try makeState(store, log)
        try state.declare([try declaration(renamed)])
        let line = try #require(log.lines.last)
        #expect(line.level == .warning && line.message.contains("seem to be renamed"))
        #expect(line.metadata["model.renamedFields"] == "/limits/low to /limits/minimumLevel")
        // The same while the program runs.
        let again = Self.schema("\(Self.number("speed")),\(object.replacing("low", with: "minimumLevel"))", version: 3)
        try state.declare([try declaration(again)])
        #expect(
            log.lines.last?.level == .warning && log.lines.last?.metadata["model.renamedFields"] == "/flow to /speed"
        )
        // A field that only comes, or only goes, was not renamed.
        try state.declare([try declaration(Self.schema(Self.number("speed"), version: 4))])
        #expect(log.lines.last?.level == .info)
    }

    @Test(arguments: [
        (["/a"], ["/b"], [], "/a to /b"), (["/a"], [], [], ""), ([], ["/b"], [], ""), (["/a"], ["/id"], [], ""),
        // Similar names first, then the other fields of an object.
        (["/flow_rate", "/x"], ["/y", "/flowRate"], [], "/flow_rate to /flowRate, /x to /y"),
        (["/a", "/o/a"], ["/o/b", "/b"], [], "/a to /b, /o/a to /o/b"),
        // What has moved into another object.
        (
            ["/temperature", "/x"], ["/air/temperature", "/q", "/r"], [],
            "/temperature to /air/temperature, /x to one of /q, /r"
        ),
        (["/o/a"], ["/b"], [], "/o/a to /b"),
        (["/one", "/two"], ["/three", "/fourth"], [], "one of /one, /two to one of /three, /fourth"),
        // A new field without a default, which only its name gives away.
        (["/temperature"], [], ["/temperatur", "/note"], "/temperature to /temperatur"),
        (["/temperature"], [], ["/note"], ""), (["/a"], [], ["/b"], ""),
    ])
    func pairsAreFound(_ dropped: [String], _ filled: [String], _ absent: [String], _ text: String) {
        let changes = FieldChanges(dropped: dropped, filled: filled, absent: absent)
        #expect(changes.renames.description == text && changes.renames.isEmpty == text.isEmpty)
        let byHand = FieldChanges(dropped: dropped, filled: filled, absent: absent, isByHand: true)
        #expect(byHand.renames.isEmpty, "the model's own code has seen to it")
    }
}
