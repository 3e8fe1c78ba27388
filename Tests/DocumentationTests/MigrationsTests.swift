import Myosin
import TestSupport
import Testing

/// The code of the article "Migrations".
@Suite struct MigrationsTests {
    private enum Shipped {
        // DOC begins
        struct Sensor: StateModel {
            var id = ModelID()
            var name: String
            var fahrenheit: Double
        }
        // DOC ends
    }

    private enum Next {
        // DOC begins
        struct Sensor: StateModel {
            var id = ModelID()
            var label: String
            var celsius: Double
            var isCalibrated = false

            static var schemaVersion: Int { 2 }

            static func migrate(_ document: inout JSONObject, from version: Int) throws {
                if version < 2 {
                    document.rename("name", to: "label")
                    document["celsius"] = try JSONValue((document.double("fahrenheit") - 32) / 1.8)
                }
            }
        }
        // DOC ends
    }

    // DOC begins
    struct TemperatureSensor: StateModel {
        static var modelName: String { "Sensor" }
        static var schemaVersion: Int { 2 }

        var id = ModelID()
        var label: String
        var celsius: Double
        var isCalibrated = false
    }
    // DOC ends

    private let directory: TemporaryDirectory
    private var cache: State.Cache { .directory(directory.path) }

    /// Lets the shipped program run once.
    init() throws {
        directory = try TemporaryDirectory()
        let state = try State(cache: cache)
        try state.load(Shipped.Sensor(id: "s1", name: "roof", fahrenheit: 0))
        try state.update(Shipped.Sensor.self, cache: true) { $0.fahrenheit = 212 }
        state.close()
    }

    private func migrate() throws {
        typealias Sensor = Next.Sensor
        let state = try State(cache: cache)
        defer { state.close() }
        // DOC begins
        try state.load(Sensor(label: "", celsius: 0), onCorrupt: .useDefaults)
        // DOC ends
        let sensor = try state.checkout(Sensor.self)
        #expect(sensor.model == Sensor(id: "s1", label: "roof", celsius: 100))
    }

    @Test func eachChangeIsALine() throws {
        var document: JSONObject = try #require(
            try JSONValue(
                parsing: #"{"name":"roof/K","fahrenheit":212,"room":"attic","mode":"eco","shelves":[{"row":2},{}]}"#
            )
            .object
        )
        // DOC begins
        document.rename("name", to: "label")  // another name
        document["celsius"] = try JSONValue((document.double("fahrenheit") - 32) / 1.8)  // another unit
        document["place", "room"] = document.remove("room")  // into a nested object, which is made
        document.translate("mode", by: ["eco": "economy"])  // another name of an enumeration's case
        document["unit"] = try document.string("label").split(separator: "/").last.map { JSONValue($0) }  // a part
        document.updateEach("shelves") { $0["row"] = $0["row"] ?? 1 }  // a new field in each element
        // DOC ends
        let expected: JSONValue = [
            "label": "roof/K", "fahrenheit": 212, "celsius": 100, "place": ["room": "attic"], "mode": "economy",
            "unit": "K", "shelves": [["row": 2], ["row": 1]],
        ]
        #expect(.object(document) == expected)
    }

    @Test func theValueIsTakenAlong() throws {
        try migrate()
        try migrate()
        let renamed = try State(cache: cache)
        let loaded = try renamed.load(TemperatureSensor(label: "", celsius: 0))
        #expect(loaded.model == TemperatureSensor(id: "s1", label: "roof", celsius: 100))
    }

    @Test func theFormerDocumentIsSetAsideOnce() throws {
        try migrate()
        try migrate()
        let query = ["\(directory.path)/state.sqlite", "select model, schema_version, document from quarantine"]
        let ending = try Program.run("/usr/bin/sqlite3", query)
        #expect(ending.output == #"Sensor|1|{"id":"s1","name":"roof","fahrenheit":212}"# + "\n")
    }

    @Test func anOlderProgramRefusesTheNewDocument() throws {
        try migrate()
        let state = try State(cache: cache)
        let error = #expect(throws: StateError.self) {
            try state.load(Shipped.Sensor(name: "", fahrenheit: 0))
        }
        #expect(error?.code == .newerDocument)
    }

    @Test func otherFieldsAtTheSameVersionAreRefused() throws {
        struct Sensor: StateModel {
            var id = ModelID()
            var fahrenheit: Double
        }
        let state = try State(cache: cache)
        let error = #expect(throws: StateError.self) { try state.load(Sensor(fahrenheit: 0)) }
        #expect(error?.code == .corruptDocument)
        let sensor = try state.load(Sensor(fahrenheit: 1), onCorrupt: .useDefaults)
        #expect(sensor.fahrenheit == 1)
    }
}
