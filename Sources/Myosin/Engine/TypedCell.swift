internal import Exposition
internal import Locking

/// The cell of a model of a known type.
final class TypedCell<Model: StateModel>: ModelCell, @unchecked Sendable {
    private struct Slot {
        var published: Version<Model>
        /// The revision of the document in the store; nil when it has none.
        var storedRevision: UInt64?
        var isInStore: Bool
        var pending: (version: Version<Model>, isDurable: Bool)?
        var failure: (error: StateError, after: UInt64, through: UInt64)?
        var contextCount: UInt64 = 0
        var isInQuarantine: Bool
        /// Whether the state has the model no more.
        var isRemoved = false
        var subscriptions: [Subscription<Model>] = []
    }

    /// What a context finds when it begins with the model.
    struct Head {
        /// Tells the context from all others that had the model.
        let context: UInt64
        let version: Version<Model>
        let isPending: Bool
    }

    private let slot: Lock<Slot>

    init(
        version: Version<Model>,
        isStored: Bool,
        isInQuarantine: Bool = false,
        metrics: ModelMetrics
    ) {
        slot = Lock(
            Slot(
                published: version,
                storedRevision: isStored ? version.revision : nil,
                isInStore: isStored,
                isInQuarantine: isInQuarantine
            )
        )
        super.init(name: version.edition.definition.name, metrics: metrics)
    }

    /// What the model is at present.
    var definition: any ModelDefinition<Model> { current.edition.definition }

    override var anyDefinition: any ModelDefinition { definition }

    /// The published version: what readers outside of contexts see.
    var current: Version<Model> { slot.withLock { $0.published } }

    override var published: AnyVersion { current }

    override var modelType: any StateModel.Type { Model.self }

    override var isInQuarantine: Bool { slot.withLock { $0.isInQuarantine } }

    override var hasPending: Bool { slot.withLock { $0.pending != nil } }

    /// The latest version, pending or published, for a context that holds the model lock and begins with the model.
    ///
    /// - Throws: ``StateError`` with the code `notLoaded`.
    func beginContext() throws(StateError) -> Head {
        try slot.withLock { (slot) throws(StateError) in
            if slot.isRemoved { throw .removed(name) }
            slot.contextCount += 1
            return Head(
                context: slot.contextCount,
                version: slot.pending?.version ?? slot.published,
                isPending: slot.pending != nil
            )
        }
    }

    /// Whether the latest version is in the store, or is going to be with the flush it waits for.
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

    // MARK: Called under the commit queue's lock

    func becomePending(_ version: Version<Model>, isDurable: Bool) {
        slot.withLock { $0.pending = (version, isDurable) }
    }

    /// Ends the wait of a version, which the store has now if the commit was durable.
    func settle(_ version: Version<Model>, isStored: Bool) {
        slot.withLock { slot in
            if isStored { (slot.storedRevision, slot.isInStore) = (version.revision, true) }
            // The same value under another definition.
            if slot.published.revision == version.revision { slot.published = version }
            if slot.pending?.version === version { slot.pending = nil }
        }
    }

    /// Lets readers see a version.
    ///
    /// - Parameters:
    ///   - version: the version.
    ///   - afterwards: what is to be done once the locks are free.
    ///   - others: publishes what readers must not see before or after this version.
    func publish(_ version: Version<Model>, _ afterwards: inout Afterwards, with others: (inout Afterwards) -> Void) {
        let (former, subscriptions) = slot.withLock { slot in
            let former = slot.published
            (slot.published, slot.isInQuarantine) = (version, false)
            others(&afterwards)
            return (former, slot.subscriptions)
        }
        metrics.revision.set(Double(version.revision))
        for subscription in subscriptions {
            let offer = subscription.offer(version.model, revision: version.revision)
            if offer.missed != nil { metrics.missedChanges.increment() }
            if let wake = offer.wake { afterwards.append(wake) }
            if let missed = offer.missed { afterwards.append { withExtendedLifetime(missed) {} } }
        }
        // Kept until the locks are free: a model's last reference may run code of its owner.
        afterwards.append { withExtendedLifetime(former) {} }
    }

