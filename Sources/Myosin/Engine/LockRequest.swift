internal import Exposition

/// A context without a thread on its way to its locks.
final class LockRequest: @unchecked Sendable {
    // Sendable: made by one thread and handed, under the lock of `LockQueue`, to the queue's thread, which alone uses
    // the variables from then on.
    private let cells: [ModelCell]
    private(set) var deadline: SuspendingClock.Instant
    let completion: @Sendable ((any Error)?) -> Void
    /// How many of the locks, from the first, are held.
    private var taken: Int
    /// Since when the next lock is waited for.
    private var stopwatch = Stopwatch()
    /// The place in the line of the next lock; nil while the request is in none.
    private var waiter: ModelLock.Waiter?
    /// Whether the request is among those that the next model's metrics count as waiting: it has got in line.
    private var isCounted = false
    private var isCancelled = false

    /// Makes a request that waits for the first lock that is not taken.
    init(
        _ cells: [ModelCell],
        taken: Int,
        deadline: SuspendingClock.Instant,
        completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        (self.cells, self.taken, self.deadline, self.completion) = (cells, taken, deadline, completion)
    }

    private var next: ModelCell { cells[taken] }

    /// Takes lock after lock until one is not free, and gets in line for that one.
    ///
    /// - Parameter wake: called when the request can go on.
    /// - Returns: whether all are held.
    func advance(wake: @escaping @Sendable (_ isHandedOver: Bool) -> Void) -> Bool {
        while taken < cells.count {
            let waiter = ModelLock.Waiter(needsHandOver: true, wake: wake)
            guard next.lock.take(orWait: waiter) else {
                self.waiter = waiter
                next.metrics.waitingContexts.increment()
                isCounted = true
                return false
            }
            hasTaken()
        }
        return true
    }

    /// Notes that the lock that was waited for is held.
    func wasHandedLock() {
        waiter = nil
        hasTaken()
    }

    private func hasTaken() {
        endWaiting()
        taken += 1
        stopwatch = Stopwatch()
    }

    private func endWaiting() {
        next.metrics.lockWait.observe(stopwatch.seconds)
        if isCounted { next.metrics.waitingContexts.decrement() }
        isCounted = false
    }

    /// Lets the request end as soon as possible.
    func cancel(at now: SuspendingClock.Instant) { (isCancelled, deadline) = (true, now) }

    /// What the request ends with when its deadline has passed.
    var lateError: any Error {
        if isCancelled { return CancellationError() }
        return StateError(
            .busy,
            "\(next.name) was held by another context for too long. Try again, and keep long work out of contexts.",
            model: next.name
        )
    }

    /// Stops waiting, unless the lock has just been handed over.
    ///
    /// - Returns: whether the request is over; its locks are free then.
    func withdraw() -> Bool {
        guard let waiter, next.lock.withdraw(waiter) else { return false }
        self.waiter = nil
        giveUp()
        return true
    }

    /// Gives back what is held; the request is in no line.
    func giveUp() {
        endWaiting()
        for cell in cells.prefix(taken).reversed() { cell.lock.giveBack() }
        taken = 0
    }
}

extension LockRequest: Hashable {
    static func == (left: LockRequest, right: LockRequest) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
