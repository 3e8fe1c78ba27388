internal import Locking

/// Takes model locks for contexts that must not block a thread while they wait.
///
/// One thread of its own, started when the first context has to wait, walks each request through its locks in order
/// of the models' names: the same order as everywhere, so requests and blocking contexts cannot wait for each other
/// in a circle. A request's progress is touched by that thread alone; wake-ups only put the request on a list.
final class LockQueue: Sendable {
    private struct Core {
        /// Requests that can go on: new ones, and those that were handed the lock they waited for.
        var ready: [(request: LockRequest, isHandedOver: Bool)] = []
        var cancelled: [LockRequest] = []
        var count = 0
        var isClosing = false
        var thread: WorkerThread?
    }

    private let waitingMax: Int
    private let core = Monitor(Core())
    /// Where contexts run that had to wait.
    ///
    /// Not on the threads of Swift's tasks: tasks that block there for one of their locks could keep them from ever
    /// running. They hold all their locks, so none of them waits for another.
    private let runners = ThreadPool(threadsMax: 4)

    /// Makes the queue.
    ///
    /// - Parameter waitingMax: how many contexts may wait; further ones get ``StateError/Code/busy``.
    init(waitingMax: Int) { self.waitingMax = waitingMax }

    /// Takes the locks of the cells.
    ///
    /// - Parameters:
    ///   - cells: in order of their names.
    ///   - duration: how long to wait at most.
    ///   - ticket: to end the waiting by.
    ///   - completion: called once, at once on this thread where all locks are free, else on one of the engine's; the
    ///     locks are held when it gets no error.
    func take(
        _ cells: [ModelCell],
        upTo duration: Duration,
        ticket: LockTicket? = nil,
        completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        if ticket?.isCancelled == true { return completion(CancellationError()) }
        var taken = 0
        while taken < cells.count, cells[taken].takeLockIfFree() { taken += 1 }
        if taken == cells.count { return completion(nil) }
        let request = LockRequest(
            cells,
            taken: taken,
            deadline: SuspendingClock.now + duration,
            completion: completion
        )
        if let error = enqueue(request, ticket) {
            request.giveUp()
            completion(error)
        }
    }

    private func enqueue(_ request: LockRequest, _ ticket: LockTicket?) -> (any Error)? {
        let error: (any Error)? = core.withLock { core in
            if core.isClosing { return StateError.closed }
            if core.count >= waitingMax {
                return StateError(.busy, "\(core.count) contexts wait for their turn already. Try again later.")
            }
            do {
                try runners.start()
                if core.thread == nil { core.thread = try WorkerThread { [self] in run() } }
            } catch {
                return StateError(.busy, "The context cannot wait for its turn: \(error). Try again later.")
            }
            // Under this lock, so that the queue's thread hears of the request before it hears of its cancellation.
            if ticket?.isTaken(by: request) == false { return CancellationError() }
            core.count += 1
            core.ready.append((request, false))
            return nil
        }
        core.notifyAll()
        return error
    }

    /// Ends the waiting of a context with `CancellationError`; one that has its locks goes on.
    func cancel(_ ticket: LockTicket) {
        guard let request = ticket.cancel() else { return }
        core.withLock { $0.cancelled.append(request) }
        core.notifyAll()
    }

    /// Ends all waiting with the error `closed`, and the threads once what holds its locks is over.
    func close() {
        let thread = core.withLock { core in
            core.isClosing = true
            return core.thread
        }
        core.notifyAll()
        thread?.join()
        runners.close()
    }

    // MARK: The queue's thread

    private func run() {
        var waiting: Set<LockRequest> = []
        /// No deadline of a waiting request is before it.
        var nearest: SuspendingClock.Instant?
        while true {
            _ = core.wait(upTo: nearest.map { max(.zero, $0 - SuspendingClock.now) }) { core -> Bool? in
                core.ready.isEmpty && core.cancelled.isEmpty && !core.isClosing ? nil : true
            }
            let news = core.withLock { core in
                defer { (core.ready, core.cancelled) = ([], []) }
                return core
            }
            for (request, isHandedOver) in news.ready {
                if isHandedOver { request.wasHandedLock() }
                if advance(request) {
                    waiting.remove(request)
                    end(request, nil)
                } else {
                    waiting.insert(request)
                    nearest = nearest.map { min($0, request.deadline) } ?? request.deadline
                }
            }
            let now = SuspendingClock.now
            // One that was just handed its last lock is not waiting any more and goes on.
            for request in news.cancelled where waiting.contains(request) {
                request.cancel(at: now)
                nearest = now
            }
            if news.isClosing || nearest.map({ $0 <= now }) == true {
                for request in waiting where news.isClosing || request.deadline <= now {
                    let error = news.isClosing ? StateError.closed : request.lateError
                    if request.withdraw() {
                        waiting.remove(request)
                        end(request, error)
                    }
                }
                nearest = waiting.map(\.deadline).min()
            }
            if news.isClosing && core.withLock({ $0.count == 0 }) { return }
        }
    }

    /// Takes lock after lock until one is not free.
    ///
    /// - Returns: whether all are held.
    private func advance(_ request: LockRequest) -> Bool {
        request.advance { [self] isHandedOver in
            core.withLock { $0.ready.append((request, isHandedOver)) }
            core.notifyAll()
        }
    }

    private func end(_ request: LockRequest, _ error: (any Error)?) {
        core.withLock { $0.count -= 1 }
        let isTaken = runners.run { request.completion(error) }
        // The runners were started when the request came; they are closed only if the state is.
        if !isTaken { request.completion(error) }
    }
}
