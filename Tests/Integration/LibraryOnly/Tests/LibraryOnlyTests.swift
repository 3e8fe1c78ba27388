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

    /// Tests of the package itself link the product MyosinFoundation, which gives these types a form.
    @Test func aTypeOfFoundationIsRefusedByNamingTheProduct() throws {
        let sentence =
            "has the type Date of Foundation, whose form in documents is in the product MyosinFoundation; add "
            + ".product(name: \"MyosinFoundation\", package: \"myosin\") to the dependencies of your target in Package.swift, and "
            + "write: import MyosinFoundation"
        #expect(refusal(of: Dated(value: Date.now)) == "/value \(sentence)")
        // Before there is a value.
        #expect(refusal(of: Dated<Date?>(value: nil)) == "/value \(sentence)")
        #expect(refusal(of: Dated<[Date]>(value: [])) == "/value \(sentence)")
        #expect(refusal(of: Dated<[String: Date?]>(value: [:])) == "/value \(sentence)")
        #expect(refusal(of: Dated(value: Event.at(Date.now))) == "/value/at/_0 \(sentence)")
        let others = [
            refusal(of: Dated(value: UUID())), refusal(of: Dated(value: Data())), refusal(of: Dated(value: Decimal(1))),
            refusal(of: Dated(value: URL(filePath: "/"))), refusal(of: Dated(value: URLComponents())),
            refusal(of: Dated(value: TimeZone.gmt)), refusal(of: Dated(value: Locale(identifier: "de_DE"))),
            refusal(of: Dated(value: DateInterval())),
        ]
        for other in others { #expect(other?.contains("import MyosinFoundation") == true) }
    }

    @Test func aTypeOfFoundationIsRefusedAtTheCommitThatHasIt() throws {
        let state = try State()
        try state.load(Dated(value: Event.none))
        let error = #expect(throws: StateError.self) {
            try state.update(Dated<Event>.self) { $0.value = .at(Date.now) }
        }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("import MyosinFoundation") == true)
        #expect(try state.checkout(Dated<Event>.self).value == .none)
    }
}

private enum Event: Codable, Equatable { case none, at(Date) }

private struct Dated<Value: Codable & Sendable & Equatable>: StateModel {
    static var modelName: String { "Dated" }
    var id = ModelID()
    var value: Value
}

/// Why the engine refuses a model, without the model's name.
private func refusal(of model: some StateModel) -> String? {
    let error = #expect(throws: StateError.self) { try State().load(model) }
    return (error?.underlying as? ValidationError).map(\.description)
}
