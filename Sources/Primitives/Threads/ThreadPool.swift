/// Threads of our own that run closures in order of arrival, as many at once as there are threads.
///
/// A thread is started when all are busy, up to a limit; one that has had nothing to do for ``maxIdle`` ends, except for
/// the last, so that accepted work is always done even if the system has no further thread to give.
package final class ThreadPool: Sendable {
    private struct Staff {
        /// A slice, which loses its first element without moving the others.
        var jobs: ArraySlice<@Sendable () -> Void> = []
        /// Threads that wait for a job, or have just been started.
        var idleCount = 0
        var threads: [ObjectIdentifier: WorkerThread] = [:]
        var isClosing = false
    }

    /// What tells a thread of the pool from the others, also to itself before its handle is known.
    private final class Badge: Sendable {}

    private enum Next {
        case job(@Sendable () -> Void)
        /// The handle is let go of by the thread that ends, which detaches it.
        case end(WorkerThread?)
    }

    /// The pool whose job this thread runs; nil on other threads, and once the job has handed on another one.
    private static let follower = ThreadPointer()

    private let maxThreads: Int
    private let maxIdle: Duration
    private let staff = Monitor(Staff())

    /// Makes a pool without threads.
    ///
    /// - Parameters:
    ///   - maxThreads: how many threads there may be.
    ///   - maxIdle: how long a thread waits for a job before it ends.
    package init(maxThreads: Int, maxIdle: Duration = .seconds(10)) {
        (self.maxThreads, self.maxIdle) = (maxThreads, maxIdle)
    }

    /// How many threads there are.
    package var threadCount: Int { staff.withLock { $0.threads.count } }

    /// Makes sure that there is a thread; to be called before ``run(_:)``.
    ///
    /// - Throws: ``WorkerThread/StartError`` when the system has no thread to give.
    package func start() throws(WorkerThread.StartError) {
        try staff.withLock { (staff) throws(WorkerThread.StartError) in
            if staff.threads.isEmpty && !staff.isClosing { try addThread(&staff) }
        }
    }

    /// Has a closure run by one of the threads.
    ///
    /// - Returns: false when the pool was not started or is closed; the closure is not run then.
    @discardableResult
    package func run(_ job: @escaping @Sendable () -> Void) -> Bool { add(job, isFollowed: false) }

    /// Has a closure run by one of the threads; called in the last part of a job, it wakes no thread, since this one is free soon.
    ///
    /// A second closure that a job hands on this way does wake one.
    ///
    /// - Returns: false when the pool was not started or is closed; the closure is not run then.
    @discardableResult
    package func runNext(_ job: @escaping @Sendable () -> Void) -> Bool {
        // Only this thread sets what it sees here, around a job of this pool.
        let isFollowed = Self.follower.value == Unmanaged.passUnretained(self).toOpaque()
        if isFollowed { Self.follower.value = nil }
        return add(job, isFollowed: isFollowed)
    }

    private func add(_ job: @escaping @Sendable () -> Void, isFollowed: Bool) -> Bool {
        let isTaken = staff.withLock { staff in
            if staff.isClosing || staff.threads.isEmpty { return false }
            staff.jobs.append(job)
            if !isFollowed, staff.jobs.count > staff.idleCount, staff.threads.count < maxThreads {
                // Dropping the error is right: the threads that are there do the work.
                try? addThread(&staff)
            }
            return true
        }
        if isTaken, !isFollowed { staff.notifyOne() }
        return isTaken
    }

    // Starts the thread under the lock on purpose: it happens rarely, and nobody may see the pool without it.
    private func addThread(_ staff: inout Staff) throws(WorkerThread.StartError) {
        let badge = Badge()
        staff.threads[ObjectIdentifier(badge)] = try WorkerThread { [self] in work(with: badge) }
        staff.idleCount += 1
    }

    private func work(with badge: Badge) {
        var isOnly = false
        while case .job(let job) = next(with: badge, isOnly: isOnly) {
            Self.follower.value = Unmanaged.passUnretained(self).toOpaque()
            job()
            Self.follower.value = nil
            isOnly = staff.withLock { staff in
                staff.idleCount += 1
                return staff.threads.count == 1
            }
        }
    }

    /// Waits for a job; the only thread of the pool waits without a limit, so that an idle process does not wake up.
    private func next(with badge: Badge, isOnly: Bool) -> Next {
        var isOnly = isOnly
        while true {
            let next: Next? = staff.wait(upTo: isOnly ? nil : maxIdle) { staff in
                if staff.jobs.isEmpty && !staff.isClosing { return nil }
                staff.idleCount -= 1
                // Whoever closes the pool has the handle, and joins it.
                guard let job = staff.jobs.popFirst() else { return .end(nil) }
                // The slice keeps what it has lost for as long as its storage is in use.
                if staff.jobs.isEmpty { staff.jobs = [] }
                return .job(job)
            }
            if let next { return next }
            let handle: WorkerThread? = staff.withLock { staff in
                guard staff.jobs.isEmpty, !staff.isClosing, staff.threads.count > 1 else { return nil }
                staff.idleCount -= 1
                return staff.threads.removeValue(forKey: ObjectIdentifier(badge))
            }
            if let handle { return .end(handle) }
            isOnly = staff.withLock { $0.threads.count == 1 }
        }
    }

    /// Runs what was accepted, then ends the threads; a job that calls this does not wait for its own thread.
    package func close() {
        let threads = staff.withLock { staff in
            staff.isClosing = true
            defer { staff.threads = [:] }
            return staff.threads
        }
        staff.notifyAll()
        for thread in threads.values { thread.join() }
    }
}

extension ThreadPool: TaskExecutor {
    /// Runs a part of a task; the pool was started before the first task was made, and is not closed while tasks may run.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        run { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
