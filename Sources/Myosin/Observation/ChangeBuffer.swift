internal import Primitives

/// The versions of a subscriber's models at one moment, in the order of the models.
struct Moment: Sendable {
    let first: AnyVersion
    /// The versions of further models; most subscribers have one model, for which nothing is allocated.
    let others: [AnyVersion]

    init(_ first: AnyVersion, _ others: [AnyVersion] = []) { (self.first, self.others) = (first, others) }

    var count: Int { others.count + 1 }

    subscript(index: Int) -> AnyVersion { index == 0 ? first : others[index - 1] }
}

/// A moment as a subscriber gets it.
struct Delivery: Sendable {
    let moment: Moment
    /// The number of changes of each model skipped before.
    let missed: [Int]

    /// The change of one of the models.
    func change<Model: StateModel>(_ index: Int, of model: Model.Type = Model.self) -> ModelChange<Model> {
        let version = moment[index]
        return ModelChange(
            model: version.typed(as: model).model,
            revision: version.revision,
            missed: missed[index]
        )
    }
}

/// The moments on their way to one subscriber.
///
/// When it is full, the newest replaces the oldest. Each change of a model is then either delivered once or counted as missed once.
/// It is missed when the last moment that has it is skipped and none with it was delivered.
final class ChangeBuffer: Sendable {
    private struct Content {
        var moments: [Moment] = []
        var missed: [Int]
        /// The revisions of the last delivered moment; empty before it, and for one model, which has no moment twice.
        var delivered: [UInt64] = []
        /// Whether no further moment comes; buffered moments are still delivered.
        var isFinished = false
        var waiting: CheckedContinuation<Void, Never>?
        /// The delivery for the subscriber being resumed.
        ///
        /// It is left here instead of passed by the continuation, because the thread sanitizer does not see the continuation's
        /// memory order.
        var handedOver: Delivery?

        mutating func take() -> Delivery? {
            guard let handedOver else { return takeFirst() }
            self.handedOver = nil
            return handedOver
        }

        mutating func takeFirst() -> Delivery? {
            guard !moments.isEmpty else { return nil }
            let moment = moments.removeFirst()
            let delivery = Delivery(moment: moment, missed: missed)
            for index in missed.indices where missed[index] > 0 { missed[index] = 0 }
            if moment.count > 1 { delivered = (0..<moment.count).map { moment[$0].revision } }
            return delivery
        }

        /// Skips the oldest moment, which has a successor.
        ///
        /// - Returns: the skipped moment, and the indices of the models that miss a change.
        mutating func skipFirst() -> (moment: Moment, missed: [Int]) {
            let skipped = moments.removeFirst()
            let lost = (0..<skipped.count)
                .filter { index in
                    let isAlsoNext = moments.first.map { $0[index] === skipped[index] } ?? false
                    return !isAlsoNext && (delivered.isEmpty || delivered[index] != skipped[index].revision)
                }
            for index in lost { missed[index] += 1 }
            return (skipped, lost)
        }
    }

    private let content: Lock<Content>
    private let maxBuffered: Int

    /// Makes a buffer.
    ///
    /// - Parameters:
    ///   - modelCount: the number of models of each moment.
    ///   - maxBuffered: the maximum number of moments that wait, at least one.
    init(modelCount: Int, maxBuffered: Int) {
        content = Lock(Content(missed: Array(repeating: 0, count: modelCount)))
        self.maxBuffered = max(1, maxBuffered)
    }

    /// The outcome of an offered moment, to be handled outside all locks.
    struct Offer {
        /// Wakes the subscriber, or nil if it is busy or gone.
        var wake: (@Sendable () -> Void)?
        /// The moment that the subscriber will not get.
        var skipped: Moment?
        /// The indices of the models that miss a change with it.
        var missed: [Int] = []
    }

    /// Buffers a moment.
    func offer(_ moment: Moment) -> Offer {
        content.withLock { content in
            var offer = Offer()
            if content.isFinished { return offer }
            content.moments.append(moment)
            if content.moments.count > maxBuffered {
                let (skipped, missed) = content.skipFirst()
                (offer.skipped, offer.missed) = (skipped, missed)
            }
            guard let waiting = content.waiting, let delivery = content.takeFirst() else { return offer }
            (content.waiting, content.handedOver) = (nil, delivery)
            offer.wake = { waiting.resume() }
            return offer
        }
    }

    /// Takes no further moment.
    ///
    /// - Parameter dropsBuffer: whether the buffered moments are dropped, too.
    func end(dropsBuffer: Bool) {
        let former = content.withLock { content in
            let former = content
            content.isFinished = true
            content.waiting = nil
            if dropsBuffer { (content.moments, content.handedOver) = ([], nil) }
            return former
        }
        former.waiting?.resume()
        // The dropped moments are released here, outside the lock: a model's last reference may run code of its owner.
        withExtendedLifetime(former) {}
    }

    /// Waits for the next moment.
    ///
    /// - Parameter cancel: called when the task is cancelled; it ends the buffer.
    /// - Returns: the moment, or nil if the buffer has ended or the waiting task is cancelled.
    func next(cancel: @escaping @Sendable () -> Void) async -> Delivery? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Two tasks that wait on one iterator are a mistake; the one that waited first ends.
                let (isReady, former): (Bool, CheckedContinuation<Void, Never>?) = content.withLock { content in
                    if content.handedOver != nil || !content.moments.isEmpty || content.isFinished {
                        return (true, nil)
                    }
                    defer { content.waiting = continuation }
                    return (false, content.waiting)
                }
                former?.resume()
                if isReady { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
        return content.withLock { $0.take() }
    }
}
