#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The clock of an event loop: milliseconds that are read once a round and good for all deadlines of it.
enum LoopClock {
    /// Later than every deadline.
    static let never = Int64.max

    /// Milliseconds since some moment in the past, never backwards; the system advances it every 1 to 10 ms.
    static func read() -> Int64 {
        var time = timespec()
        // It cannot fail: the clock exists since Linux 2.6.32 and the pointer is valid.
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, at least one and at most a century.
    var loopMilliseconds: Int64 {
        let century = Duration.seconds(100 * 365 * 86_400)
        let (seconds, attoseconds) = min(max(self, .milliseconds(1)), century).components
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
