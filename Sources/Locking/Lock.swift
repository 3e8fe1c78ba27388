#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A value that is read and changed under a pthread mutex, one thread at a time.
///
/// The closure given to ``withLock(_:)`` must be short: no I/O, no encoding, no user code, no logging. Copy out, let
/// the closure return, then act. The mutex is not recursive: locking it again inside the closure hangs.
///
/// A pthread mutex, since the thread sanitizer understands it and since `Synchronization.Mutex` was measured at
/// three times its uncontended cost.
package final class Lock<Value>: @unchecked Sendable {
    // Sendable: `value` is touched only between lock and unlock of `mutex`; `mutex` lives at one address from
    // `init` to `deinit`, and `withLock` lets only values that are safe to send out of the closure.
    private var value: Value
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    /// Makes a lock around a value.
    package init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        let code = pthread_mutex_init(mutex, nil)
        precondition(code == 0, "pthread_mutex_init failed with \(code)")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
    }

    /// Runs the closure with exclusive access to the value.
    ///
    /// - Parameter body: short, synchronous work on the value.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws.
    package func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
