internal import Exposition
internal import Primitives

/// What a closure gets that holds the locks of its models: the way to check them out and to commit them.
///
/// It is valid until the closure returns; what was committed takes effect then, all of it or nothing.
public final class Context {
    /// In order of the models' names, which is the order in which their locks were taken.
    private let cells: [ModelCell]
    private let hasStore: Bool
    private(set) var staged: [StagedModel] = []
    private var hasEnded = false

    init(_ cells: [ModelCell], hasStore: Bool) { (self.cells, self.hasStore) = (cells, hasStore) }

    /// Gives a copy of a model, with what this context has committed to it so far.
    ///
    /// - Parameter model: a model that the context was opened with.
    /// - Returns: the copy.
    /// - Throws: ``StateError`` with the code `notInContext` or `contextEnded`.
    public func checkout<Model: StateModel>(_ model: Model.Type) throws(StateError) -> Checkout<Model> {
        let staged = try stagedModel(of: model)
        let stopwatch = Stopwatch()
        defer { staged.cell.metrics.checkout.observe(stopwatch) }
        return staged.checkout(model)
    }

    /// Commits a changed copy: it takes effect when the context ends.
    ///
    /// - Parameters:
    ///   - checkout: the copy, from this context or from an earlier checkout.
    ///   - cache: whether the store keeps it; the context then returns only when it is on disk.
    /// - Throws: ``StateError`` with the code `conflict` if the model has changed since the checkout, which includes
    ///   a commit of another checkout in this context; `invalid` if `validate()` refuses it, JSON cannot represent it, or it
    ///   does not read back from its document; `noCache`, `notInContext` or `contextEnded`. Earlier commits of the context stay,
    ///   and the context may continue.
    public func commit<Model: StateModel>(_ checkout: Checkout<Model>, cache: Bool = false) throws(StateError) {
        let staged = try stagedModel(of: Model.self)
        try staged.timeCommit { () throws(StateError) in
            if cache && !hasStore { throw .noCache(Model.modelName) }
            try staged.checkIn(checkout, isCached: cache)
        }
    }

    /// Changes a model that the context was opened with: checks it out, runs the closure on the copy and commits it.
    ///
    /// - Parameters:
    ///   - model: a model that the context was opened with.
    ///   - cache: whether the store keeps it.
    ///   - change: a closure that changes the copy.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error; the errors of ``checkout(_:)`` and ``commit(_:cache:)``.
    @discardableResult
    public func update<Model: StateModel, Result>(
        _ model: Model.Type,
        cache: Bool = false,
        _ change: (inout Model) throws -> Result
    ) throws -> Result {
        var checkout = try checkout(model)
        let result = try change(&checkout.model)
        try commit(checkout, cache: cache)
        return result
    }

    /// Changes the only model of a context that has no other purpose.
    func update<Model: StateModel, Result>(
        _ cell: ModelCell,
        cache: Bool,
        _ change: (inout Model) throws -> Result
    ) throws -> Result {
        let staged = try stagedModel(cell)
        let stopwatch = Stopwatch()
        var model = staged.latest.typed(as: Model.self).model
        cell.metrics.checkout.observe(stopwatch)
        let result = try change(&model)
        // Nobody else can have committed to it: the closure has not got the context.
        try staged.timeCommit { () throws(StateError) in
            if cache && !hasStore { throw .noCache(cell.name) }
            try staged.put(model, isCached: cache)
        }
        return result
    }

    /// The part of this context that concerns a model, whatever its type.
    func stagedModel(_ cell: ModelCell) throws(StateError) -> StagedModel {
        if let present = staged.first(where: { $0.cell === cell }) { return present }
        let new = try cell.stage()
        staged.append(new)
        return new
    }

    private func stagedModel<Model: StateModel>(of model: Model.Type) throws(StateError) -> StagedModel {
        if hasEnded {
            throw StateError(.contextEnded, "This context has ended. Use it only inside the closure that got it.")
        }
        for cell in cells where cell.modelType == model { return try stagedModel(cell) }
        let names = cells.map(\.name)
        throw StateError(
            .notInContext,
            "\(Model.modelName) is not in this context, which holds \(names.joined(separator: ", ")).",
            .nameModels(names + [Model.modelName]),
            model: Model.modelName
        )
    }

