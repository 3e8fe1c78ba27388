internal import Locking

/// The threads on which queued contexts run that had to wait for their locks.
///
/// They are the engine's own, since a context that holds locks must be able to go on: were it resumed on the threads
/// of Swift's tasks, tasks that block there for one of its locks could keep it from ever running. Threads are started
/// as needed, up to ``threadsMax``; the closures hold all their locks already, so none of them waits for another.
final class ContextRunners: Sendable {
    private struct Core {
        var jobs: [@Sendable () -> Void] = []
        var idleCount = 0
        var threads: [WorkerThread] = []
        var isClosing = false
    }

    static let threadsMax = 4

    private let core = Monitor(Core())

    /// Runs a closure on one of the threads, in order of arrival.
    ///
    /// Where the system has no thread to give at all, the closure runs on the calling one.
    func run(_ job: @escaping @Sendable () -> Void) {
        let isTaken = core.withLock { core in
            if core.isClosing { return false }
            if core.idleCount <= core.jobs.count, core.threads.count < Self.threadsMax,
                // Without another thread the present ones do the work; without any, the caller does.
                let thread = try? WorkerThread({ [self] in work() })
            {
                core.threads.append(thread)
            }
            if core.threads.isEmpty { return false }
            core.jobs.append(job)
            return true
        }
        if isTaken { core.notifyAll() } else { job() }
    }

    private func work() {
        while let job = nextJob() { job() }
    }

    private func nextJob() -> (@Sendable () -> Void)? {
        core.withLock { $0.idleCount += 1 }
        let job: (@Sendable () -> Void)?? = core.wait { core in
            if !core.jobs.isEmpty { return .some(core.jobs.removeFirst()) }
            return core.isClosing ? .some(nil) : nil
        }
        core.withLock { $0.idleCount -= 1 }
        return job ?? nil
    }

    /// Runs what was accepted, then ends the threads.
    func close() {
        let threads = core.withLock { core in
            core.isClosing = true
            return core.threads
        }
        core.notifyAll()
        for thread in threads { thread.join() }
    }
}
