internal import Locking

/// Tells whoever waits for the writer, mostly a context for the disk, how that went.
final class Flush: Sendable {
    private enum Outcome {
        case open(callback: (@Sendable (StateError?) -> Void)?)
        case ended(StateError?)
    }

    private let outcome = Lock(Outcome.open(callback: nil))

    /// Whether the outcome was told.
    var hasEnded: Bool {
        outcome.withLock { outcome in
            if case .ended = outcome { true } else { false }
        }
    }

    /// Blocks the thread until the context's commits are durable and published.
    ///
    /// - Throws: ``StateError`` when they failed.
    func wait() throws(StateError) {
        // A condition variable for those only who need one: most contexts that wait have no thread.
        let news = Monitor<StateError??>(nil)
        whenEnded { error in
            news.withLock { $0 = .some(error) }
            news.notifyAll()
        }
        let ended: StateError?? = news.wait { $0 }
        if let error = ended ?? nil { throw error }
    }

    /// Calls back once, on the writer's thread or at once, when the commits are durable and published or have failed.
    ///
    /// Whoever was to be called before is not: there is one who waits.
    func whenEnded(_ callback: @escaping @Sendable (StateError?) -> Void) {
        let ended: StateError?? = outcome.withLock { outcome in
            if case .ended(let error) = outcome { return .some(error) }
            outcome = .open(callback: callback)
            return nil
        }
        if let ended { callback(ended) }
    }

    /// Tells how it went; only the first outcome counts.
    ///
    /// - Parameters:
    ///   - error: why it failed; nil when it has not.
    ///   - count: called with the lock held if this is the first outcome, before anybody hears of it.
    func end(_ error: StateError?, counting count: () -> Void = {}) {
        let callback: (@Sendable (StateError?) -> Void)? = outcome.withLock { outcome in
            guard case .open(let callback) = outcome else { return nil }
            count()
            outcome = .ended(error)
            return callback
        }
        callback?(error)
    }
}