    func end() { hasEnded = true }
}

/// Whether the current thread is in a context, of any state.
///
/// A thread that holds model locks and opens another context could wait for a lock whose holder waits for one of
/// its own. Since contexts are synchronous, a flag of the thread is enough to refuse that.
enum ThreadContext {
    private static let mark = ThreadPointer()

    /// Whether this thread is in a context.
    static var isInside: Bool { mark.value != nil }

    /// Runs a closure with this thread marked as being in a context.
    static func enter<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        mark.value = UnsafeMutableRawPointer(bitPattern: 1)
        defer { mark.value = nil }
        return try body()
    }

    /// Refuses to go on where a context is open already.
    static func checkOutside() throws(StateError) {
        if isInside { throw .nestedContextError }
    }
}

/// The part of a context that concerns one model: the version it began with and the value it commits, if any.
///
/// It belongs to the thread of its context until the context ends, then to ``CommitQueue``, whose lock orders what
/// follows; its version is read by nobody else before it is published.
final class StagedModel: @unchecked Sendable {
    // Sendable: handed over whole, as said above, from one owner to the next with a lock's release and acquisition
    // between them.
    let cell: ModelCell
    /// The version that the context began with.
    let base: AnyVersion
    /// Tells the context from all others that had the model.
    private let context: UInt64
    private let isBasePending: Bool
    /// What the context commits; it has no numbers yet.
    private var candidate: AnyVersion?
    /// Whether that is another value than the one before.
    ///
    /// Equality is that of the documents: whatever would read differently from outside is a change.
    private(set) var isNewValue = false
    /// Whether the commit goes to the store.
    private(set) var isDurable = false
    /// For a value that somebody else has stored already: the revision that it is stored with.
    private(set) var adoptedRevision: UInt64?
    private var checkoutCount = 0
    /// The number of the checkout that was committed last; 0 is one from outside of this context.
    private var committed: Int?
    /// What the model has once the context has ended.
    private var version: AnyVersion?
    /// What was published before; kept until no lock is held, as a model's last reference may run code of its owner.
    private var replaced: AnyVersion?
    /// The number of the publication by which this became visible; nil while it has not, or if it changed nothing.
    ///
    /// Set by ``CommitQueue``, and read by the context once that has said that all is published.
    var publication: UInt64?

    init(_ cell: ModelCell, from base: AnyVersion, isPending: Bool, context: UInt64) {
        (self.cell, self.base, isBasePending, self.context) = (cell, base, isPending, context)
    }

    // MARK: While the context runs

    /// The value as this context sees it.
    var latest: AnyVersion { candidate ?? base }

    /// Gives a copy of the value as this context sees it.
    func checkout<Model: StateModel>(_ type: Model.Type) -> Checkout<Model> {
        checkoutCount += 1
        let origin = CheckoutOrigin(context: context, number: checkoutCount, shows: committed)
        return Checkout(latest.typed(as: type).model, revision: base.revision, origin: origin)
    }

    /// Stages a changed copy, unless it was taken before something that it would overwrite.
    ///
    /// - Throws: ``StateError`` with the code `conflict` or `invalid`.
    func checkIn<Model: StateModel>(_ checkout: Checkout<Model>, isCached: Bool) throws(StateError) {
        if checkout.checkedOutRevision != base.revision {
            throw .conflict(cell.name, expected: checkout.checkedOutRevision, current: base.revision)
        }
        let origin = checkout.origin.flatMap { $0.context == context ? $0 : nil }
        if let committed, origin?.number != committed, origin?.shows != committed {
            throw .conflictInContext(cell.name)
        }
        try put(checkout.model, isCached: isCached)
        committed = origin?.number ?? 0
    }

