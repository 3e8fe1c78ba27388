import Foundation
import Myosin
import MyosinFoundation
import Testing

@testable import Greenhouse

@Suite struct WateringTests {
    let store = MemoryStore()
    let state: State
    let now = Date(timeIntervalSince1970: 1_780_000_000)

    init() throws {
        state = try State(cache: .store(store))
        try state.loadHouse()
    }

    @Test func waterIsBookedInAllThreeModels() async throws {
        let cost = try await state.water(2.5, to: "Tomatoes", at: now)
        #expect(cost == Decimal(string: "0.01"))
        #expect(try state[\Irrigation.tank.litres] == 147.5)
        #expect(try state[\Ledger.zones] == ["Tomatoes": 2.5])
        #expect(try state[\Climate.humidity.percent] == 51)
        #expect(try state[\Irrigation.zones].map(\.demand) == [.wet, nil])
    }

    @Test func theBookingOutlivesTheProgram() async throws {
        try await state.water(2.5, to: "Basil", at: now)
        let valve = try state[\Irrigation.valve]
        state.close()
        let next = try State(cache: .store(store))
        try next.loadHouse()
        #expect(try next[\Ledger.cost] == Decimal(string: "0.01"))
        #expect(try next[\Irrigation.valve] == valve)
    }

    @Test func anEmptyTankChangesNothing() async throws {
        let former = try state.checkout(Ledger.self).model
        let error = await #expect(throws: StateError.self) { try await state.water(151, to: "Basil", at: now) }
        #expect(error?.code == .invalid)
        #expect(try state.checkout(Ledger.self).model == former)
        #expect(try state[\Irrigation.tank.litres] == 150)
    }

    @Test func theGardenerGoesOnWhenWateringIsOff() async throws {
        let gardener = Gardener(state: state)
        try await state.update(Irrigation.self) { irrigation in
            irrigation.mode = .off
            irrigation.zones[0].demand = .dry
        }
        try await gardener.waterWhatIsDry(at: now)
        #expect(await gardener.rounds.isEmpty)
        try await state.update(Irrigation.self) { $0.mode = .automatic }
        try await gardener.waterWhatIsDry(at: now)
        #expect(await gardener.rounds.count == 1)
    }

    @Test func anUnknownZoneIsNamed() async throws {
        await #expect(throws: WateringError.noSuchZone("Rosemary")) {
            try await state.water(1, to: "Rosemary", at: now)
        }
    }

    @Test func aFullDiskIsReported() async throws {
        store.failCommits(with: .storeFull)
        let error = await #expect(throws: StateError.self) { try await state.water(1, to: "Basil", at: now) }
        #expect(error?.code == .storeFull)
        try await state.water(1, to: "Basil", at: now)
    }

    @Test func noDropIsLostAmongManyTasks() async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    try await state.water(0.5, to: number.isMultiple(of: 2) ? "Tomatoes" : "Basil", at: now)
                }
            }
            try await group.waitForAll()
        }
        #expect(try state[\Irrigation.tank.litres] == 50)
        #expect(try state[\Ledger.zones] == ["Tomatoes": 50, "Basil": 50])
    }
}

extension State {
    /// A house with two zones, as after a first start.
    func loadHouse() throws {
        try load(Climate.initial)
        try load(
            Irrigation(
                tank: .init(litres: 150, capacity: 200),
                zones: [.init(id: UUID(), name: "Tomatoes", demand: .dry), .init(id: UUID(), name: "Basil")]
            )
        )
        try load(Ledger(pricePerLitre: 0.004))
    }
}
