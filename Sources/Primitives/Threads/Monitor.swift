#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A lock with a condition variable for threads that wait until the value says go.
///
/// Use ``Lock`` where nobody waits. The same rule holds for every closure: short, no I/O, no user code, no logging.
public final class Monitor<Value>: @unchecked Sendable {
    // Sendable: what is not the lock's is a pointer that does not change. The condition is at one address from `init` to
    // `deinit`, during which no thread can wait, since a waiting thread holds a reference; waiting gives up the lock's mutex and
    // takes it back.
    @usableFromInline let lock: Lock<Value>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// Makes a monitor around a value.
    public init(_ value: sending Value) {
        lock = Lock(value)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        defer { pthread_condattr_destroy(&attributes) }
        // Deadlines must not move when somebody sets the wall clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let code = pthread_cond_init(condition, &attributes)
        precondition(code == 0, "pthread_cond_init failed with \(code)")
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Runs the closure with exclusive access to the value.
    ///
    /// - Parameter body: short, synchronous work on the value.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws.
    @inlinable public func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try lock.withLock(body)
    }

    /// Lets every waiting thread look at the value again.
    public func notifyAll() { pthread_cond_broadcast(condition) }

    /// Lets one waiting thread look at the value again; enough where any of them may act on the news.
    public func notifyOne() { pthread_cond_signal(condition) }

    /// Waits until the closure gives something other than nil, or the time is over.
    ///
    /// - Parameters:
    ///   - duration: how long to wait at most; nil for without limit.
    ///   - look: called with exclusive access, at once and after every notification.
    /// - Returns: what the closure gave, or nil when the time was over first.
    public func wait<Result>(
        upTo duration: Duration? = nil,
        until look: (inout sending Value) -> sending Result?
    ) -> sending Result? {
        var end = timespec()
        if let duration {
            clock_gettime(CLOCK_MONOTONIC, &end)
            // Longer than thirty years is for ever, and could overflow.
            let (seconds, attoseconds) = min(max(duration, .zero), .seconds(1 << 30)).components
            let nanoseconds = end.tv_nsec + Int(attoseconds / 1_000_000_000)
            end.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
            end.tv_nsec = nanoseconds % 1_000_000_000
        }
        let cell = lock.cell
        pthread_mutex_lock(&cell.pointee.mutex)
        defer { pthread_mutex_unlock(&cell.pointee.mutex) }
        while true {
            if let result = look(&cell.pointee.value) { return result }
            if duration == nil {
                pthread_cond_wait(condition, &cell.pointee.mutex)
            } else if pthread_cond_timedwait(condition, &cell.pointee.mutex, &end) != 0 {
                return look(&cell.pointee.value)
            }
        }
    }
}
