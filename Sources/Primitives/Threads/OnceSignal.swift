/// A signal that is given once; threads and tasks may wait for it.
package final class OnceSignal: Sendable {
    private struct Waiting {
        var isGiven = false
        /// The tasks that wait; few.
        var tasks: [CheckedContinuation<Void, Never>] = []
    }

    private let waiting = Monitor(Waiting())

    /// Makes a signal that is not yet given.
    package init() {}

    /// Gives the signal; further calls do nothing.
    package func give() {
        let tasks = waiting.withLock { waiting in
            waiting.isGiven = true
            defer { waiting.tasks = [] }
            return waiting.tasks
        }
        waiting.notifyAll()
        for task in tasks { task.resume() }
    }

    /// Blocks the thread until the signal is given.
    package func wait() { _ = waiting.wait { $0.isGiven ? true : nil } }

    /// Suspends the task until the signal is given, even if the task is cancelled.
    package func wait() async {
        await withCheckedContinuation { continuation in
            let isGiven = waiting.withLock { waiting in
                if !waiting.isGiven { waiting.tasks.append(continuation) }
                return waiting.isGiven
            }
            if isGiven { continuation.resume() }
        }
    }
}
