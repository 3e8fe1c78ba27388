internal import Exposition
internal import Logging
internal import Primitives

/// A change of a model as a subscriber sees it.
public struct ModelChange<Model: StateModel>: Sendable, Equatable {
    /// A copy of the new value.
    public let model: Model
    /// The revision that the model got with it.
    public let revision: UInt64
    /// How many changes before this one were skipped, since the subscriber was slower than they came.
    public let missed: Int
}

/// What delivers a model's changes to one subscriber, until it is cancelled.
///
/// Changes wait in a buffer. When it is full, the newest replaces the oldest and `missed` tells how many were skipped.
/// Letting go of the value does not end the subscription; ``cancel()`` does.
public final class Subscription<Model: StateModel>: Sendable {
    private struct Buffer {
        var changes: [AnyVersion] = []
        var missed = 0
        /// Whether no further change comes; those that are buffered are still delivered.
        var isFinished = false
        var waiting: CheckedContinuation<ModelChange<Model>?, Never>?

        mutating func takeFirst() -> ModelChange<Model>? {
            guard !changes.isEmpty else { return nil }
            let version = changes.removeFirst()
            defer { missed = 0 }
            return ModelChange(model: version.typed().model, revision: version.revision, missed: missed)
        }
    }

    private let buffer = Lock(Buffer())
    private let maxBuffered: Int
    private let onCancel: @Sendable (Subscription<Model>) -> Void

    init(maxBuffered: Int, onCancel: @escaping @Sendable (Subscription<Model>) -> Void) {
        (self.maxBuffered, self.onCancel) = (max(1, maxBuffered), onCancel)
    }

    /// Ends the subscription: no further change is delivered, and one that is being delivered is the last.
    public func cancel() {
        end(dropsBuffer: true)
        onCancel(self)
    }

    private func end(dropsBuffer: Bool) {
        let former = buffer.withLock { buffer in
            let former = buffer
            buffer.isFinished = true
            buffer.waiting = nil
            if dropsBuffer { buffer.changes = [] }
            return former
        }
        former.waiting?.resume(returning: nil)
        // What was dropped is let go of here, outside of the lock: a model's last reference may run code of its owner.
        withExtendedLifetime(former.changes) {}
    }

    /// The next change, waited for; nil when the subscription or the task that waits is cancelled.
    func next() async -> ModelChange<Model>? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Two loops over one sequence are a mistake; the one that waited first ends.
                let (change, former): (ModelChange<Model>??, CheckedContinuation<ModelChange<Model>?, Never>?) =
                    buffer.withLock { buffer in
                        if let first = buffer.takeFirst() { return (first, nil) }
                        if buffer.isFinished { return (.some(nil), nil) }
                        defer { buffer.waiting = continuation }
                        return (nil, buffer.waiting)
                    }
                former?.resume(returning: nil)
                if let change { continuation.resume(returning: change) }
            }
        } onCancel: {
            cancel()
        }
    }
}

/// Whoever gets the changes of a model, whatever its type.
protocol ChangeReceiver: AnyObject, Sendable {
    /// Takes a change.
    func offer(_ version: AnyVersion) -> ChangeOffer

    /// Takes no further change.
    func finish()
}

/// What came of a change that was offered, to be dealt with outside of all locks.
struct ChangeOffer {
    /// Wakes the subscriber; nil when it is busy or gone.
    var wake: (@Sendable () -> Void)?
    /// The change that the subscriber is not going to get.
    var missed: AnyVersion?
}

extension Subscription: ChangeReceiver {
    /// Ends the subscription once what is buffered has been delivered.
    func finish() { end(dropsBuffer: false) }

    /// Buffers a change.
    func offer(_ version: AnyVersion) -> ChangeOffer {
        buffer.withLock { buffer in
            var offer = ChangeOffer()
            if buffer.isFinished { return offer }
            if buffer.changes.count >= maxBuffered {
                offer.missed = buffer.changes.removeFirst()
                buffer.missed += 1
            }
            buffer.changes.append(version)
            guard let waiting = buffer.waiting, let change = buffer.takeFirst() else { return offer }
            buffer.waiting = nil
            offer.wake = { waiting.resume(returning: change) }
            return offer
        }
    }
}

/// The changes of a model, the current value first, as an asynchronous sequence.
///
/// It is for one loop. The subscription ends when the task of the loop is cancelled, when the loop is left and the
/// sequence let go of, or when the state is closed.
public struct ModelChanges<Model: StateModel>: AsyncSequence, Sendable {
    /// Ends the subscription when the last copy of the sequence and its iterator are gone.
    fileprivate final class Owner: Sendable {
        let subscription: Subscription<Model>
        init(_ subscription: Subscription<Model>) { self.subscription = subscription }
        deinit { subscription.cancel() }
    }

    private let owner: Owner

    init(_ subscription: Subscription<Model>) { owner = Owner(subscription) }

    /// Waits for one change after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let owner: ModelChanges.Owner

        /// The next change, or nil at the end.
        public mutating func next() async -> ModelChange<Model>? { await owner.subscription.next() }
    }

    /// Makes the iterator of the loop.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(owner: owner) }
}

/// The threads on which the closures of subscribers run.
///
/// They are the engine's own: a closure may block its thread, by waiting for a model's lock or for the disk, and Swift
/// runs tasks on as few threads as there are processors. There is one set for the process, as tasks that are still
/// running may need it after their state is gone.
enum SubscriberThreads {
    private static let pool = ThreadPool(maxThreads: 64)

    /// The pool, with at least one thread.
    ///
    /// - Throws: ``StateError`` with the code `busy` when the system has no thread to give.
    static func started() throws(StateError) -> ThreadPool {
        do {
            try pool.start()
        } catch {
            throw StateError(.busy, "There is no thread for subscribers: \(error). Try again later.", underlying: error)
        }
        return pool
    }
}

extension State {
    func subscribe<Model: StateModel>(
        to cell: ModelCell,
        maxBuffered: Int,
        _ action: @escaping @Sendable (Model) async throws -> Void
    ) throws(StateError) -> Subscription<Model> {
        let threads = try SubscriberThreads.started()
        let subscription: Subscription<Model> = try makeSubscription(
            to: cell,
            maxBuffered: maxBuffered,
            startsWithCurrent: false
        )
        Task(executorPreference: threads) { [logger] in
            while let change = await subscription.next() {
                do {
                    try await action(change.model)
                } catch {
                    cell.metrics.callbackExceptions.increment()
                    logger.error(
                        "A subscriber threw an error",
                        metadata: ["model.name": "\(cell.name)", "error": "\(error)"]
                    )
                }
            }
        }
        return subscription
    }

    func makeSubscription<Model>(
        to cell: ModelCell,
        maxBuffered: Int,
        startsWithCurrent: Bool
    ) throws(StateError) -> Subscription<Model> {
        let subscription = Subscription<Model>(maxBuffered: maxBuffered) { [weak cell] in cell?.remove($0) }
        try commits.subscribe { cell.add(subscription, startsWithCurrent: startsWithCurrent) }
        return subscription
    }
}
