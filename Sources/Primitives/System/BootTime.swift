/// Moments of this boot, which no change of the wall clock moves, as seconds since 1970.
///
/// A process that begins before the machine knows the time has moments of 1970. Once the wall clock is set, they are shown as what
/// they are. What is small is not followed, so that a moment is the same on every page.
package final class BootTime: Sendable {
    /// By the clocks of the system.
    package static let system = BootTime(boot: { BootClock.seconds }, wall: { WallClock.seconds })

    /// The wall clock has been set when it is this far from where it should be, in seconds.
    private static let minStep = 1.0
    /// Two readings of the boot clock that are this close have the reading between them at the same time, in seconds.
    private static let maxPause = 0.05
    /// After so many attempts the former difference is kept: the process gets too little time to compare clocks.
    private static let maxAttempts = 10

    private let boot: @Sendable () -> Double
    private let wall: @Sendable () -> Double
    /// The wall clock's time at boot, as it was found last and at the latest; nil before.
    private let start = Lock<(last: Double, latest: Double)?>(nil)

    /// Compares two clocks.
    ///
    /// - Parameters:
    ///   - boot: the seconds since boot, which pass at the same rate.
    ///   - wall: the seconds since 1970, which somebody may set.
    package init(boot: @escaping @Sendable () -> Double, wall: @escaping @Sendable () -> Double) {
        (self.boot, self.wall) = (boot, wall)
    }

    /// The present moment, in seconds since boot.
    package var now: Double { boot() }

    /// The present moment by the wall clock as it is set now, in seconds since 1970.
    package var wallTime: Double { wall() }

    /// The boot, in seconds since 1970 by the wall clock as it is set now; add a moment to it.
    package var secondsSince1970: Double {
        let measured = measure()
        return start.withLock { start in
            if let last = start?.last, measured.isRough || abs(measured.start - last) < Self.minStep { return last }
            start = (measured.start, max(measured.start, start?.latest ?? measured.start))
            return measured.start
        }
    }

    /// What ``secondsSince1970`` has told last, in seconds since 1970; nil when it was not asked.
    package var last: Double? { start.withLock { $0?.last } }

    /// The latest time that ``secondsSince1970`` has told, in seconds since 1970; nil when it was not asked.
    package var latest: Double? { start.withLock { $0?.latest } }

    private func measure() -> (start: Double, isRough: Bool) {
        var (start, isRough) = (0.0, true)
        for _ in 0..<Self.maxAttempts where isRough {
            let before = boot()
            let time = wall()
            // Something else may have had the processor in between.
            isRough = boot() - before > Self.maxPause
            start = time - before
        }
        return (start, isRough)
    }
}
