package import Primitives

/// A boot clock and a wall clock that a test moves; they begin 100 s after a boot at 900 s.
package final class SetClocks: Sendable {
    private struct Readings {
        var boot = 100.0
        var wall = 1_000.0
        /// What passes between two readings.
        var pause = 0.0
    }

    private let readings: Lock<Readings>
    /// Compares the two.
    package let time: BootTime

    /// Makes the clocks.
    package init() {
        let readings = Lock(Readings())
        self.readings = readings
        time = BootTime {
            readings.withLock { readings in
                defer {
                    (readings.boot, readings.wall) = (readings.boot + readings.pause, readings.wall + readings.pause)
                }
                return readings.boot
            }
        } wall: {
            readings.withLock { $0.wall }
        }
    }

    /// Lets time pass.
    ///
    /// - Parameters:
    ///   - seconds: how much.
    ///   - wall: by how much the wall clock moves; nil for as much.
    package func pass(_ seconds: Double, wall: Double? = nil) {
        readings.withLock { readings in
            readings.boot += seconds
            readings.wall += wall ?? seconds
        }
    }

    /// Sets the wall clock, in seconds since 1970.
    package func setWall(_ seconds: Double) { readings.withLock { $0.wall = seconds } }

    /// Lets time pass with each reading, in seconds.
    package func setPause(_ seconds: Double) { readings.withLock { $0.pause = seconds } }
}
