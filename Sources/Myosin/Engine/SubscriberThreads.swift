internal import Locking

/// The threads on which the closures of subscribers run.
///
/// They are the engine's own: a closure may block its thread, by waiting for a model's lock or for the disk, and Swift
/// runs tasks on as few threads as there are processors. There is one set for the process, as tasks that are still
/// running may need it after their state is gone.
final class SubscriberThreads: TaskExecutor {
    static let shared = SubscriberThreads()

    private let pool = ThreadPool(threadsMax: 64)

    /// Makes sure that there is a thread.
    ///
    /// - Throws: ``StateError`` with the code `busy` when the system has no thread to give.
    func start() throws(StateError) {
        do {
            try pool.start()
        } catch {
            throw StateError(.busy, "There is no thread for subscribers: \(error). Try again later.", underlying: error)
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The pool was started before the first task was made, and is never closed.
        pool.run { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
