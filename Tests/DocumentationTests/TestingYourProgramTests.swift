import Logging
import Myosin
import TestSupport
import Testing

/// The code of the article "Testing your program".
@Suite struct TestingYourProgramTests {
    // DOC begins
    struct Tank: StateModel {
        var id = ModelID()
        var litres = 0.0

        static var schemaVersion: Int { 2 }

        static func migrate(_ document: inout JSONObject, from version: Int) throws {
            if version < 2 { document["litres"] = try JSONValue(document.double("gallons") * 4) }
        }
    }

    /// Returns false where the disk is full.
    func fill(_ state: State, by litres: Double) throws -> Bool {
        do {
            try state.update(Tank.self, cache: true) { $0.litres += litres }
            return true
        } catch let error as StateError where error.code == .storeFull {
            return false
        }
    }
    // DOC ends

    @Test func commitsAreKeptInMemory() throws {
        // DOC begins
        let store = MemoryStore()
        let state = try State(cache: .store(store))
        try state.load(Tank(id: "tank-1"))

        #expect(try fill(state, by: 20))
        #expect(store.documents["Tank"]?.json == ["id": "tank-1", "litres": 20])
        // DOC ends

        // DOC begins
        store.failCommits(with: .storeFull)
        #expect(try !fill(state, by: 20))
        #expect(try state.checkout(Tank.self).litres == 20)
        // DOC ends

        // DOC begins
        state.close()
        let restarted = try State(cache: .store(store))
        #expect(try restarted.load(Tank()).litres == 20)
        // DOC ends
    }

    @Test func documentsAreMigrated() throws {
        // DOC begins
        let json = #"{"id": "tank-1", "gallons": 5}"#
        #expect(try Tank.migrated(from: json, version: 1).litres == 20)
        // DOC ends

        // DOC begins
        let store = MemoryStore(documents: ["Tank": (version: 1, json)])
        let state = try State(cache: .store(store))
        #expect(try state.load(Tank()).litres == 20)
        #expect(store.documents["Tank"]?.schemaVersion == 2)
        // DOC ends
        #expect(store.quarantine.map(\.document.json) == [["id": "tank-1", "gallons": 5]])
    }

    @Test func theSharedStateIsReplaced() throws {
        // DOC begins
        let state = try State()
        try state.load(Tank())
        try State.withShared(state) {
            try State.shared.update(Tank.self) { $0.litres = 20 }
        }
        // DOC ends
        #expect(try state.checkout(Tank.self).litres == 20)
    }

    @Test func timePassesWhenTheTestSaysSo() throws {
        let store = MemoryStore()
        // DOC begins
        let clock = ManualClock()
        let state = try State(cache: .store(store), clock: clock)
        // DOC ends
        try state.load(Tank())
        // DOC begins
        clock.advance(by: .seconds(5))
        // DOC ends
        try state.update(Tank.self, cache: true) { $0.litres = 20 }
        #expect(store.documents["Tank"]?.time == clock.secondsSince1970)
    }

    @Test func identitiesAreTheSameInEachRun() {
        // DOC begins
        ModelID.withSequence {
            #expect(Tank().id == "00000000-0000-4000-8000-000000000001")
            #expect(Tank().id == "00000000-0000-4000-8000-000000000002")
        }
        // DOC ends
    }

    @Test func commitsAreLogged() throws {
        let log = RecordedLog()
        var logger = log.logger
        // DOC begins
        logger.logLevel = .trace
        let state = try State(logger: logger)
        // DOC ends
        try state.load(Tank())
        try state.update(Tank.self) { $0.litres = 20 }
        #expect(log.lines.map(\.message) == ["A model was committed"])
    }
}
