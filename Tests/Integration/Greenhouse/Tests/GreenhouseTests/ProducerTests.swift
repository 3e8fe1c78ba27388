import Foundation
import Logging
import Myosin
import MyosinFoundation
import Testing

@testable import Greenhouse

@Suite struct ProducerTests {
    let state: State

    init() throws {
        state = try State()
        try state.loadHouse()
    }

    @Test func thermometersAndHygrometerShareTheClimate() async throws {
        let roof = Thermometer(state: state, name: "roof", period: .zero) { 24 }
        let door = Thermometer(state: state, name: "door", period: .zero) { 20 }
        let percents = Line([55, 101, 56])
        Hygrometer(state: state, read: percents.next).start()
        let tasks = [roof, door].map { thermometer in Task { try await thermometer.run() } }
        for await climate in state.changes(of: Climate.self)
        where climate.sensors.count == 2 && climate.humidity.percent == 56 {
            #expect(climate.celsius == 22)
            break
        }
        for task in tasks { task.cancel() }
    }

    @Test func theGardenerWatersWhatIsDry() async throws {
        let gardener = Gardener(state: try State(cache: .store(MemoryStore())).withHouse())
        try await gardener.waterWhatIsDry()
        try await gardener.waterWhatIsDry()
        #expect(await gardener.rounds == ["Tomatoes": 1])
        try await gardener.beginSeason()
        #expect(await gardener.rounds.isEmpty)
    }

    @Test func theRelayNeverReportsHalfABooking() async throws {
        let state = try State(cache: .store(MemoryStore())).withHouse()
        let uplink = RecordingUplink()
        let relay = Task { try await Relay(state: state, uplink: uplink, logger: Logger(label: "relay")).run() }
        for _ in 0..<50 { try await state.water(1, to: "Basil", at: .now) }
        while await uplink.last?.litresLeft != 100 { try await Task.sleep(for: .milliseconds(1)) }
        relay.cancel()
    }
}

extension State {
    func withHouse() throws -> State {
        try loadHouse()
        return self
    }
}

/// A serial line with a few values.
nonisolated final class Line: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Double]

    init(_ values: [Double]) { self.values = values }

    func next() -> Double? { lock.withLock { values.isEmpty ? nil : values.removeFirst() } }
}

actor RecordingUplink: Uplink {
    private(set) var last: Report?

    func send(_ report: Report) { last = report }
}
