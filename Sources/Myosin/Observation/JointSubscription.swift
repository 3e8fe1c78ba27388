internal import Exposition
internal import Primitives

/// Delivers the values of several models at one moment to one loop.
///
/// No moment is torn, because moments are made under the lock of ``CommitQueue`` after all commits of a context are published.
/// Nothing else publishes meanwhile. No moment is lost, because the subscription is added, and its first moment made, under
/// that lock too, so every later publication finds it.
final class JointSubscription: Sendable {
    /// The models in the order of the elements; a model may occur twice.
    private let cells: [ModelCell]
    private let buffer: ChangeBuffer
    private let onCancel: @Sendable (JointSubscription) -> Void

    init(_ cells: [ModelCell], maxBuffered: Int, onCancel: @escaping @Sendable (JointSubscription) -> Void) {
        (self.cells, self.onCancel) = (cells, onCancel)
        buffer = ChangeBuffer(modelCount: cells.count, maxBuffered: maxBuffered)
    }

    /// Offers the present moment if it has something new.
    ///
    /// Called under the commit queue's lock.
    ///
    /// - Parameters:
    ///   - changes: the published models, or nil for the first moment.
    ///   - actions: run once the locks are free.
    func offer(_ changes: [StagedModel]?, _ actions: inout PostCommitActions) {
        if let changes, !changes.contains(where: { $0.isNewValue && cells.contains($0.cell) }) { return }
        let versions = cells.map(\.published)
        guard let first = versions.first else { return }
        let offer = buffer.offer(Moment(first, Array(versions.dropFirst())))
        if let wake = offer.wake { actions.append(wake) }
        for index in offer.missed { cells[index].metrics.missedChanges.increment() }
        if let skipped = offer.skipped { actions.append { withExtendedLifetime(skipped) {} } }
    }

    func countIn() { for cell in cells { cell.metrics.subscriptions.increment() } }

    func countOut() { for cell in cells { cell.metrics.subscriptions.decrement() } }

    /// Takes no further moment; buffered moments are still delivered.
    func finish() { buffer.end(dropsBuffer: false) }
}

extension JointSubscription: ChangeStream {
    func next() async -> Delivery? { await buffer.next { [self] in cancel() } }

    func cancel() {
        buffer.end(dropsBuffer: true)
        onCancel(self)
    }
}

extension CommitQueue {
    /// Subscribes to several models together, between two publications.
    ///
    /// - Throws: ``StateError`` with the code `closed`.
    func subscribe(to cells: [ModelCell], maxBuffered: Int) throws(StateError) -> JointSubscription {
        let joint = JointSubscription(cells, maxBuffered: maxBuffered) { [weak self] in self?.remove($0) }
        // No task can wait on a new subscription, so there is nothing to run.
        var actions = PostCommitActions(tracing: logger)
        try subscribe { state in
            state.joints.append(joint)
            joint.countIn()
            joint.offer(nil, &actions)
        }
        return joint
    }

    private func remove(_ joint: JointSubscription) {
        let wasThere = state.withLock { state in
            guard let index = state.joints.firstIndex(where: { $0 === joint }) else { return false }
            state.joints.remove(at: index)
            return true
        }
        if wasThere { joint.countOut() }
    }

    /// Ends the subscriptions to several models; their loops still get the buffered moments.
    func endJointSubscriptions() {
        for joint in state.withLock({ $0.joints }) {
            remove(joint)
            joint.finish()
        }
    }
}
