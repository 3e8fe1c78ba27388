import Myosin
import MyosinCommand
import ServiceLifecycle

/// A sensor that reads the air once a second; the values wander around a mild day's.
struct Sensor: Service {
    let state: State

    func run() async throws {
        repeat {
            try await state.update(Telemetry.self, cache: true) { telemetry in
                telemetry.temperature = Self.next(telemetry.temperature, in: 10.5...45.5)
                telemetry.humidity = Self.next(telemetry.humidity, in: 20...80)
            }
        } while await ServiceProgram.pause(for: .seconds(1))
    }

    private static func next(_ value: Double, in range: ClosedRange<Double>) -> Double {
        let wandered = value + .random(in: -0.5...0.5)
        return (min(max(wandered, range.lowerBound), range.upperBound) * 100).rounded() / 100
    }
}
