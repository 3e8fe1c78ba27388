/// Threads of our own that run closures in order of arrival, as many at once as there are threads.
///
/// A thread is started when all are busy, up to a limit; one that has had nothing to do for ``idleMax`` ends, except for
/// the last, so that accepted work is always done even if the system has no further thread to give.
package final class ThreadPool: Sendable {
    private struct Core {
        /// A slice, which loses its first element without moving the others.
        var jobs: ArraySlice<@Sendable () -> Void> = []
        /// Threads that wait for a job, or have just been started.
        var idleCount = 0
        var threads: [ObjectIdentifier: WorkerThread] = [:]
        var isClosing = false
    }

    /// What tells a thread of the pool from the others, also to itself before its handle is known.
    private final class Place: Sendable {}

    private enum Next {
        case job(@Sendable () -> Void)
        /// The handle is let go of by the thread that ends, which detaches it.
        case end(WorkerThread?)
    }

    /// The pool whose job this thread runs; nil on other threads, and once the job has handed on another one.
    private static let follower = ThreadPointer()

    private let threadsMax: Int
    private let idleMax: Duration
    private let core = Monitor(Core())

    /// Makes a pool without threads.
    ///
    /// - Parameters:
    ///   - threadsMax: how many threads there may be.
    ///   - idleMax: how long a thread waits for a job before it ends.
    package init(threadsMax: Int, idleMax: Duration = .seconds(10)) {
        (self.threadsMax, self.idleMax) = (threadsMax, idleMax)
    }

    /// How many threads there are.
    package var threadCount: Int { core.withLock { $0.threads.count } }

    /// Makes sure that there is a thread; to be called before ``run(_:)``.
    ///
    /// - Throws: ``WorkerThread/StartError`` when the system has no thread to give.
    package func start() throws(WorkerThread.StartError) {
        try core.withLock { (core) throws(WorkerThread.StartError) in
            if core.threads.isEmpty && !core.isClosing { try addThread(&core) }
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
        let isTaken = core.withLock { core in
            if core.isClosing || core.threads.isEmpty { return false }
            core.jobs.append(job)
            if !isFollowed, core.jobs.count > core.idleCount, core.threads.count < threadsMax {
                // Dropping the error is right: the threads that are there do the work.
                try? addThread(&core)
            }
            return true
        }
        if isTaken, !isFollowed { core.notifyOne() }
        return isTaken
    }

    // Starts the thread under the lock on purpose: it happens rarely, and nobody may see the pool without it.
    private func addThread(_ core: inout Core) throws(WorkerThread.StartError) {
        let place = Place()
        core.threads[ObjectIdentifier(place)] = try WorkerThread { [self] in work(at: place) }
        core.idleCount += 1
    }

    private func work(at place: Place) {
        while case .job(let job) = next(at: place) {
            Self.follower.value = Unmanaged.passUnretained(self).toOpaque()
            job()
            Self.follower.value = nil
            core.withLock { $0.idleCount += 1 }
        }
    }

    private func next(at place: Place) -> Next {
        while true {
            let next: Next? = core.wait(upTo: idleMax) { core in
                if core.jobs.isEmpty && !core.isClosing { return nil }
                core.idleCount -= 1
                // Whoever closes the pool has the handle, and joins it.
                guard let job = core.jobs.popFirst() else { return .end(nil) }
                // The slice keeps what it has lost for as long as its storage is in use.
                if core.jobs.isEmpty { core.jobs = [] }
                return .job(job)
            }
            if let next { return next }
            let handle: WorkerThread? = core.withLock { core in
                guard core.jobs.isEmpty, !core.isClosing, core.threads.count > 1 else { return nil }
                core.idleCount -= 1
                return core.threads.removeValue(forKey: ObjectIdentifier(place))
            }
            if let handle { return .end(handle) }
        }
    }

    /// Runs what was accepted, then ends the threads; a job that calls this does not wait for its own thread.
    package func close() {
        let threads = core.withLock { core in
            core.isClosing = true
            defer { core.threads = [:] }
            return core.threads
        }
        core.notifyAll()
        for thread in threads.values { thread.join() }
    }
}
