internal import Logging
internal import Primitives

/// A context that waits for the disk.
final class PendingCommit: Sendable {
    /// What it checked out or committed.
    let staged: [StagedModel]
    /// What of that is to be written or published.
    let changes: [StagedModel]
    /// What goes to the store with it, beside what it has committed.
    let extra: StoreBatch?
    /// The handle that ends when the commits have.
    let completion = CommitCompletion()

    init(_ staged: [StagedModel], changes: [StagedModel], extra: StoreBatch?) {
        (self.staged, self.changes, self.extra) = (staged, changes, extra)
    }

    /// Whether it empties the store.
    var isClearing: Bool { extra?.isClearing ?? false }

    /// Whether anything of it goes to the store.
    var needsStore: Bool { Self.needsStore(changes, extra) }

    /// Whether anything of a context would go to the store.
    static func needsStore(_ changes: [StagedModel], _ extra: StoreBatch?) -> Bool {
        extra?.isEmpty == false || changes.contains { $0.isDurable }
    }
}

extension PendingCommit: Hashable {
    static func == (left: PendingCommit, right: PendingCommit) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// A completion handle for a pending write.
final class CommitCompletion: Sendable {
    private enum Outcome {
        case open(callback: (@Sendable (StateError?) -> Void)?)
        case ended(StateError?)
    }

    private let outcome = Lock(Outcome.open(callback: nil))

    /// Whether the write has ended.
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
    /// Replaces an earlier callback; only one waiter is supported.
    func whenEnded(_ callback: @escaping @Sendable (StateError?) -> Void) {
        let ended: StateError?? = outcome.withLock { outcome in
            if case .ended(let error) = outcome { return .some(error) }
            outcome = .open(callback: callback)
            return nil
        }
        if let ended { callback(ended) }
    }

    /// Ends the write; only the first outcome counts.
    ///
    /// - Parameters:
    ///   - error: why it failed; nil when it has not.
    ///   - count: called with the lock held if this is the first outcome, before the callback.
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

/// What publishing leaves to do once the internal locks are free.
struct PostCommitActions {
    private var actions: [() -> Void] = []
    /// The logger of the commits, or nil if they are not traced.
    private let tracer: Logger?

    /// Makes an empty list.
    ///
    /// - Parameter logger: the logger of the commits if its level is `trace`. The level is read here, where no lock is held.
    init(tracing logger: Logger) { tracer = logger.logLevel <= .trace ? logger : nil }

    /// Adds the commits of a context to the log; models without a commit are skipped.
    mutating func trace(_ staged: [StagedModel]) {
        guard let tracer else { return }
        for model in staged where model.isCommit { append { CommitTrace.log(model, to: tracer) } }
    }

    mutating func append(_ action: @escaping () -> Void) { actions.append(action) }

    func run() { for action in actions { action() } }
}
