import Foundation
import Myosin
import MyosinFoundation
import ServiceLifecycle

/// A thermometer that is asked from time to time.
struct Thermometer: Service {
    let state: State
    let name: String
    var period = Duration.seconds(10)
    let measure: @Sendable () async throws -> Double

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            let celsius = try await measure()
            try await state.update(Climate.self) { [name] climate in
                climate.take(celsius, from: name, at: .now)
            }
            await pause(for: period)
        }
    }
}

extension Climate {
    /// Notes what a sensor has measured; the temperature of the house is the mean of the last ones.
    mutating func take(_ value: Double, from sensor: String, at time: Date) {
        let former = celsius
        sensors[sensor] = value
        celsius = sensors.values.reduce(0, +) / Double(sensors.count)
        trend = celsius > former ? .rising : celsius < former ? .falling : .steady
        measuredAt = time
    }
}

/// A hygrometer on a serial line, whose driver has a thread of its own and knows nothing of tasks.
struct Hygrometer {
    let state: State
    let read: @Sendable () -> Double?

    /// Measures until the line is closed.
    func start() {
        Thread.detachNewThread {
            while let percent = read() {
                do {
                    try state.update(Climate.self) { $0.humidity.percent = percent }
                } catch StateError.invalid {
                    continue
                } catch {
                    return
                }
            }
        }
    }
}

/// Waits, but not beyond the beginning of a shutdown.
func pause(for duration: Duration) async {
    // It only ends early when the program does.
    try? await cancelWhenGracefulShutdown { try await Task.sleep(for: duration) }
}
