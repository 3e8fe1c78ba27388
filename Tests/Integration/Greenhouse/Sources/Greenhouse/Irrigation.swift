import Foundation
import Myosin
import MyosinFoundation

/// The tank, the valve, and when water flows.
struct Irrigation: StateModel {
    var id = ModelID("irrigation")
    var tank: Tank
    var valve = Valve.closed
    var mode = Mode.automatic
    var interval = Duration.seconds(6 * 3_600)
    var zones: [Zone] = []

    struct Tank: Codable, Sendable, Equatable {
        /// Exactly, because a bill is made from it.
        var litres: Decimal
        var capacity: Decimal
    }

    enum Valve: Codable, Sendable, Equatable {
        case closed
        case open(zone: UUID, until: Date)
        case stuck(atPercent: Int)
    }

    enum Mode: String, Codable, Sendable {
        case automatic, manual, off
    }

    struct Zone: Codable, Sendable, Equatable {
        var id: UUID
        var name: String
        var demand: Demand?

        enum Demand: Int, Codable, Sendable, CaseIterable {
            case dry = 1
            case moist, wet
        }
    }

    static let samples = [
        Irrigation(
            tank: Tank(litres: 12.5, capacity: 200),
            valve: .open(
                zone: UUID(uuidString: "6F1B8E1C-9F0B-4F63-A4B8-0A6B5A0B0C01") ?? UUID(),
                until: .distantFuture
            ),
            zones: [
                Zone(
                    id: UUID(uuidString: "6F1B8E1C-9F0B-4F63-A4B8-0A6B5A0B0C01") ?? UUID(),
                    name: "Tomatoes",
                    demand: .dry
                )
            ]
        ),
        Irrigation(tank: Tank(litres: 0, capacity: 200), valve: .stuck(atPercent: 30)),
    ]

    func validate() throws {
        guard tank.litres >= 0 else { throw ValidationError(\Self.tank.litres, "must not be negative") }
        guard tank.litres <= tank.capacity else {
            throw ValidationError(\Self.tank.litres, "must not be more than the capacity, \(tank.capacity)")
        }
    }
}
