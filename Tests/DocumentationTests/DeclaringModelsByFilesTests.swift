import Foundation
import Myosin
import StateSchema
import TestSupport
import Testing

/// The code of the article "Declaring models by files".
@Suite struct DeclaringModelsByFilesTests {
    private static let article = "Sources/StateSchema/StateSchema.docc/DeclaringModelsByFiles.md"

    @Test func theArticlesModelIsLoadedAndChanged() throws {
        let temporary = try TemporaryDirectory()
        let (path, directory) = (temporary.path + "/state", temporary.path)
        let file = directory + "/Thermostat.schema.json"
        let schema = try #require(try Article(Self.article).blocks("json").first)
        try schema.write(toFile: file, atomically: true, encoding: .utf8)
        // DOC begins
        let state = try State(cache: .directory(path))
        let models = ModelDirectory([directory])
        let names = try models.load(into: state)
        // DOC ends
        #expect(names == ["Thermostat"])
        // DOC begins
        try state.update(declared: "Thermostat", cache: true) { $0["target"] = 21.5 }

        let thermostat = try state.checkout(declared: "Thermostat")
        print(thermostat.fields["mode"] ?? .null)

        let subscription = try state.subscribe(declared: "Thermostat") { thermostat in
            print(thermostat["target"] ?? .null)
        }
        // DOC ends
        subscription.cancel()
        #expect(thermostat.fields["target"] == 21.5 && thermostat.fields["mode"] == "eco")
        let error = #expect(throws: StateError.self) {
            try state.update(declared: "Thermostat") { $0["target"] = 100 }
        }
        #expect(error?.code == .invalid)

        try "{".write(toFile: file, atomically: true, encoding: .utf8)
        // DOC begins
        do {
            try models.load(into: state)
        } catch let failure as ModelDirectory.Failure {
            for fault in failure.faults {
                print("\(fault.file) at \(fault.pointer): \(fault.detail)")
            }
        }
        // DOC ends
        #expect(throws: ModelDirectory.Failure.self) { try models.load(into: state) }
        #expect(try state.checkout(declared: "Thermostat").fields["target"] == 21.5)
    }
}
