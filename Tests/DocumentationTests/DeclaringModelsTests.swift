import Myosin
import StateSchema
import Testing

/// The code of the article "Declaring models in files".
@Suite struct DeclaringModelsTests {
    // DOC begins
    struct Sprinkler: StateModel {
        struct Zone: Codable, Equatable {
            var name: String
            var litres: Double
        }

        enum Mode: Codable, Equatable {
            case off
            case timed(minutes: Int)
        }

        var id = ModelID()
        var mode = Mode.off
        var zones: [Zone] = []
        var lastZone: Zone?

        static var samples: [Self] {
            let zone = Zone(name: "roses", litres: 1.5)
            return [Self(mode: .timed(minutes: 5), zones: [zone], lastZone: zone)]
        }
    }
    // DOC ends

    @Test func samplesShowWhatTheDefaultsDoNot() throws {
        try State().load(Sprinkler())
        let derivation = ModelDerivation(of: Sprinkler())
        #expect(derivation.unlearned.isEmpty)
        let properties = derivation.document["properties"]
        #expect(properties?.value(at: ["zones", "items", "properties", "litres", "type"]) == "number")
        #expect(properties?.value(at: ["lastZone", "properties", "name", "type"]) == "string")
        #expect(properties?.value(at: ["mode", "properties", "timed", "properties", "minutes", "type"]) == "integer")
    }
}
