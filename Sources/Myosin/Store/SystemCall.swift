#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// System calls that a signal may interrupt.
enum SystemCall {
    /// Repeats a call that says that a signal has interrupted it, a thousand times at most.
    static func retry<Result: SignedInteger>(_ call: () -> Result) -> Result {
        for _ in 1..<1_000 {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
        return call()
    }
}
