import Foundation
import Myosin
import MyosinFoundation

/// The air in the house, as the sensors see it.
struct Climate: StateModel {
    var id = ModelID("climate")
    /// Kelvin in version 1, degrees Celsius since version 2.
    var celsius: Double
    var humidity: Humidity
    /// The temperature at each sensor, by its name.
    var sensors: [String: Double] = [:]
    var trend: Trend?
    var measuredAt: Date?

    struct Humidity: Codable, Sendable, Equatable {
        var percent: Double
        var isCondensing = false
    }

    enum Trend: String, Codable, Sendable, CaseIterable {
        case rising, steady, falling
    }

    static let schemaVersion = 3

    static let schema: JSONValue = [
        "description": "The air in the house, as the sensors see it.",
        "properties": [
            "celsius": ["description": "The temperature of the air.", "x-unit": "celsius"]
        ],
    ]

    /// What the house has before its sensors have measured.
    static let initial = Climate(celsius: 20, humidity: Humidity(percent: 50))

    static let samples = [
        Climate(
            celsius: 21.5,
            humidity: Humidity(percent: 60),
            sensors: ["door": 20.25, "roof": 24],
            trend: .rising,
            measuredAt: Date(timeIntervalSince1970: 1_780_000_000)
        )
    ]

    static func migrate(_ document: inout JSONObject, from version: Int) throws {
        if version < 2 {
            document["celsius"] = try JSONValue(document.double("kelvin") - 273.15)
        }
        if version < 3 {
            document["humidity"] = ["percent": document["humidity"] ?? 50]
        }
    }

    func validate() throws {
        guard celsius >= -90 else { throw ValidationError(\Self.celsius, "must be at least -90") }
        guard (0...100).contains(humidity.percent) else {
            throw ValidationError(\Self.humidity.percent, "must be between 0 and 100")
        }
    }
}
