#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A value under a pthread mutex, with a condition variable for threads that wait until the value says go.
///
/// Use ``Lock`` where nobody waits. The same rule holds for every closure: short, no I/O, no user code, no logging.
package final class Monitor<Value>: @unchecked Sendable {
    // Sendable: `value` is touched only while `mutex` is held (`pthread_cond_wait` gives it up and takes it back);
    // mutex and condition live at one address from `init` to `deinit`, and no thread can wait during `deinit` since
    // a waiting thread holds a reference.
    private var value: Value
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// Makes a monitor around a value.
    package init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        defer { pthread_condattr_destroy(&attributes) }
        // Deadlines must not move when somebody sets the wall clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let codes = (pthread_mutex_init(mutex, nil), pthread_cond_init(condition, &attributes))
        precondition(codes == (0, 0), "pthread initialization failed with \(codes)")
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs the closure with exclusive access to the value.
    package func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Lets every waiting thread look at the value again.
    package func notifyAll() { pthread_cond_broadcast(condition) }

    /// Lets one waiting thread look at the value again; enough where any of them may act on the news.
    package func notifyOne() { pthread_cond_signal(condition) }

    /// Waits until the closure gives something other than nil, or the time is over.
    ///
    /// - Parameters:
    ///   - duration: how long to wait at most; nil for without limit.
    ///   - look: called with exclusive access, at once and after every notification.
    /// - Returns: what the closure gave, or nil when the time was over first.
    package func wait<Result>(
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
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = look(&value) { return result }
            if duration == nil {
                pthread_cond_wait(condition, mutex)
            } else if pthread_cond_timedwait(condition, mutex, &end) != 0 {
                return look(&value)
            }
        }
    }
}
