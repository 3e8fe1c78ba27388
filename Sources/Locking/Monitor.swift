#if canImport(Glibc)
public import Glibc
#elseif canImport(Musl)
public import Musl
#else
public import Darwin
#endif

/// A value under a pthread mutex, with a condition variable for threads that wait until the value says go.
///
/// It is public for the reason that ``Lock`` is; use that where nobody waits. The same rule holds for every closure: short, no
/// I/O, no user code, no logging.
public final class Monitor<Value>: @unchecked Sendable {
    /// The value with what guards it.
    @usableFromInline struct Cell {
        @usableFromInline var mutex = pthread_mutex_t()
        @usableFromInline var condition = pthread_cond_t()
        @usableFromInline var value: Value

        @usableFromInline init(value: Value) { self.value = value }
    }

    // Sendable: the value is touched only while the mutex is held (`pthread_cond_wait` gives it up and takes it back);
    // the cell lives at one address from `init` to `deinit`, and no thread can wait during `deinit` since a waiting thread
    // holds a reference. The value is reached through a pointer for the reason that it is in `Lock`.
    @usableFromInline let cell: UnsafeMutablePointer<Cell>

    /// Makes a monitor around a value.
    public init(_ value: sending Value) {
        cell = .allocate(capacity: 1)
        cell.initialize(to: Cell(value: value))
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        defer { pthread_condattr_destroy(&attributes) }
        // Deadlines must not move when somebody sets the wall clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let codes = (
            pthread_mutex_init(&cell.pointee.mutex, nil), pthread_cond_init(&cell.pointee.condition, &attributes)
        )
        precondition(codes == (0, 0), "pthread initialization failed with \(codes)")
    }

    deinit {
        pthread_cond_destroy(&cell.pointee.condition)
        pthread_mutex_destroy(&cell.pointee.mutex)
        cell.deinitialize(count: 1)
        cell.deallocate()
    }

    /// Runs the closure with exclusive access to the value.
    ///
    /// - Parameter body: short, synchronous work on the value.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws.
    @inlinable public func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(&cell.pointee.mutex)
        defer { pthread_mutex_unlock(&cell.pointee.mutex) }
        return try body(&cell.pointee.value)
    }

    /// Lets every waiting thread look at the value again.
    public func notifyAll() { pthread_cond_broadcast(&cell.pointee.condition) }

    /// Lets one waiting thread look at the value again; enough where any of them may act on the news.
    public func notifyOne() { pthread_cond_signal(&cell.pointee.condition) }

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
        pthread_mutex_lock(&cell.pointee.mutex)
        defer { pthread_mutex_unlock(&cell.pointee.mutex) }
        while true {
            if let result = look(&cell.pointee.value) { return result }
            if duration == nil {
                pthread_cond_wait(&cell.pointee.condition, &cell.pointee.mutex)
            } else if pthread_cond_timedwait(&cell.pointee.condition, &cell.pointee.mutex, &end) != 0 {
                return look(&cell.pointee.value)
            }
        }
    }
}
