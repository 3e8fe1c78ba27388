internal import Locking

/// Whether the current thread is in a context, of any state.
///
/// A thread that holds model locks and opens another context could wait for a lock whose holder waits for one of
/// its own. Since contexts are synchronous, a flag of the thread is enough to refuse that.
enum ThreadContext {
    private static let mark = ThreadPointer()

    /// Whether this thread is in a context.
    static var isInside: Bool { mark.value != nil }

    /// Runs a closure with this thread marked as being in a context.
    static func enter<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        mark.value = UnsafeMutableRawPointer(bitPattern: 1)
        defer { mark.value = nil }
        return try body()
    }

    /// Refuses to go on where a context is open already.
    static func checkOutside() throws(StateError) {
        if isInside { throw .nestedContext }
    }
}
