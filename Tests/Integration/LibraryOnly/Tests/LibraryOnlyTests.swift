import Foundation
import Myosin
import Testing

struct Thermostat: StateModel {
    var id = ModelID()
    var target: Double
    var room = Room()

    struct Room: Codable, Equatable {
        var name = ""
        var floor = 0
    }

    static var schemaVersion: Int { 2 }

    static func migrate(_ document: inout JSONObject, from version: Int) throws {
        if version < 2 { document["target"] = try JSONValue((document.double("fahrenheit") - 32) / 1.8) }
    }
}

@Suite struct LibraryOnlyTests {
    @Test func aCachedValueIsThereAfterReopening() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "myosin-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let state = try State(cache: .directory(directory.path))
        try state.load(Thermostat(target: 20))
        try state.update(Thermostat.self, cache: true) { $0.target = 21.5 }
        state.close()

        let again = try State(cache: .directory(directory.path))
        #expect(try again.load(Thermostat(target: 20)).target == 21.5)
        again.close()
    }

    @Test func aProgramIsTestedWithoutADisk() throws {
        let stored = #"{"id":"t1","fahrenheit":68,"room":{"name":"hall"}}"#
        let migrated = try Thermostat.migrated(from: stored, version: 1, defaults: Thermostat(target: 0))
        #expect(migrated == Thermostat(id: "t1", target: 20, room: .init(name: "hall")))

        let (store, clock) = (MemoryStore(documents: ["Thermostat": (version: 1, stored)]), ManualClock())
        let state = try State(cache: .store(store), clock: clock)
        try state.load(Thermostat(target: 0))
        clock.advance(by: .seconds(60))
        try State.withShared(state) {
            try State.shared.update(Thermostat.self, cache: true) { $0.target = 21 }
        }
        #expect(store.documents["Thermostat"]?.json?.object?["room", "floor"] == 0)
        #expect(store.documents["Thermostat"]?.time == clock.secondsSince1970)
        store.failCommits(with: .storeFull)
        #expect(throws: StateError.self) { try state.update(Thermostat.self, cache: true) { $0.target = 22 } }
        #expect(try state.checkout(Thermostat.self).target == 21)
        #expect(ModelID.withSequence { Thermostat(target: 0).id } == "00000000-0000-4000-8000-000000000001")
    }
}