    /// Validates a value and stages it.
    ///
    /// - Parameters:
    ///   - model: the value, of the type of the cell's model.
    ///   - definition: what the model is from when the value is visible; nil for what it is.
    ///   - isCached: whether the value goes to the store.
    ///   - isRead: whether the value was read from a document, so that its document is readable.
    /// - Throws: ``StateError`` with the code `invalid`; the staged value stays what it was.
    func put<Model: StateModel>(
        _ model: Model,
        as definition: (any ModelDefinition<Model>)? = nil,
        isCached: Bool,
        isRead: Bool = false
    ) throws(StateError) {
        let present: Version<Model> = latest.typed()
        let next = definition ?? present.definition
        let document: [UInt8]
        do {
            try next.check(model)
            let written = try DocumentWriter.write(model) { cell.hasReadBack($0) }
            document = written.text
            if let shape = written.newShape {
                try next.checkRoundTrip(model, writtenAs: document, comparesValues: false)
                cell.noteReadBack(shape)
            } else if isCached, !isRead {
                // An `init(from:)` may refuse values of any shape, which would otherwise fail only at the next start.
                try next.checkReads(document)
            }
        } catch {
            throw .invalid(cell.name, ValidationError(encoding: error))
        }
        let limit = next.maxDocumentBytes ?? cell.maxDocumentBytes
        // A document beyond a limit that was lowered may shrink.
        if document.count > limit, document.count > base.document.count, adoptedRevision == nil {
            let bytes = document.count - model.id.bytesInDocument
            guard bytes <= limit else { throw .documentTooLarge(cell.name, bytes, limit: limit) }
        }
        let definitionGeneration = definition == nil ? present.definitionGeneration : present.definitionGeneration + 1
        candidate = Version(model, document: document, definition: next, definitionGeneration: definitionGeneration)
        isNewValue = document != base.document
        isDurable = isDurable || isCached
    }

    /// Stages a value that somebody else has stored.
    func adopt<Model: StateModel>(_ model: Model, storedAt revision: UInt64) throws(StateError) {
        // It is there already, whatever limit this process has.
        adoptedRevision = revision
        try put(model, isCached: false)
    }

    /// Times a commit of the model, and counts it where it fails.
    func timeCommit(_ commit: () throws(StateError) -> Void) throws(StateError) {
        let stopwatch = Stopwatch()
        defer { cell.metrics.commit.observe(stopwatch) }
        do throws(StateError) {
            try commit()
        } catch {
            cell.metrics.countFailure(error)
            throw error
        }
    }

    // MARK: Called by the commit queue when the context has ended

    /// Whether the context has committed the model.
    var isCommit: Bool { candidate != nil }

    /// Whether there is anything to write or publish.
    var isChange: Bool {
        guard candidate != nil else { return false }
        // The stored revision is looked up now: the batch that the base was waiting for may have failed meanwhile.
        return isNewValue || adoptedRevision != nil || isOtherDefinition || isDurable && !cell.isHeadStored
    }

    private var isOtherDefinition: Bool {
        candidate.map { $0.definitionGeneration != base.definitionGeneration } ?? false
    }

    /// Whether the store has the value once what the context wrote is there.
    private var isStored: Bool { isDurable || adoptedRevision != nil }

    /// Why the pending version that this builds on has failed; nil when it has not.
    func baseFailure() -> StateError? { isBasePending ? cell.failure(of: base.revision) : nil }

    /// Makes what was staged a version of the model.
    func makeVersion(revision: UInt64, at now: ChangeTime.Moment) {
        guard let candidate else { return }
        if isNewValue {
            candidate.number(revision: revision, time: ChangeTime(now, after: base.time))
            version = candidate
        } else if isOtherDefinition {
            candidate.number(as: base)
            version = candidate
        } else {
            // The same value keeps its version: only the store is behind.
            version = base
        }
    }

    func becomePending() { if let version { cell.becomePending(version, isDurable: isStored) } }

    func settle() { if let version { cell.settle(version, isStored: isStored) } }

    /// Lets readers see the version.
    ///
    /// - Parameters:
    ///   - actions: run once the locks are free.
    ///   - others: publishes what readers must not see before or after this version.
    func publish(_ actions: inout PostCommitActions, with others: (inout PostCommitActions) -> Void) {
        guard let version, isNewValue else {
            others(&actions)
            return settle()
        }
        replaced = cell.publish(version, isStored: isStored, &actions, with: others)
    }

    /// The version that the model has with this context.
    var outcome: AnyVersion { version ?? base }

    /// What the store gets.
    var storedDocument: StoredDocument { outcome.storedDocument(of: cell) }
}
