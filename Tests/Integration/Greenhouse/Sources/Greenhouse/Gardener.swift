import Foundation
import Myosin
import MyosinFoundation
import ServiceLifecycle

/// Waters what is dry.
actor Gardener: Service {
    private let state: State
    private let period: Duration
    /// How often each zone was watered.
    private(set) var rounds: [String: Int] = [:]

    init(state: State, period: Duration = .seconds(60)) {
        (self.state, self.period) = (state, period)
    }

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            try await waterWhatIsDry()
            await pause(for: period)
        }
    }

    func waterWhatIsDry(at now: Date = .now) async throws {
        for zone in try state[\Irrigation.zones] where zone.demand == .dry {
            do {
                try await state.water(2.5, to: zone.name, at: now)
                rounds[zone.name, default: 0] += 1
            } catch StateError.invalid {
                // The tank has too little; it may be filled in the meantime.
                continue
            } catch is WateringError {
                // The operator has switched watering off, or has removed the zone.
                continue
            }
        }
    }

    /// Forgets the rounds, and closes the valve.
    func beginSeason() throws {
        // The closure changes the actor itself, so that no task may take it elsewhere.
        try state.blocking.update(Irrigation.self, cache: true) { irrigation in
            irrigation.valve = .closed
            rounds = [:]
        }
    }
}
