internal import Primitives

/// The lock of one model, held by a context while user code runs.
///
/// A thread that comes while the lock is free takes it, also past those who wait: handing every lock to a sleeping
/// thread would cost a wake-up for each context. Nobody starves: a waiter that has waited for longer than
/// ``patience``, and every context without a thread, is handed the lock as soon as it is given back, in order of arrival.
final class ModelLock: Sendable {
    /// Somebody who waits for the lock.
    final class Waiter: Sendable {
        let since = SuspendingClock.now
        /// Whether the waiter can't try again by itself, so that it must be handed the lock.
        let needsHandOver: Bool
        /// Called outside the lock: true when the lock is now the waiter's, false when trying again is worthwhile.
        let wake: @Sendable (_ isHandedOver: Bool) -> Void

        init(needsHandOver: Bool, wake: @escaping @Sendable (_ isHandedOver: Bool) -> Void) {
            (self.needsHandOver, self.wake) = (needsHandOver, wake)
        }
    }

    private struct Queue {
        var isHeld = false
        /// In order of arrival; a slice, which loses its first element without moving the others.
        var waiters: ArraySlice<Waiter> = []
    }

    static let patience = Duration.milliseconds(1)
    private let queue = Lock(Queue())

    /// Takes the lock when it is free.
    func takeIfFree() -> Bool {
        queue.withLock { queue in
            if queue.isHeld { return false }
            queue.isHeld = true
            return true
        }
    }

    /// Takes the lock when it is free, otherwise lines the waiter up.
    ///
    /// - Returns: whether the lock was taken; if not, the waiter is woken.
    func take(orWait waiter: Waiter) -> Bool {
        queue.withLock { queue in
            if !queue.isHeld {
                queue.isHeld = true
                return true
            }
            queue.waiters.append(waiter)
            return false
        }
    }

    /// Takes the lock for a waiter that was told to try again, and removes it from the line if that succeeds.
    private func takeAgain(_ waiter: Waiter) -> Bool {
        queue.withLock { queue in
            if queue.isHeld { return false }
            queue.isHeld = true
            queue.waiters.removeAll { $0 === waiter }
            return true
        }
    }

    /// Takes a waiter out of the line.
    ///
    /// - Returns: false when it is not in the line any more, since it was handed the lock.
    func withdraw(_ waiter: Waiter) -> Bool {
        queue.withLock { queue in
            guard let index = queue.waiters.firstIndex(where: { $0 === waiter }) else { return false }
            queue.waiters.remove(at: index)
            return true
        }
    }

    /// Gives the lock back, or on to the one who waits for it.
    func giveBack() {
        let next: (waiter: Waiter, isHandedOver: Bool)? = queue.withLock { queue in
            guard let first = queue.waiters.first else {
                queue.isHeld = false
                // The slice keeps what it has lost for as long as its storage is in use.
                queue.waiters = []
                return nil
            }
            if first.needsHandOver || SuspendingClock.now - first.since > Self.patience {
                queue.waiters.removeFirst()
                return (first, true)
            }
            queue.isHeld = false
            return (first, false)
        }
        if let next { next.waiter.wake(next.isHandedOver) }
    }

    /// Takes the lock; the thread sleeps until it is its own.
    func takeBlocking() {
        enum News { case none, tryAgain, handedOver }
        if takeIfFree() { return }
        let news = Monitor(News.none)
        let waiter = Waiter(needsHandOver: false) { isHandedOver in
            // A call to try again may be overtaken by the hand-over of whoever took the lock in between.
            news.withLock { if $0 != .handedOver { $0 = isHandedOver ? .handedOver : .tryAgain } }
            news.notifyAll()
        }
        if take(orWait: waiter) { return }
        while true {
            // A call to try again that comes while this thread is trying is kept in `news`, so none is lost.
            let latest = news.wait { news -> News? in
                defer { if news == .tryAgain { news = .none } }
                return news == .none ? nil : news
            }
            if latest == .handedOver || takeAgain(waiter) { return }
        }
    }
}
