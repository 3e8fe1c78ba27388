internal import Exposition
internal import Primitives

/// What the engine keeps of one loaded model.
///
/// It does not know the model's type but by name; ``Version`` does. Methods that change what is published or pending are called
/// by ``CommitQueue`` only, under its lock; the cell's own lock is taken inside that one, never the other way round.
final class ModelCell: @unchecked Sendable {
    // Sendable: the stored properties of this class are constants of Sendable types, but for one that the lock of
    // `CommitQueue` guards.
    let name: String
    /// The incarnation in which the revisions of its versions count.
    let incarnation: String
    /// The model's type; all versions are of it.
    let modelType: any StateModel.Type
    /// The longest document, where the model itself has no limit.
    let maxDocumentBytes: Int
    /// Held by the context that has the model.
    let lock = ModelLock()
    let metrics: ModelMetrics
    let revisionCache = RevisionCache()
    /// How many contexts that wait for the disk have seen the model; used under the commit queue's lock only.
    var waitingContexts = 0
    private let slot: Lock<Slot>
    /// The shapes of the documents that were read back, so that each other shape is read back once.
    private let shapesReadBack = Lock(KnownShapes())

    fileprivate struct Slot {
        var published: AnyVersion
        /// The revision of the document in the store; nil when it has none, or it is not known.
        var storedRevision: UInt64?
        var isInStore: Bool
        var pending: (version: AnyVersion, isDurable: Bool)?
        var failure: (error: StateError, after: UInt64, through: UInt64)?
        var contextCount: UInt64 = 0
        var isInQuarantine: Bool
        /// Whether the state has the model no more.
        var isRemoved = false
        var subscriptions: [any ChangeReceiver] = []
    }

    init<Model: StateModel>(
        _ version: Version<Model>,
        incarnation: String,
        isStored: Bool,
        isInQuarantine: Bool = false,
        maxDocumentBytes: Int,
        metrics: ModelMetrics
    ) {
        self.maxDocumentBytes = maxDocumentBytes
        (name, self.incarnation) = (version.definition.name, incarnation)
        (modelType, self.metrics) = (Model.self, metrics)
        slot = Lock(
            Slot(
                published: version,
                storedRevision: isStored ? version.revision : nil,
                isInStore: isStored,
                isInQuarantine: isInQuarantine
            )
        )
    }

    /// The published version: what readers outside of contexts see.
    var published: AnyVersion { slot.withLock { $0.published } }

    /// The published version if the store has it.
    var storedVersion: AnyVersion? {
        slot.withLock { $0.storedRevision == $0.published.revision ? $0.published : nil }
    }

    /// What the model is at present.
    var anyDefinition: any ModelDefinition { published.anyDefinition }

    /// Whether the model has begun with its defaults, as what was stored could not be used, and was not changed since.
    var isInQuarantine: Bool { slot.withLock { $0.isInQuarantine } }

    /// Whether documents with all pairs of a shape were read back.
    func hasReadBack(_ shape: DocumentShape) -> Bool { shapesReadBack.withLock { $0.contain(shape) } }

    /// Notes that a document of a shape was read back.
    func noteReadBack(_ shape: DocumentShape) { shapesReadBack.withLock { $0.insert(shape) } }

    // MARK: The lock

    /// Takes the model's lock when it is free.
    func takeLockIfFree() -> Bool {
        let isTaken = lock.takeIfFree()
        if isTaken { metrics.lockWait.observe(0) }
        return isTaken
    }

    /// Takes the model's lock; the thread sleeps until it is its own.
    func takeLock() {
        if takeLockIfFree() { return }
        let stopwatch = metrics.beginWaiting()
        lock.takeBlocking()
        metrics.endWaiting(stopwatch)
    }

    // MARK: Contexts

    /// Begins the part of a context that concerns this model: with the latest version, pending or published.
    ///
    /// - Throws: ``StateError`` with the code `notLoaded` when the model was removed while its lock was waited for.
    func stage() throws(StateError) -> StagedModel {
        try slot.withLock { (slot) throws(StateError) in
            if slot.isRemoved { throw .removed(name) }
            slot.contextCount += 1
            let pending = slot.pending?.version
            return StagedModel(
                self,
                from: pending ?? slot.published,
                isPending: pending != nil,
                context: slot.contextCount
            )
        }
    }

    /// Prepares a change, without a lock; the result makes it in a staged model.
    func prepare(_ change: DocumentChange, isCached: Bool) throws(StateError) -> AnyVersion.Replacement {
        do {
            return try published.prepare(change, isCached: isCached)
        } catch {
            throw .invalid(name, error)
        }
    }

    /// Prepares to put a document that somebody else has stored in place of what a staged model has.
    func prepareAdoption(of document: StoredDocument) throws(StateError) -> AnyVersion.Replacement {
        do {
            return try published.prepareAdoption(of: document)
        } catch {
            throw StateError(
                .corruptDocument,
                "The \(name) that somebody else has stored cannot be used: \(error).",
                model: name,
                underlying: error
            )
        }
    }

