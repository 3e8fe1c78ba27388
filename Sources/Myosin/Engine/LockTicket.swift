internal import Locking

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
