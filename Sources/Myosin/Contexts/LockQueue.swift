internal import Primitives

/// Takes model locks for contexts that must not block a thread while they wait.
///
/// Each request is walked through its locks in order of the models' names: the same order as everywhere, so requests and blocking
/// contexts cannot wait for each other in a circle. Whoever gives back the lock that a request waits for takes it further, and has
/// one of the runners run the context once all its locks are held; a runner runs the next context itself. A thread of the
/// queue's own, started when the first context has to wait, ends the waiting of those that wait for too long.
final class LockQueue: Sendable {
    private struct Line {
        /// Those that are not over.
        var waiting: Set<LockRequest> = []
        /// No deadline is before it.
        var nearest: SuspendingClock.Instant?
        var isClosing = false
        /// Whether those that were waiting when the queue was closed were told.
        var hasStopped = false
        var thread: WorkerThread?
    }

    private let maxWaiting: Int
    private let clock: EngineClock
    private let line = Monitor(Line())
    /// Where contexts run that had to wait.
    ///
    /// Not on the threads of Swift's tasks: tasks that block there for one of their locks could keep them from ever
    /// running. They hold all their locks, so none of them waits for another.
    private let runners = ThreadPool(maxThreads: 4)

    /// Makes the queue.
    ///
    /// - Parameters:
    ///   - maxWaiting: the maximum number of waiting contexts; further ones get ``StateError/Code/busy``.
    ///   - clock: the clock that ends their waits.
    init(maxWaiting: Int, clock: EngineClock) { (self.maxWaiting, self.clock) = (maxWaiting, clock) }

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
        completion: @escaping LockRequest.Completion
    ) {
        if ticket?.isCancelled == true { return completion(CancellationError()) }
        var taken = 0
        while taken < cells.count, cells[taken].takeLockIfFree() { taken += 1 }
        if taken == cells.count { return completion(nil) }
        let request = LockRequest(
            cells,
            taken: taken,
            deadline: clock.now + duration,
            completion: completion
        )
        if let error = admit(request, ticket) {
            request.giveUp()
            return completion(error)
        }
        guard let ending = advance(request, isHandedOver: false) else { return }
        remove(request)
        ending.completion(ending.error)
    }

    private func admit(_ request: LockRequest, _ ticket: LockTicket?) -> (any Error)? {
        let (error, isNearest) = line.withLock { line -> ((any Error)?, Bool) in
            if line.isClosing { return (StateError.closedError, false) }
            if line.waiting.count >= maxWaiting {
                let count = line.waiting.count
                return (
                    StateError(.busy, "\(count) contexts wait for their turn already. Try again later."), false
                )
            }
            do {
                try runners.start()
                if line.thread == nil { line.thread = try WorkerThread { [self] in run() } }
            } catch {
                let reason = "The context cannot wait for its turn: \(error). Try again later."
                return (StateError(.busy, reason), false)
            }
            // From here on the request may be cancelled, also before it is in a line: it does not get in one then.
            if ticket?.isTaken(by: request) == false { return (CancellationError(), false) }
            line.waiting.insert(request)
            clock.manual?.count(waiting: 1)
            let isNearest = line.nearest.map { request.deadline < $0 } ?? true
            if isNearest { line.nearest = request.deadline }
            return (nil, isNearest)
        }
        if isNearest { line.notifyAll() }
        return error
    }

    /// Takes a request further.
    ///
    /// - Returns: what is left to do when it is over.
    private func advance(_ request: LockRequest, isHandedOver: Bool) -> LockRequest.Ending? {
        request.advance(isHandedOver: isHandedOver) { [self] in
            if let ending = advance(request, isHandedOver: true) { end(request, ending) }
        }
    }

    /// Has an action run by one of the runners, or on this thread where there is none.
    func perform(_ action: @escaping @Sendable () -> Void) {
        let isTaken = line.withLock { line in
            if line.isClosing { return false }
            do {
                try runners.start()
                return true
            } catch {
                // Contexts that need not wait go on without a runner.
                return false
            }
        }
        if !isTaken || !runners.run(action) { action() }
    }

    /// Ends the waiting of a context with `CancellationError`; one that has its locks goes on.
    func cancel(_ ticket: LockTicket) {
        guard let request = ticket.cancel(), let ending = request.stop(.cancelled) else { return }
        end(request, ending)
    }

    /// Ends all waiting with the error `closed`, and the threads once what holds its locks is over.
    func close() {
        let thread = line.withLock { line in
            line.isClosing = true
            return line.thread
        }
        line.notifyAll()
        thread?.join()
        runners.close()
    }

    private func end(_ request: LockRequest, _ ending: LockRequest.Ending) {
        // Before it is removed: the runners are closed when nobody waits any more.
        let isTaken = runners.runNext { ending.completion(ending.error) }
        remove(request)
        // The runners were started when the request came; they are closed only if the state is.
        if !isTaken { ending.completion(ending.error) }
    }

    private func remove(_ request: LockRequest) {
        let isLast = line.withLock { line in
            if line.waiting.remove(request) != nil { clock.manual?.count(waiting: -1) }
            return line.isClosing && line.waiting.isEmpty
        }
        if isLast { line.notifyAll() }
    }

    // MARK: The queue's thread

    private enum Round {
        case stop([LockRequest], LockRequest.Reason)
        /// A deadline has come that is nearer than the others.
        case lookAgain
        case over
    }

    private func run() {
        while true {
            switch nextRound() {
            case .stop(let requests, let reason):
                for request in requests { if let ending = request.stop(reason) { end(request, ending) } }
            case .lookAgain: continue
            case .over: return
            }
        }
    }

    private func nextRound() -> Round {
        let nearest = line.withLock { line in
            line.nearest = line.waiting.lazy.map(\.deadline).min()
            return line.nearest
        }
        let round: Round? = clock.wait(for: line, until: nearest) { line in
            guard line.isClosing else { return line.nearest == nearest ? nil : .lookAgain }
            if line.waiting.isEmpty { return .over }
            if line.hasStopped { return nil }
            line.hasStopped = true
            return .stop(Array(line.waiting), .closed)
        }
        if let round { return round }
        let now = clock.now
        return line.withLock { line in .stop(line.waiting.filter { $0.deadline <= now }, .late) }
    }
}
