internal import Exposition
internal import Locking

/// What the engine keeps of one loaded model, whatever its type.
///
/// The subclass knows the type. Methods that change what is published or pending are called by ``CommitQueue`` only,
/// under its lock; the cell's own lock is taken inside that one, never the other way round.
class ModelCell: @unchecked Sendable {
    // Sendable: the stored properties of this class are constants of Sendable types, but for one that the lock of
    // `CommitQueue` guards; the subclass adds only a `Lock` and constants of Sendable types.
    let name: String
    /// Held by the context that has the model.
    let lock = ModelLock()
    let metrics: ModelMetrics
    let keepsake = RevisionKeepsake()
    /// Whether the model has begun with its defaults, as what was stored could not be used, and was not changed since.
    var isInQuarantine: Bool { mustOverride() }
    /// How many contexts that wait for the disk have seen the model; used under the commit queue's lock only.
    var waitingContexts = 0

    init(name: String, metrics: ModelMetrics) { (self.name, self.metrics) = (name, metrics) }

    /// What the model is at present.
    var anyDefinition: any ModelDefinition { mustOverride() }
    /// The model's type.
    var modelType: any StateModel.Type { mustOverride() }
    /// The published version.
    var published: AnyVersion { mustOverride() }
    /// Whether a version waits for the disk.
    var hasPending: Bool { mustOverride() }
    /// Forgets what is pending, with the revisions after the first and up to the second, for the error's sake.
    func dropPending(_ error: StateError, after kept: UInt64, through revision: UInt64) { mustOverride() }
    /// Notes that the store has no document of this model any more.
    func markNotStored() { mustOverride() }
    /// Whether the store has some document of this model.
    var isInStore: Bool { mustOverride() }
    /// Notes that it is not known any more what the store has.
    func forgetStored() { mustOverride() }
    /// Notes that the store has a version.
    func markStored(_ revision: UInt64) { mustOverride() }
    /// Puts a document that somebody else has stored in place of a staged model.
    func makeAdoption(_ document: StoredDocument) throws(StateError) -> Replacement { mustOverride() }
    /// Begins the part of a context that concerns this model.
    ///
    /// - Throws: ``StateError`` with the code `notLoaded` when the model was removed while its lock was waited for.
    func stage() throws(StateError) -> StagedModel { mustOverride() }
    /// Prepares a change, without a lock; the result makes it in a staged model.
    ///
    /// A whole document is read and validated here, a part of one when it is clear what it is a part of.
    func prepare(_ change: DocumentChange, isCached: Bool) throws(StateError) -> Replacement { mustOverride() }
    /// Ends all subscriptions; their subscribers still get what is buffered.
    func endSubscriptions() { mustOverride() }

    /// Puts a document that was read before into a context.
    typealias Replacement = @Sendable (StagedModel) throws(StateError) -> Void

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
        let start = metrics.beginWaiting()
        lock.takeBlocking()
        metrics.endWaiting(since: start)
    }

    private func mustOverride(_ function: StaticString = #function) -> Never {
        preconditionFailure("\(function) is for subclasses")
    }
}

extension ModelCell: Hashable {
    static func == (left: ModelCell, right: ModelCell) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
