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

/// The timeouts of ``ServerLimits`` in the loop's milliseconds.
struct ConnectionTimeouts {
    let header: Int64
    let idle: Int64
    let body: Int64
    let write: Int64
    /// When a response is looked at first, to learn what the client has taken by then.
    let firstWrite: Int64
    /// No deadline is set to less than this.
    let shortest: Int64
    /// How late a deadline may be noticed.
    let granularity: Int64
    /// The least of what ``granularity`` can be.
    static let finest: Int64 = 10

    init(_ limits: ServerLimits) {
        header = limits.headerTimeout.loopMilliseconds
        idle = limits.idleTimeout.loopMilliseconds + header
        body = limits.bodyTimeout.loopMilliseconds
        write = limits.writeTimeout.loopMilliseconds
        firstWrite = max(1, write / 4)
        shortest = min(header, body, firstWrite)
        granularity = max(Self.finest, shortest / 8)
    }
}
