#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Whether the current thread is in a context, of any state.
///
/// A thread that holds model locks and opens another context could wait for a lock whose holder waits for one of
/// its own. Since contexts are synchronous, a flag of the thread is enough to refuse that.
enum ThreadContext {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let code = pthread_key_create(&key, nil)
        precondition(code == 0, "pthread_key_create failed with \(code)")
        return key
    }()

    /// Whether this thread is in a context.
    static var isInside: Bool { pthread_getspecific(key) != nil }

    /// Runs a closure with this thread marked as being in a context.
    static func enter<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
        defer { pthread_setspecific(key, nil) }
        return try body()
    }

    /// Refuses to go on where a context is open already.
    static func checkOutside() throws(StateError) {
        if isInside { throw .nestedContext }
    }
}
