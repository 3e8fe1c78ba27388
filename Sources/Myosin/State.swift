public import Exposition
internal import Locking
public import Logging

/// A process's shared state: typed models that any thread checks out, changes and commits.
///
/// Every model has a lock, held by a context while its closure runs, and a published value that readers copy without
/// waiting for contexts. All methods may be called from any thread.
public final class State: Sendable {
    /// Where a state keeps what is committed with `cache: true`.
    public enum Cache: Sendable {
        /// Nowhere: everything is in memory, and a commit with `cache: true` throws `noCache`.
        case none
        /// In `state.sqlite` in a directory, which is made with all directories above it.
        case directory(String)
        /// In a store of your own.
        case store(any StateStore)
    }

    private struct Models {
        var byType: [ObjectIdentifier: ModelCell] = [:]
        var byName: [String: ModelCell] = [:]
        /// What the store had and no model has asked for yet.
        var stored: [String: StoredDocument] = [:]
    }

    /// Where the metrics of this state are.
    public let metrics: Registry
    let engineMetrics: EngineMetrics
    let commits: CommitQueue
    let lockQueue: LockQueue
    private let models: Lock<Models>
    private let logger: Logger

    /// Opens a state.
    ///
    /// - Parameters:
    ///   - cache: where it is kept across restarts.
    ///   - metrics: where its metrics are registered; every state needs one of its own.
    ///   - logger: what it logs to: dropped fields of old documents, errors of subscribers.
    /// - Throws: ``StateError`` with a `store…` code when the store can't be opened.
    public convenience init(
        cache: Cache = .none,
        metrics: Registry = Registry(),
        logger: Logger = Logger(label: "myosin")
    ) throws(StateError) {
        try self.init(cache: cache, metrics: metrics, logger: logger, limits: EngineLimits())
    }

    /// Opens a state with other limits.
    package init(
        cache: Cache,
        metrics: Registry = Registry(),
        logger: Logger = Logger(label: "myosin"),
        limits: EngineLimits
    ) throws(StateError) {
        (self.metrics, self.logger) = (metrics, logger)
        lockQueue = LockQueue(waitingMax: limits.waitingContextsMax)
        let store: (any StateStore)? =
            switch cache {
            case .none: nil
            case .directory(let path): try SQLiteStore(directory: path)
            case .store(let store): store
            }
        engineMetrics = try EngineMetrics(registry: metrics, hasStore: store != nil)
        let content: StoredState
        do {
            content = try store?.load() ?? StoredState(documents: [], numbersReserved: 0)
        } catch {
            throw StateError(wrapping: error)
        }
        commits = try CommitQueue(
            store: store,
            numbersUsed: content.numbersReserved,
            waitingMax: limits.pendingContextsMax
        )
        let stored = Dictionary(content.documents.map { ($0.model, $0) }, uniquingKeysWith: { $1 })
        models = Lock(Models(stored: stored))
    }

    deinit { close() }

    private static let sharedState = Lock<State?>(nil)

    /// The state of this process, kept in the directory that the variable `MYOSIN_CACHE_BASE_PATH` names.
    ///
    /// It is opened at the first use, so set the variable before. Without the variable nothing is kept.
    public static var shared: State {
        get throws(StateError) {
            // Opening does I/O under this lock on purpose: it happens once, and whoever comes second needs its result.
            try sharedState.withLock { (state) throws(StateError) in
                if let state { return state }
                let new = try State(cache: .fromEnvironment)
                state = new
                return new
            }
        }
    }

    /// Whether commits can be kept, with `cache: true`.
    public var hasStore: Bool { commits.hasStore }

    /// Waits for what is being committed and closes the store; later commits throw `closed`.
    ///
    /// Contexts that wait for their locks end with `closed`. Subscriptions end once their subscribers have got what is
    /// buffered, for which this does not wait. Reading goes on to work.
    public func close() {
        lockQueue.close()
        commits.close()
        for cell in cells { cell.endSubscriptions() }
    }

    // MARK: Models

    /// Registers a model with its defaults; a stored value wins over them.
    ///
    /// Loading a model again changes nothing: it keeps its value, its lock and its subscribers.
    ///
    /// - Parameter defaults: the value where none is stored, and the one that ``reset()`` returns to.
    /// - Returns: the present value.
    /// - Throws: ``StateError``: `badName`; `nameTaken` when another type has the name; `invalid` when the defaults are
    ///   not valid; `notAValue` when the model is a class; `corruptDocument` or `newerDocument` when the stored document
    ///   can't be used, which is left as it is; `nestedContext` when called inside a context; `closed`.
    @discardableResult
    public func load<Model: StateModel>(_ defaults: Model) throws(StateError) -> Checkout<Model> {
        try ThreadContext.checkOutside()
        if let present = try present(Model.self) { return Self.checkout(of: present) }
        let stored = models.withLock { $0.stored[Model.modelName] }
        let loading = ModelLoading(defaults: defaults, stored: stored, logger: logger)
        let new = try loading.makeCell(commits: commits, metrics: engineMetrics)
        let winner: ModelCell = models.withLock { models in
            // Another thread may have been faster.
            if let present = models.byName[Model.modelName] { return present }
            models.byType[ObjectIdentifier(Model.self)] = new
            models.byName[Model.modelName] = new
            models.stored[Model.modelName] = nil
            new.metrics.revision.set(Double(new.current.revision))
            return new
        }
        if winner === new { return Self.checkout(of: new) }
        return try load(defaults)
    }

