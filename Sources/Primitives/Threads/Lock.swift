#if canImport(Glibc)
public import Glibc
#elseif canImport(Musl)
public import Musl
#endif

/// A value that is read and changed under a pthread mutex, one thread at a time.
///
/// It is public, in a target that is no product, since only what is public is inlined into other targets.
///
/// The closure given to ``withLock(_:)`` must be short: no I/O, no encoding, no user code, no logging. Copy out, let
/// the closure return, then act. The mutex is not recursive: locking it again inside the closure hangs.
///
/// A pthread mutex, since the thread sanitizer understands it and since `Synchronization.Mutex` was measured at
/// three times its uncontended cost.
public final class Lock<Value>: @unchecked Sendable {
    /// The value beside its mutex.
    @usableFromInline struct Cell {
        @usableFromInline var mutex = pthread_mutex_t()
        @usableFromInline var value: Value

        @usableFromInline init(value: Value) { self.value = value }
    }

    // Sendable: the value is touched only between lock and unlock of the mutex; the cell lives at one address from `init` to
    // `deinit`, and `withLock` lets only values that are safe to send out of the closure. The value is reached through a
    // pointer, as a property of the class it would be checked for overlapping accesses each time, which the mutex excludes.
    @usableFromInline let cell: UnsafeMutablePointer<Cell>

    /// Makes a lock around a value.
    public init(_ value: sending Value) {
        cell = .allocate(capacity: 1)
        cell.initialize(to: Cell(value: value))
        let code = pthread_mutex_init(&cell.pointee.mutex, nil)
        precondition(code == 0, "pthread_mutex_init failed with \(code)")
    }

    deinit {
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
}
