#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Tells how long something has taken, by the clock that nobody sets.
///
/// It reads the clock of `SuspendingClock`, without the arithmetic of 128 bits that `Duration` needs for its attoseconds: that takes
/// longer than reading the clock does.
package struct Stopwatch: Sendable {
    /// In nanoseconds.
    private let start: Int

    /// Starts it.
    package init() { start = Self.now() }

    /// The seconds since it was started.
    package var seconds: Double { Double(Self.now() - start) / 1e9 }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
