internal import Primitives

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

/// Starts a task on ``taskThreads``.
package func startTask<Success: Sendable>(
    _ work: @escaping @Sendable () async throws -> Success
) -> Task<Success, any Error> {
    Task(executorPreference: taskThreads, operation: work)
}

/// Threads for the tasks that tests start: at most 16, which nothing else blocks.
///
/// Swift has as few threads for tasks as there are processors, and other tests may block those for longer than a test waits.
package let taskThreads: any TaskExecutor = TaskThreads()

private final class TaskThreads: TaskExecutor {
    private let pool = ThreadPool(maxThreads: 16)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        do {
            try pool.start()
        } catch {
            preconditionFailure("\(error)")
        }
        pool.run { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
