internal import Locking

/// Takes model locks for contexts that must not block a thread while they wait.
///
/// One thread of its own, started when the first context has to wait, walks each request through its locks in order
/// of the models' names: the same order as everywhere, so requests and blocking contexts cannot wait for each other
/// in a circle. A request's progress is touched by that thread alone; wake-ups only put the request on a list.
final class LockQueue: Sendable {
    /// A context on its way to its locks.
    private final class Request: @unchecked Sendable {
        // Sendable: `taken` and `waiter` are used by the queue's thread alone once the request was handed to it.
        let cells: [ModelCell]
        let deadline: SuspendingClock.Instant
        let completion: @Sendable (StateError?) -> Void
        /// How many of the locks, from the first, are held.
        var taken: Int
        /// The place in the line of the next lock; nil while the request is not waiting.
        var waiter: ModelLock.Waiter?

        init(
            _ cells: [ModelCell],
            taken: Int,
            deadline: SuspendingClock.Instant,
            completion: @escaping @Sendable (StateError?) -> Void
        ) {
            (self.cells, self.taken, self.deadline, self.completion) = (cells, taken, deadline, completion)
        }
    }

    private struct Core {
        /// Requests that can go on: new ones, and those that were handed the lock they waited for.
        var ready: [(request: Request, isHandedOver: Bool)] = []
        var count = 0
        var isClosing = false
        var thread: WorkerThread?
    }

    /// How many contexts may wait; further ones get ``StateError/Code/busy``.
    static let waitingMax = 4_096

    private let core = Monitor(Core())
    private let runners = ContextRunners()

    /// Takes the locks of the cells.
    ///
    /// - Parameters:
    ///   - cells: in order of their names.
    ///   - duration: how long to wait at most.
    ///   - completion: called once, at once on this thread where all locks are free, else on one of the engine's; the
    ///     locks are held when it gets no error.
    func take(_ cells: [ModelCell], upTo duration: Duration, completion: @escaping @Sendable (StateError?) -> Void) {
        var taken = 0
        while taken < cells.count, cells[taken].lock.takeIfFree() { taken += 1 }
        if taken == cells.count { return completion(nil) }
        let request = Request(
            cells,
            taken: taken,
            deadline: SuspendingClock.now + duration,
            completion: completion
        )
        if let error = enqueue(request) {
            Self.giveBack(request)
            completion(error)
        }
    }

    private func enqueue(_ request: Request) -> StateError? {
        let error: StateError? = core.withLock { core in
            if core.isClosing { return .closed }
            if core.count >= Self.waitingMax {
                return StateError(.busy, "\(core.count) contexts wait for their turn already. Try again later.")
            }
            do {
                if core.thread == nil { core.thread = try WorkerThread { [self] in run() } }
            } catch {
                return StateError(.busy, "The context cannot wait for its turn: \(error). Try again later.")
            }
            core.count += 1
            core.ready.append((request, false))
            return nil
        }
        core.notifyAll()
        return error
    }

    /// Ends all waiting with the error `closed`, and the thread.
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
        var waiting: [ObjectIdentifier: Request] = [:]
        while true {
            let nearest = waiting.values.map(\.deadline).min()
            _ = core.wait(upTo: nearest.map { max(.zero, $0 - SuspendingClock.now) }) { core -> Bool? in
                core.ready.isEmpty && !core.isClosing ? nil : true
            }
            let ready = core.withLock { core in
                defer { core.ready = [] }
                return core.ready
            }
            for (request, isHandedOver) in ready {
                if isHandedOver {
                    request.taken += 1
                    request.waiter = nil
                }
                if advance(request) {
                    waiting[ObjectIdentifier(request)] = nil
                    end(request, nil)
                } else {
                    waiting[ObjectIdentifier(request)] = request
                }
            }
            let isOver = core.withLock { $0.isClosing }
            let now = SuspendingClock.now
            for (identifier, request) in waiting where isOver || request.deadline <= now {
                if abandon(request, isOver ? .closed : Self.timeOut(request)) { waiting[identifier] = nil }
            }
            if isOver && waiting.isEmpty && core.withLock({ $0.count == 0 }) { return }
        }
    }

    /// Takes lock after lock until one is not free.
    ///
    /// - Returns: whether all are held.
    private func advance(_ request: Request) -> Bool {
        while request.taken < request.cells.count {
            let waiter = ModelLock.Waiter(needsHandOver: true) { [self] isHandedOver in
                core.withLock { $0.ready.append((request, isHandedOver)) }
                core.notifyAll()
            }
            guard request.cells[request.taken].lock.take(orWait: waiter) else {
                request.waiter = waiter
                return false
            }
            request.taken += 1
        }
        return true
    }

    /// Gives up waiting, unless the lock has just been handed over.
    private func abandon(_ request: Request, _ error: StateError) -> Bool {
        guard let waiter = request.waiter, request.cells[request.taken].lock.withdraw(waiter) else { return false }
        request.waiter = nil
        Self.giveBack(request)
        end(request, error)
        return true
    }

    private func end(_ request: Request, _ error: StateError?) {
        core.withLock { $0.count -= 1 }
        runners.run { request.completion(error) }
    }

    private static func giveBack(_ request: Request) {
        for cell in request.cells.prefix(request.taken).reversed() { cell.lock.giveBack() }
        request.taken = 0
    }

    private static func timeOut(_ request: Request) -> StateError {
        let name = request.cells[request.taken].name
        return StateError(
            .busy,
            "\(name) was held by another context for too long. Try again, and keep long work out of contexts.",
            model: name
        )
    }
}
