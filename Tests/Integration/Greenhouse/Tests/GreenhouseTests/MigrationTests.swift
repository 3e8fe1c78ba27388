import Foundation
import Myosin
import MyosinFoundation
import Testing

@testable import Greenhouse

@Suite struct MigrationTests {
    @Test func version1IsReadToday() throws {
        let climate = try Climate.migrated(
            from: #"{"id": "climate", "kelvin": 294.65, "humidity": 60}"#,
            version: 1,
            defaults: .initial
        )
        #expect(abs(climate.celsius - 21.5) < 1e-9)
        #expect(climate.humidity == Climate.Humidity(percent: 60))
        #expect(climate.sensors.isEmpty)
    }

    @Test func version2IsReadToday() throws {
        let climate = try Climate.migrated(
            from: #"{"id": "climate", "celsius": 21.5, "humidity": 60}"#,
            version: 2,
            defaults: .initial
        )
        #expect(climate == Climate(celsius: 21.5, humidity: .init(percent: 60)))
    }

    @Test func whatIsMissingIsNamed() throws {
        let error = #expect(throws: StateError.self) {
            try Climate.migrated(from: #"{"id": "climate", "humidity": 60}"#, version: 1, defaults: .initial)
        }
        #expect(error?.localizedDescription.contains("/kelvin") == true)
    }

    @Test func aStoreOfAnOlderProgramIsTakenOver() throws {
        let store = MemoryStore(documents: [
            "Climate": (version: 1, #"{"id": "climate", "kelvin": 300.15, "humidity": 44}"#)
        ])
        let state = try State(cache: .store(store))
        let climate = try state.load(Climate.initial)
        #expect(abs(climate.celsius - 27) < 1e-9)
    }
}
