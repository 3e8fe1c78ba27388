internal import Exposition
internal import Primitives

/// A context without a thread on its way to its locks.
///
/// It is taken a step further by whoever brings news of it: the thread that asks for the context, one that gives back the lock that
/// the context waits for, or one that ends its waiting.
final class LockRequest: Sendable {
    /// Gets why the context has not got its locks; nil when they are held.
    typealias Completion = @Sendable ((any Error)?) -> Void

    /// Why a request is to end without its locks.
    enum Reason {
        /// Its deadline has passed.
        case late
        case cancelled
        /// The state is being closed.
        case closed
    }

    /// What is left to do for a request that is over.
    struct Ending {
        let completion: Completion
        let error: (any Error)?
    }

    private struct Progress {
        /// How many of the locks, from the first, are held.
        var taken: Int
        /// Since when the next lock is waited for.
        var stopwatch = Stopwatch()
        /// The place in the line of the next lock; nil while the request is in none.
        var waiter: ModelLock.Waiter?
        /// Whether the request is among those that the next model's metrics count as waiting: it has got in line.
        var isCounted = false
        /// Why it is to end as soon as it is in no line.
        var reason: Reason?
        /// Nil once the request is over.
        var completion: Completion?
    }

    let deadline: SuspendingClock.Instant
    private let cells: [ModelCell]
    // A model's lock is taken and left in here, for which it has an internal lock of its own; nobody who holds that one asks for
    // this one, as `ModelLock` calls waiters outside of it. Locks are given back, which calls others, outside of here.
    private let progress: Lock<Progress>

    /// Makes a request that waits for the first lock that is not taken.
    init(
        _ cells: [ModelCell],
        taken: Int,
        deadline: SuspendingClock.Instant,
        completion: @escaping Completion
    ) {
        (self.cells, self.deadline) = (cells, deadline)
        progress = Lock(Progress(taken: taken, completion: completion))
    }

    /// Takes lock after lock until one is not free, and gets in line for that one.
    ///
    /// - Parameters:
    ///   - isHandedOver: whether the lock that was waited for is held now.
    ///   - wake: called when the next lock that is waited for is held.
    /// - Returns: what is left to do when the request is over; nil while it waits.
    func advance(isHandedOver: Bool, wake: @escaping @Sendable () -> Void) -> Ending? {
        let (ending, held) = progress.withLock { progress -> (Ending?, Int) in
            if isHandedOver {
                progress.waiter = nil
                hasTaken(&progress)
            }
            while progress.taken < cells.count {
                if let reason = progress.reason { return end(&progress, error(reason, progress)) }
                let waiter = ModelLock.Waiter(needsHandOver: true) { _ in wake() }
                guard cells[progress.taken].lock.take(orWait: waiter) else {
                    progress.waiter = waiter
                    cells[progress.taken].metrics.waitingContexts.increment()
                    progress.isCounted = true
                    return (nil, 0)
                }
                hasTaken(&progress)
            }
            return end(&progress, nil)
        }
        giveBack(held)
        return ending
    }

    /// Ends the waiting, unless all locks are held; a request that is just on its way to the next lock ends by itself then.
    ///
    /// - Returns: what is left to do when the request is over by this.
    func stop(_ reason: Reason) -> Ending? {
        let (ending, held) = progress.withLock { progress -> (Ending?, Int) in
            if progress.reason == nil { progress.reason = reason }
            guard let waiter = progress.waiter, cells[progress.taken].lock.withdraw(waiter) else { return (nil, 0) }
            progress.waiter = nil
            return end(&progress, error(reason, progress))
        }
        giveBack(held)
        return ending
    }

    /// Gives the locks back of a request that has not begun.
    func giveUp() {
        let held = progress.withLock { progress in
            endWaiting(&progress)
            return progress.taken
        }
        giveBack(held)
    }

    /// - Returns: what is left to do, and how many locks are to be given back.
    private func end(_ progress: inout Progress, _ error: (any Error)?) -> (Ending?, Int) {
        if error != nil { endWaiting(&progress) }
        let ending = progress.completion.map { Ending(completion: $0, error: error) }
        progress.completion = nil
        return (ending, error == nil ? 0 : progress.taken)
    }

    private func hasTaken(_ progress: inout Progress) {
        endWaiting(&progress)
        progress.taken += 1
        progress.stopwatch = Stopwatch()
    }

    private func endWaiting(_ progress: inout Progress) {
        let metrics = cells[progress.taken].metrics
        metrics.lockWait.observe(progress.stopwatch.seconds)
        if progress.isCounted { metrics.waitingContexts.decrement() }
        progress.isCounted = false
    }

    private func giveBack(_ count: Int) {
        for cell in cells.prefix(count).reversed() { cell.lock.giveBack() }
    }

    private func error(_ reason: Reason, _ progress: Progress) -> any Error {
        switch reason {
        case .cancelled: return CancellationError()
        case .closed: return StateError.closedError
        case .late:
            let name = cells[progress.taken].name
            return StateError(
                .busy,
                "\(name) was held by another context for too long. Try again, and keep long work out of contexts.",
                model: name
            )
        }
    }
}

extension LockRequest: Hashable {
    static func == (left: LockRequest, right: LockRequest) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// By which a task that is cancelled finds its request.
final class LockTicket: Sendable {
    private struct Owner {
        var request: LockRequest?
        var isCancelled = false
    }

    private let owner = Lock(Owner())

    /// Whether the task was cancelled.
    var isCancelled: Bool { owner.withLock { $0.isCancelled } }

    /// Remembers the request; false when the task was cancelled before.
    func isTaken(by request: LockRequest) -> Bool {
        owner.withLock { owner in
            owner.request = request
            return !owner.isCancelled
        }
    }

    /// Marks the task as cancelled.
    ///
    /// - Returns: the request to be ended, if it was made.
    func cancel() -> LockRequest? {
        owner.withLock { owner in
            owner.isCancelled = true
            return owner.request
        }
    }
}
