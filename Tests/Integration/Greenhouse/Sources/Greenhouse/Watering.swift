import Foundation
import Myosin
import MyosinFoundation

extension State {
    /// Lets water flow into a zone and books it, all of it or nothing.
    ///
    /// - Parameters:
    ///   - litres: the water.
    ///   - zone: the name of the zone.
    ///   - now: when it flows.
    /// - Returns: what it has cost.
    /// - Throws: ``WateringError``; the engine's error where the tank has too little, or the disk takes nothing.
    @discardableResult
    func water(_ litres: Decimal, to zone: String, at now: Date) async throws -> Decimal {
        try await update(Irrigation.self, Ledger.self, Climate.self, cache: true) { irrigation, ledger, climate in
            guard irrigation.mode != .off else { throw WateringError.isOff }
            guard let place = irrigation.zones.firstIndex(where: { $0.name == zone }) else {
                throw WateringError.noSuchZone(zone)
            }
            irrigation.tank.litres -= litres
            irrigation.zones[place].demand = .wet
            irrigation.valve = .open(zone: irrigation.zones[place].id, until: now.addingTimeInterval(60))
            let cost = litres * ledger.pricePerLitre
            ledger.litres += litres
            ledger.cost += cost
            ledger.zones[zone, default: 0] += litres
            climate.humidity.percent = min(100, climate.humidity.percent + 1)
            return cost
        }
    }
}

/// Why no water flows.
enum WateringError: Error, Equatable {
    case isOff
    case noSuchZone(String)
}
