/// The part of a context that concerns one model: the version it began with and the value it commits, if any.
///
/// It belongs to the thread of its context until the context ends, then to ``CommitQueue``, whose lock orders what
/// follows; its version is read by nobody else before it is published.
class StagedModel: @unchecked Sendable {
    // Sendable: handed over whole, as said above, from one owner to the next with a lock's release and acquisition
    // between them.
    let cell: ModelCell
    /// The version that the context began with.
    let baseVersion: AnyVersion
    /// Whether the commit goes to the store.
    fileprivate(set) var isDurable = false

    init(_ cell: ModelCell, from baseVersion: AnyVersion) { (self.cell, self.baseVersion) = (cell, baseVersion) }

    /// The revision of the version that the context began with.
    final var baseRevision: UInt64 { baseVersion.revision }

    /// The number of the publication by which this became visible; nil while it has not, or if it changed nothing.
    ///
    /// Set by ``CommitQueue``, and read by the context once that has said that all is published.
    var publication: UInt64?
    /// Whether there is anything to write or publish.
    var isChange: Bool { false }
    /// Whether the value is another than the one before.
    var isNewValue: Bool { false }
    /// Why the pending version that this builds on has failed; nil when it has not.
    func baseFailure() -> StateError? { nil }
    func makeVersion(revision: UInt64, time: Double) {}
    /// Whether the context has committed the model.
    var isCommit: Bool { false }
    /// For a value that somebody else has stored already: the revision that it is stored with.
    var adoptedRevision: UInt64? { nil }
    func becomePending() {}
    func settle() {}
    func publish(_ afterwards: inout Afterwards, with others: (inout Afterwards) -> Void) {}
    /// Times a commit of the model, and counts it where it fails.
    func timeCommit(_ commit: () throws(StateError) -> Void) throws(StateError) {
        try cell.metrics.commit.time { () throws(StateError) in
            do throws(StateError) {
                try commit()
            } catch {
                cell.metrics.countFailure(error)
                throw error
            }
        }
    }

    /// The version that the model has with this context.
    var outcome: AnyVersion? { nil }

    /// What the store gets.
    var storedDocument: StoredDocument? { outcome?.storedDocument(of: cell) }
}

/// The staged part of a model of a known type.
final class StagedValue<Model: StateModel>: StagedModel, @unchecked Sendable {
    let typedCell: TypedCell<Model>
    let base: TypedCell<Model>.Head
    /// What the model is in this context.
    private(set) var edition: Edition<Model>
    private var staged: (model: Model, document: [UInt8])?
    private var version: Version<Model>?
    private var adopted: UInt64?
    private var checkoutCount = 0
    /// The number of the checkout that was committed last; 0 is one from outside of this context.
    private var committed: Int?

    init(_ cell: TypedCell<Model>) throws(StateError) {
        typedCell = cell
        base = try cell.beginContext()
        edition = base.version.edition
        super.init(cell, from: base.version)
    }

    /// The value as this context sees it.
    var value: Model { staged?.model ?? base.version.model }

    /// Gives a copy of the value as this context sees it.
    func checkout() -> Checkout<Model> {
        checkoutCount += 1
        let place = CheckoutPlace(context: base.context, number: checkoutCount, shows: committed)
        return Checkout(value, revision: baseRevision, place: place)
    }

    /// Stages a changed copy, unless it was taken before something that it would overwrite.
    ///
    /// - Throws: ``StateError`` with the code `conflict` or `invalid`.
    func checkIn(_ checkout: Checkout<Model>, isCached: Bool) throws(StateError) {
        if checkout.checkedOutRevision != baseRevision {
            throw .conflict(cell.name, expected: checkout.checkedOutRevision, current: baseRevision)
        }
        let place = checkout.place.flatMap { $0.context == base.context ? $0 : nil }
        if let committed, place?.number != committed, place?.shows != committed { throw .conflictInContext(cell.name) }
        try put(checkout.checkedOut, isCached: isCached)
        committed = place?.number ?? 0
    }

    /// Validates a value and stages it.
    ///
    /// - Throws: ``StateError`` with the code `invalid`; the staged value stays what it was.
    func put(_ model: Model, isCached: Bool) throws(StateError) {
        do {
            try edition.definition.check(model)
            var document: [UInt8] = []
            JSONValue.object(try model.document()).write(to: &document)
            staged = (model, document)
            isDurable = isDurable || isCached
        } catch let error as ValidationError {
            throw .invalid(cell.name, error)
        } catch {
            throw .invalid(cell.name, ValidationError("", "cannot be encoded: \(error)"))
        }
    }

    /// Stages a value under another definition, which is that of the model when the value is visible.
    func put(_ model: Model, as definition: any ModelDefinition<Model>, isCached: Bool) throws(StateError) {
        edition = base.version.edition.next(definition)
        try put(model, isCached: isCached)
    }

    /// Stages a value that somebody else has stored.
    func adopt(_ model: Model, storedAt revision: UInt64) throws(StateError) {
        try put(model, isCached: false)
        adopted = revision
    }

    override var adoptedRevision: UInt64? { adopted }

    override var isCommit: Bool { staged != nil }

    // Equality is that of the documents: whatever would read differently from outside is a change.
    override var isNewValue: Bool { staged.map { $0.document != base.version.document } ?? false }

    // What is stored is looked up now: the flush that the base was waiting for may have failed meanwhile.
    override var isChange: Bool {
        isNewValue || adopted != nil || isOtherEdition || staged != nil && isDurable && !typedCell.isHeadStored
    }

    private var isOtherEdition: Bool { base.version.edition.number != edition.number }

    override func baseFailure() -> StateError? {
        base.isPending ? typedCell.failure(of: base.version.revision) : nil
    }

    override func makeVersion(revision: UInt64, time: Double) {
        guard let staged else { return }
        // The same value keeps its version: only the store is behind.
        if !isNewValue && !isOtherEdition {
            version = base.version
            return
        }
        version = Version(
            staged.model,
            document: staged.document,
            revision: isNewValue ? revision : base.version.revision,
            time: isNewValue ? time : base.version.time,
            edition: edition
        )
        if !isNewValue { version?.publication = base.version.publication }
    }

    override func becomePending() {
        if let version { typedCell.becomePending(version, isDurable: isDurable || adoptedRevision != nil) }
    }

    override func settle() {
        if let version { typedCell.settle(version, isStored: isDurable || adoptedRevision != nil) }
    }

    override func publish(_ afterwards: inout Afterwards, with others: (inout Afterwards) -> Void) {
        guard let version else { return others(&afterwards) }
        if isNewValue { typedCell.publish(version, &afterwards, with: others) } else { others(&afterwards) }
        settle()
    }

    override var outcome: AnyVersion? { version ?? base.version }
}
