#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Measures how long something takes, by the monotonic clock.
///
/// It reads the clock of `SuspendingClock` without the 128-bit arithmetic that `Duration` needs for its attoseconds, which takes
/// longer than reading the clock does.
package struct Stopwatch: Sendable {
    /// In nanoseconds.
    private let start: Int

    /// Starts a stopwatch.
    package init() { start = Self.now() }

    /// The seconds since it was started.
    package var seconds: Double { Double(Self.now() - start) / 1e9 }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}

/// The time of day, in UTC.
package enum WallClock {
    /// Seconds since 1970, as precise as the system has them.
    package static var seconds: Double { inSeconds(now()) }

    /// Seconds since 1970 as libmicrohttpd has them for the `Date` field of an answer.
    ///
    /// The system advances this clock every 1 to 10 ms, and C's `time` reads it. So for some milliseconds of each second it has
    /// the former second, while ``seconds`` has the new one. A time that must not be later than `Date` is taken from here.
    package static var coarseSeconds: Double { inSeconds(reading(CLOCK_REALTIME_COARSE)) }

    /// Whole milliseconds since 1970.
    package static var milliseconds: Int {
        let time = now()
        return Int(time.tv_sec) * 1_000 + Int(time.tv_nsec) / 1_000_000
    }

    private static func now() -> timespec { reading(CLOCK_REALTIME) }
}

/// The time since boot, with the time during which the machine was suspended; nobody sets it.
package enum BootClock {
    /// Seconds since boot, as precise as the system has them.
    package static var seconds: Double { inSeconds(reading(CLOCK_BOOTTIME)) }
}

private func reading(_ clock: clockid_t) -> timespec {
    var time = timespec()
    clock_gettime(clock, &time)
    return time
}

private func inSeconds(_ time: timespec) -> Double { Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000 }

extension Duration {
    /// The duration as a number of seconds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        // 1e18 is a Double exactly, 1e-18 is not: the division rounds once, and 5 ms become 0.005.
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
