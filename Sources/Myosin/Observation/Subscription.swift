internal import Exposition
internal import Logging
internal import Primitives

/// What delivers a model's changes to one subscriber, until it is cancelled.
///
/// Changes wait in a buffer. When it is full, the newest replaces the oldest. Releasing the value does not end the
/// subscription; ``cancel()`` does.
public final class Subscription<Model: StateModel>: Sendable {
    private let buffer: ChangeBuffer
    private let onCancel: @Sendable (Subscription<Model>) -> Void

    init(maxBuffered: Int, onCancel: @escaping @Sendable (Subscription<Model>) -> Void) {
        buffer = ChangeBuffer(modelCount: 1, maxBuffered: maxBuffered)
        self.onCancel = onCancel
    }

    /// Ends the subscription: no further change is delivered, and one that is being delivered is the last.
    public func cancel() {
        buffer.end(dropsBuffer: true)
        onCancel(self)
    }
}

/// Gets the changes of one model of any type.
protocol ChangeReceiver: AnyObject, Sendable {
    /// Takes a change.
    func offer(_ version: AnyVersion) -> ChangeBuffer.Offer

    /// Takes no further change.
    func finish()
}

extension Subscription: ChangeReceiver, ChangeStream {
    func finish() { buffer.end(dropsBuffer: false) }

    func offer(_ version: AnyVersion) -> ChangeBuffer.Offer { buffer.offer(Moment(version)) }

    func next() async -> Delivery? { await buffer.next { [self] in cancel() } }
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
        let subscription: Subscription<Model> = try commits.subscribe(
            to: cell,
            maxBuffered: maxBuffered,
            startsWithCurrent: false
        )
        Task.detached(executorPreference: threads) { [logger] in
            while let delivery = await subscription.next() {
                do {
                    try await action(delivery.moment.first.typed(as: Model.self).model)
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
}

extension CommitQueue {
    /// Subscribes to one model, between two publications.
    ///
    /// - Throws: ``StateError``: `closed`; `notLoaded` when the model has been removed.
    func subscribe<Model>(
        to cell: ModelCell,
        maxBuffered: Int,
        startsWithCurrent: Bool
    ) throws(StateError) -> Subscription<Model> {
        let subscription = Subscription<Model>(maxBuffered: maxBuffered) { [weak cell] in cell?.remove($0) }
        try subscribe { (_) throws(StateError) in try cell.add(subscription, startsWithCurrent: startsWithCurrent) }
        return subscription
    }
}
