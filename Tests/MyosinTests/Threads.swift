import Primitives
import TestSupport

/// Runs a closure on several threads at the same time and waits for all of them; no thread of a task is blocked.
///
/// - Parameters:
///   - count: how many threads.
///   - body: gets the number of its thread, from 0.
/// - Throws: ``WorkerThread/StartError``.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async throws {
    try await onThread {
        let start = Gate()
        let threads = try (0..<count)
            .map { number in
                try WorkerThread {
                    start.wait()
                    body(number)
                }
            }
        start.open()
        for thread in threads { thread.join() }
    }
}

/// Blocks a thread, which must not be one of a task, until an asynchronous call has ended.
///
/// - Throws: what the call throws, or ``CancellationError`` when it takes longer than ``patience``.
func waiting<Value: Sendable>(for call: @escaping @Sendable () async throws -> Value) throws -> Value {
    let (hasEnded, outcome) = (Gate(), Lock<Result<Value, any Error>?>(nil))
    _ = startTask {
        do {
            let value = try await call()
            outcome.withLock { $0 = .success(value) }
        } catch {
            outcome.withLock { $0 = .failure(error) }
        }
        hasEnded.open()
    }
    hasEnded.wait()
    guard let result = outcome.withLock({ $0 }) else { throw CancellationError() }
    return try result.get()
}