    /// Notes that the state has the model no more; the model lock is held.
    func markRemoved() { slot.withLock { $0.isRemoved = true } }

    // MARK: Called under the commit queue's lock

    /// Whether a version waits for the disk.
    var hasPending: Bool { slot.withLock { $0.pending != nil } }

    /// Whether the latest version is in the store, or is going to be with the batch that it waits for.
    var isHeadStored: Bool {
        slot.withLock { $0.pending?.isDurable ?? ($0.storedRevision == $0.published.revision) }
    }

    /// Why a pending version that a context has seen never became visible; nil when it did or still may.
    func failure(of revision: UInt64) -> StateError? {
        slot.withLock { slot in
            guard let failure = slot.failure, failure.after < revision, revision <= failure.through,
                slot.published.revision < revision
            else { return nil }
            return failure.error
        }
    }

    /// Puts a version in line for the disk.
    func becomePending(_ version: AnyVersion, isDurable: Bool) {
        slot.withLock { $0.pending = (version, isDurable) }
    }

    /// Ends the wait of a version, which the store has now if the commit was durable.
    func settle(_ version: AnyVersion, isStored: Bool) {
        slot.withLock { slot in
            // The same value under another definition.
            if slot.published.revision == version.revision { slot.published = version }
            slot.settle(version, isStored: isStored)
        }
    }

    /// Lets readers see a version, and ends its wait.
    ///
    /// - Parameters:
    ///   - version: the version.
    ///   - isStored: whether the store has it.
    ///   - actions: run once the locks are free.
    ///   - others: publishes what readers must not see before or after this version.
    /// - Returns: the version that was published before, to be let go of once the locks are free.
    func publish(
        _ version: AnyVersion,
        isStored: Bool,
        _ actions: inout PostCommitActions,
        with others: (inout PostCommitActions) -> Void
    ) -> AnyVersion {
        var former: AnyVersion?
        var subscriptions: [any ChangeReceiver] = []
        slot.withLock { slot in
            (former, subscriptions) = (slot.published, slot.subscriptions)
            (slot.published, slot.isInQuarantine) = (version, false)
            slot.settle(version, isStored: isStored)
            others(&actions)
        }
        metrics.revision.set(Double(version.revision))
        for subscription in subscriptions {
            let offer = subscription.offer(version)
            if let wake = offer.wake { actions.append(wake) }
            if let skipped = offer.skipped {
                metrics.missedChanges.increment()
                actions.append { withExtendedLifetime(skipped) {} }
            }
        }
        return former ?? version
    }

    /// Forgets what is pending, with the revisions after the first and up to the second, for the error's sake.
    func dropPending(_ error: StateError, after kept: UInt64, through revision: UInt64) {
        slot.withLock { slot in
            slot.pending = nil
            slot.failure = (error, kept, revision)
        }
    }

    /// Whether the store has some document of this model.
    var isInStore: Bool { slot.withLock { $0.isInStore } }

    /// Notes that the store has no document of this model any more.
    func markNotStored() { slot.withLock { ($0.storedRevision, $0.isInStore) = (nil, false) } }

    /// Notes that it is not known any more what the store has.
    func forgetStored() { slot.withLock { $0.storedRevision = nil } }

    /// Notes that the store has a version.
    func markStored(_ revision: UInt64) {
        slot.withLock { ($0.storedRevision, $0.isInStore) = (revision, true) }
    }

    // MARK: Subscriptions

    /// Registers a subscription, and gives it the current value first where it asks for that.
    ///
    /// Called under the commit queue's lock, so no publication falls between the two.
    ///
    /// - Throws: ``StateError`` with the code `notLoaded` if the model was removed, because nothing would end the subscription.
    func add(_ subscription: any ChangeReceiver, startsWithCurrent: Bool) throws(StateError) {
        let version = try slot.withLock { (slot) throws(StateError) in
            if slot.isRemoved { throw .removed(name) }
            slot.subscriptions.append(subscription)
            return slot.published
        }
        metrics.subscriptions.increment()
        // Nobody can wait for a subscription that is only being made, so there is nobody to wake.
        if startsWithCurrent { _ = subscription.offer(version) }
    }

    /// Takes a subscription out.
    func remove(_ subscription: any ChangeReceiver) {
        let wasThere = slot.withLock { slot in
            guard let index = slot.subscriptions.firstIndex(where: { $0 === subscription }) else { return false }
            slot.subscriptions.remove(at: index)
            return true
        }
        if wasThere { metrics.subscriptions.decrement() }
    }

    /// Ends all subscriptions; their subscribers still get what is buffered.
    func endSubscriptions() {
        for subscription in slot.withLock({ $0.subscriptions }) {
            remove(subscription)
            subscription.finish()
        }
    }
}

extension ModelCell.Slot {
    mutating func settle(_ version: AnyVersion, isStored: Bool) {
        if isStored { (storedRevision, isInStore) = (version.revision, true) }
        if pending?.version === version { pending = nil }
    }
}

extension ModelCell: Hashable {
    static func == (left: ModelCell, right: ModelCell) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