    private func present<Model: StateModel>(_ type: Model.Type) throws(StateError) -> TypedCell<Model>? {
        guard let cell = models.withLock({ $0.byName[Model.modelName] }) else { return nil }
        if let cell = cell as? TypedCell<Model> { return cell }
        throw StateError(
            .nameTaken,
            "Another type is loaded under the name \(Model.modelName). Give one of them a modelName of its own.",
            model: Model.modelName
        )
    }

    /// All loaded models, in order of their names.
    var cells: [ModelCell] {
        models.withLock { Array($0.byName.values) }.sorted { $0.name < $1.name }
    }

    /// A loaded model by name.
    func cell(named name: String) -> ModelCell? { models.withLock { $0.byName[name] } }

    /// A loaded model by type.
    func cell<Model: StateModel>(of type: Model.Type) throws(StateError) -> TypedCell<Model> {
        guard let cell = try anyCell(of: type) as? TypedCell<Model> else { throw .notLoaded(Model.modelName) }
        return cell
    }

    /// A loaded model by a type that is known only when the program runs.
    func anyCell(of type: any StateModel.Type) throws(StateError) -> ModelCell {
        guard let cell = models.withLock({ $0.byType[ObjectIdentifier(type)] }) else {
            throw .notLoaded(type.modelName)
        }
        return cell
    }

    /// Forgets what the store had for models that are not loaded.
    func forgetStored() { models.withLock { $0.stored = [:] } }

    /// Gives a copy of a model's published value, without waiting for whoever is in a context.
    ///
    /// - Parameter model: a loaded model.
    /// - Returns: the copy, with its revision.
    /// - Throws: ``StateError`` with the code `notLoaded`.
    public func checkout<Model: StateModel>(_ model: Model.Type) throws(StateError) -> Checkout<Model> {
        let cell = try cell(of: model)
        return cell.metrics.checkout.time { Self.checkout(of: cell) }
    }

    /// Gives copies of several models as they were at one moment, without waiting for whoever is in a context.
    ///
    /// What one context has committed to several models is in all of the copies or in none.
    ///
    /// - Parameters:
    ///   - first: a loaded model.
    ///   - second: another one.
    ///   - more: further ones.
    /// - Returns: the copies, each with its revision.
    /// - Throws: ``StateError`` with the code `notLoaded`.
    public func checkout<First: StateModel, Second: StateModel, each More: StateModel>(
        _ first: First.Type,
        _ second: Second.Type,
        _ more: repeat (each More).Type
    ) throws(StateError) -> (Checkout<First>, Checkout<Second>, repeat Checkout<each More>) {
        var cells = [try anyCell(of: first), try anyCell(of: second)]
        repeat cells.append(try anyCell(of: each more))
        let start = SuspendingClock.now
        defer {
            let duration = SuspendingClock.now - start
            for cell in cells { cell.metrics.checkout.observe(duration) }
        }
        var versions = commits.atOneMoment { [cells] in cells.map(\.published) }.result[...]
        func next<Model: StateModel>(_ model: Model.Type) throws(StateError) -> Checkout<Model> {
            guard let version = versions.popFirst() as? Version<Model> else { throw .notLoaded(Model.modelName) }
            return Checkout(version.model, revision: version.revision)
        }
        return (try next(first), try next(second), repeat try next(each more))
    }

    private static func checkout<Model>(of cell: TypedCell<Model>) -> Checkout<Model> {
        let version = cell.current
        return Checkout(version.model, revision: version.revision)
    }

    // MARK: Subscriptions

    /// Calls a closure with every change of a model, one after the other and in order, from a task of its own.
    ///
    /// The closure gets copies, runs outside of all locks and may commit. It runs on threads of the engine, up to 64 in a
    /// process, so one that blocks its thread keeps neither committers nor other subscribers waiting. A thrown error is
    /// counted in `myosin_cb_exc_count` and logged, and the subscription goes on.
    ///
    /// - Parameters:
    ///   - model: a loaded model.
    ///   - bufferMax: how many changes wait while the closure is busy; beyond it the oldest is skipped.
    ///   - action: what to do with each new value.
    /// - Returns: the subscription, to cancel it; it goes on when it is not kept.
    /// - Throws: ``StateError``: `notLoaded`; `closed`; `busy` when the system has no thread to give.
    @discardableResult
    public func subscribe<Model: StateModel>(
        _ model: Model.Type,
        bufferMax: Int = 64,
        _ action: @escaping @Sendable (Model) async throws -> Void
    ) throws(StateError) -> Subscription<Model> {
        let cell = try cell(of: model)
        let threads = SubscriberThreads.shared
        try threads.start()
        let subscription = try makeSubscription(to: cell, bufferMax: bufferMax, startsWithCurrent: false)
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

    /// The changes of a model as a sequence that begins with the current value.
    ///
    /// - Parameters:
    ///   - model: a loaded model.
    ///   - bufferMax: how many changes wait while the loop is busy; beyond it the oldest is skipped.
    /// - Returns: the sequence, for one loop.
    /// - Throws: ``StateError`` with the code `notLoaded` or `closed`.
    public func changes<Model: StateModel>(
        of model: Model.Type,
        bufferMax: Int = 64
    ) throws(StateError) -> ModelChanges<Model> {
        ModelChanges(try makeSubscription(to: try cell(of: model), bufferMax: bufferMax, startsWithCurrent: true))
    }

    private func makeSubscription<Model>(
        to cell: TypedCell<Model>,
        bufferMax: Int,
        startsWithCurrent: Bool
    ) throws(StateError) -> Subscription<Model> {
        let subscription = Subscription<Model>(bufferMax: bufferMax) { [weak cell] in cell?.remove($0) }
        try commits.subscribe { cell.add(subscription, startsWithCurrent: startsWithCurrent) }
        return subscription
    }
}
