import Foundation
import Logging
import Myosin
import Primitives
import TestSupport
import Testing

/// Documents that were stored with other fields than the model has now.
@Suite struct EvolutionTests {
    private let directory: TemporaryDirectory
    private let log = RecordedLog()

    init() throws { directory = try TemporaryDirectory() }

    struct PumpOne: StateModel {
        static let modelName = "Pump"
        var id: ModelID = "p1"
        var name = "main"
        var litres = 3.5
        var isOld = true
        var mode = 2
    }

    /// Two fields added, one of them optional.
    struct PumpTwo: StateModel {
        static let modelName = "Pump"
        static let schemaVersion = 2
        var id: ModelID = "p1"
        var name = "main"
        var litres = 3.5
        var isOld = true
        var mode = 2
        var tags = ["none"]
        var note: String?
    }

    /// One field renamed, one dropped, one of another type, one of another unit.
    struct PumpThree: StateModel {
        enum Mode: String, Codable { case off, slow, fast }

        static let modelName = "Pump"
        static let schemaVersion = 3
        var id: ModelID = "p1"
        var label = ""
        var millilitres = 0
        var mode = Mode.off
        var tags = ["none"]
        var note: String?

        static func migrate(_ document: inout JSONObject, from version: Int) throws {
            if version < 3 {
                document.rename("name", to: "label")
                document["millilitres"] = try JSONValue((document.double("litres") * 1_000).rounded())
                document.translate("mode", by: [0: "off", 1: "slow", 2: "fast"])
            }
        }

        func validate() throws {
            if millilitres < 0 { throw ValidationError("/millilitres", "must not be negative") }
        }
    }

    private func open() throws -> State {
        try State(cache: .directory(directory.path), logger: log.logger, limits: .patient)
    }

    private func sqlite(_ sql: String) throws -> String { try Program.sqlite(sql, in: directory.path) }

    /// Stores a model with a value of its own, and closes the state.
    private func store<Model: StateModel>(_ model: Model, _ change: (inout Model) -> Void) throws {
        let state = try open()
        defer { state.close() }
        try state.load(model)
        try state.update(Model.self, cache: true, change)
    }

