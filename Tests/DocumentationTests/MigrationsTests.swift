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
                    if case .number(let number)? = document["fahrenheit"],
                        let fahrenheit = number.floatingPoint(Double.self)
                    {
                        document["celsius"] = JSONNumber((fahrenheit - 32) / 1.8).map { .number($0) }
                    }
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
