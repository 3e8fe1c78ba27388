internal import Locking

/// Does work that blocks on a thread of its own: Swift's tasks have few threads, which others wait for.
package func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        do {
            _ = try WorkerThread { continuation.resume(with: Swift.Result(catching: work)) }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}
