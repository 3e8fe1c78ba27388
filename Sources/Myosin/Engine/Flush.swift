internal import Locking

/// Tells whoever waits for the writer, mostly a context for the disk, how that went.
final class Flush: Sendable {
    private enum Outcome {
        case open(callback: (@Sendable (StateError?) -> Void)?)
        case ended(StateError?)
    }

    private let outcome = Monitor(Outcome.open(callback: nil))

    /// Blocks the thread until the context's commits are durable and published.
    ///
    /// - Throws: ``StateError`` when they failed.
    func wait() throws(StateError) {
        let ended: StateError?? = outcome.wait { outcome in
            if case .ended(let error) = outcome { .some(error) } else { nil }
        }
        if let error = ended ?? nil { throw error }
    }

    /// Calls back once, on the writer's thread or at once, when the commits are durable and published or have failed.
    func whenEnded(_ callback: @escaping @Sendable (StateError?) -> Void) {
        let ended: StateError?? = outcome.withLock { outcome in
            if case .ended(let error) = outcome { return .some(error) }
            outcome = .open(callback: callback)
            return nil
        }
        if let ended { callback(ended) }
    }

    func end(_ error: StateError?) {
        let callback: (@Sendable (StateError?) -> Void)? = outcome.withLock { outcome in
            defer { outcome = .ended(error) }
            if case .open(let callback) = outcome { return callback }
            return nil
        }
        outcome.notifyAll()
        callback?(error)
    }
}
