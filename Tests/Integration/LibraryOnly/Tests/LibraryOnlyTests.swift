import Foundation
import Myosin
import Testing

struct Thermostat: StateModel {
    var id = ModelID()
    var target: Double
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
}