    override func dropPending(_ error: StateError, after kept: UInt64, through revision: UInt64) {
        slot.withLock { slot in
            slot.pending = nil
            slot.failure = (error, kept, revision)
        }
    }

    override func markNotStored() { slot.withLock { ($0.storedRevision, $0.isInStore) = (nil, false) } }

    override var isInStore: Bool { slot.withLock { $0.isInStore } }

    override func forgetStored() { slot.withLock { $0.storedRevision = nil } }

    override func markStored(_ revision: UInt64) {
        slot.withLock { ($0.storedRevision, $0.isInStore) = (revision, true) }
    }

    // MARK: Staging

    override func stage() throws(StateError) -> StagedModel { try StagedValue(self) }

    override func prepare(_ change: DocumentChange, isCached: Bool) throws(StateError) -> Replacement {
        let published = current
        let prepared: @Sendable (Model) throws -> Model
        do {
            prepared = try published.edition.definition.prepare(change, on: published.model)
        } catch {
            throw .invalid(name, error)
        }
        return { (staged) throws(StateError) in
            guard let staged = staged as? StagedValue<Model> else { return }
            try staged.timeCommit { () throws(StateError) in
                let model: Model
                do {
                    // The definition may have been replaced since.
                    let edition = staged.edition
                    let isSame = edition.number == published.edition.number
                    let make = isSame ? prepared : try edition.definition.prepare(change, on: staged.value)
                    model = try make(staged.value)
                } catch {
                    throw .invalid(
                        staged.cell.name,
                        error as? ValidationError ?? ValidationError("", "cannot be encoded: \(error)")
                    )
                }
                try staged.put(model, isCached: isCached)
            }
        }
    }

    /// Notes that the state has the model no more; the model lock is held.
    func markRemoved() { slot.withLock { $0.isRemoved = true } }

    override func makeAdoption(_ document: StoredDocument) throws(StateError) -> Replacement {
        let definition = definition
        let model: Model
        do {
            guard document.schemaVersion == definition.schemaVersion else {
                throw ValidationError(
                    "",
                    "has schema version \(document.schemaVersion), not \(definition.schemaVersion)"
                )
            }
            guard case .object(let object) = try JSONValue(parsing: document.text) else {
                throw ValidationError("", "is not an object")
            }
            model = try definition.read(object)
        } catch {
            throw StateError(
                .corruptDocument,
                "The \(name) that somebody else has stored cannot be used: \(error).",
                model: name,
                underlying: error
            )
        }
        return { (staged) throws(StateError) in
            try (staged as? StagedValue<Model>)?.adopt(model, storedAt: document.revision)
        }
    }

    // MARK: Subscriptions

    /// Registers a subscription, and gives it the current value first where it asks for that.
    ///
    /// Called under the commit queue's lock, so no publication falls between the two.
    func add(_ subscription: Subscription<Model>, startsWithCurrent: Bool) {
        let version = slot.withLock { slot in
            slot.subscriptions.append(subscription)
            return slot.published
        }
        metrics.subscriptions.increment()
        // Nobody can wait for a subscription that is only being made, so there is nobody to wake.
        if startsWithCurrent { _ = subscription.offer(version.model, revision: version.revision) }
    }

    func remove(_ subscription: Subscription<Model>) {
        let wasThere = slot.withLock { slot in
            guard let index = slot.subscriptions.firstIndex(where: { $0 === subscription }) else { return false }
            slot.subscriptions.remove(at: index)
            return true
        }
        if wasThere { metrics.subscriptions.decrement() }
    }

    override func endSubscriptions() {
        for subscription in slot.withLock({ $0.subscriptions }) {
            remove(subscription)
            subscription.finish()
        }
    }
}