    @Test func severalVersionsAreCaughtUpAtOnce() throws {
        try store(PumpOne()) { ($0.name, $0.litres) = ("garden", 4.25) }
        let former = try sqlite("select document from state")
        let state = try open()
        let pump = try state.load(PumpThree(tags: ["new"]))
        #expect(
            pump.model
                == PumpThree(id: "p1", label: "garden", millilitres: 4_250, mode: .fast, tags: ["new"], note: nil)
        )
        #expect(try sqlite("select document from quarantine") == former)
        #expect(
            try sqlite("select model, schema_version, reason from quarantine")
                == "Pump|1|migrated from schema version 1 to 3\n"
        )
        #expect(log.lines.last?.metadata["model.droppedFields"] == #"["/litres", "/isOld"]"#)
        state.close()
    }

    @Test func aMigratedDocumentIsWrittenOnceWithItsCopy() throws {
        try store(PumpOne()) { $0.name = "garden" }
        for _ in 1...3 {
            let state = try open()
            #expect(try state.load(PumpTwo()).name == "garden")
            let revision = try state.checkout(PumpTwo.self).checkedOutRevision
            #expect(try sqlite("select schema_version, revision from state") == "2|\(revision)\n")
            state.close()
        }
        #expect(try sqlite("select count(*) from quarantine") == "1\n")
        let state = try open()
        #expect(try state.load(PumpThree()).label == "garden")
        #expect(try sqlite("select schema_version from quarantine order by revision") == "1\n2\n")
    }

    @Test func aNewerDocumentIsRefusedAndKept() throws {
        try store(PumpTwo()) { $0.note = "kept" }
        let row = try sqlite("select * from state")
        for onCorrupt in [State.OnCorrupt.fail, .useDefaults] {
            let state = try open()
            let error = #expect(throws: StateError.self) { try state.load(PumpOne(), onCorrupt: onCorrupt) }
            #expect(error?.code == .newerDocument)
            #expect(
                error?.message
                    == "The stored Pump has schema version 2, this program knows 1. It was left as it is. Run the newer "
                    + "program, or use another cache directory."
            )
            #expect(throws: StateError.self) { try state.checkout(PumpOne.self) }
            state.close()
        }
        #expect(try sqlite("select * from state") == row)
        #expect(try sqlite("select count(*) from quarantine") == "0\n")
        #expect(try open().load(PumpTwo()).note == "kept")
    }

    @Test func aMigrationThatThrowsLeavesTheDocument() throws {
        struct Stubborn: StateModel {
            static let modelName = "Pump"
            static let schemaVersion = 4
            var id: ModelID = "p1"
            static func migrate(_ document: inout JSONObject, from version: Int) throws {
                throw ValidationError("/name", "is not wanted")
            }
        }
        try store(PumpOne()) { $0.name = "garden" }
        let row = try sqlite("select * from state")
        for _ in 1...2 {
            let state = try open()
            let error = #expect(throws: StateError.self) { try state.load(Stubborn()) }
            #expect(error?.code == .corruptDocument && error?.message.contains("/name is not wanted") == true)
            state.close()
        }
        #expect(try sqlite("select * from state") == row)
        #expect(try sqlite("select count(*) from quarantine") == "0\n")
    }

    // MARK: Documents that cannot be used

    @Test func aBrokenDocumentIsRefusedEveryTimeOrKeptAside() throws {
        struct Strict: StateModel {
            static let modelName = "Pump"
            var id: ModelID = "p1"
            var name = "main"
        }
        try store(PumpOne()) { $0.name = "garden" }
        let former = try sqlite("select document from state")
        for _ in 1...2 {
            let state = try open()
            let error = #expect(throws: StateError.self) { try state.load(Strict()) }
            #expect(error?.code == .corruptDocument && error?.model == "Pump")
            #expect(error?.message.contains("/litres") == true && error?.message.contains("schemaVersion") == true)
            state.close()
        }
        #expect(try sqlite("select document from state") == former)
        var revision: UInt64 = 0
        for _ in 1...2 {
            let state = try open()
            #expect(try state.load(Strict(), onCorrupt: .useDefaults).name == "main")
            let next = try state.checkout(Strict.self).checkedOutRevision
            #expect(revision == 0 || next == revision, "the defaults are stored from then on")
            revision = next
            state.close()
        }
        #expect(try sqlite("select document from quarantine") == former)
        #expect(try sqlite("select document from state") == #"{"id":"p1","name":"main"}"# + "\n")
        #expect(log.lines.filter { $0.level == .error }.count == 1)
    }

    @Test func aDamagedRowConcernsItsModelOnly() throws {
        try store(PumpOne()) { $0.name = "garden" }
        try store(chris) { $0.name = "cS" }
        _ = try sqlite("update state set document = replace(document, 'garden', 'harden') where model = 'Pump'")
        let state = try open()
        let error = #expect(throws: StateError.self) { try state.load(PumpOne()) }
        #expect(error?.code == .storeCorrupt && error?.model == "Pump")
        #expect(try state.load(chris).name == "cS")
        #expect(try state.load(PumpOne(), onCorrupt: .useDefaults).name == "main")
        #expect(try sqlite("select document from quarantine").contains("harden"))
        #expect(try state.load(System()).restarts == 0, "nothing is damaged any more")
    }

    @Test func aRowWhoseNameIsDamagedIsNotTakenForNone() throws {
        try store(PumpOne()) { $0.name = "garden" }
        _ = try sqlite("update state set model = 'Pumq'")
        let state = try open()
        let error = #expect(throws: StateError.self) { try state.load(PumpOne()) }
        #expect(error?.code == .storeCorrupt && error?.message.contains("\"Pumq\"") == true)
        #expect(try state.load(System()).restarts == 0, "no other model is blamed")
        #expect(try state.load(PumpOne(), onCorrupt: .useDefaults).name == "main")
        #expect(try sqlite("select model from state") == "Pump\nPumq\n", "the row is left")
        try state.reset()
        #expect(try sqlite("select model from quarantine") == "Pumq\n", "also when the store is emptied")
    }

    @Test func damagedNumbersAreNotUsed() throws {
        try store(PumpOne()) { $0.name = "garden" }
        _ = try sqlite("update numbers set value = value - 1")
        let error = #expect(throws: StateError.self) { _ = try open() }
        #expect(error?.code == .storeCorrupt)
    }

    @Test func twoThreadsThatLoadAtOnceMigrateOnce() async throws {
        try store(PumpOne()) { $0.name = "garden" }
        let state = try open()
        let revisions = Lock<Set<UInt64>>([])
        try await onThreads(8) { _ in
            do {
                let revision = try state.load(PumpTwo()).checkedOutRevision
                revisions.withLock { _ = $0.insert(revision) }
            } catch {
                Issue.record(error)
            }
        }
        #expect(revisions.withLock { $0.count } == 1)
        #expect(try state.checkout(PumpTwo.self).name == "garden")
        #expect(try sqlite("select count(*) from quarantine") == "1\n")
    }
}
