public import Exposition
public import Logging
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

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
        case directory(String, SQLiteStore.Options = SQLiteStore.Options())
        /// In your own store, or in a ``MemoryStore`` for tests; one state has the store at a time.
        case store(any StateStore)
    }

    /// Where the metrics of this state are.
    public let metrics: Registry
    let engineMetrics: EngineMetrics
    let commits: CommitQueue
    let lockQueue: LockQueue
    /// How long a write of documents waits for locks by default.
    let writeWait: Duration
    let models: Monitor<Models>
    let logger: Logger

    /// Opens a state.
    ///
    /// - Parameters:
    ///   - cache: where it is kept across restarts.
    ///   - metrics: where its metrics are registered; every state needs one of its own.
    ///   - logger: what it logs to: dropped fields of old documents, errors of subscribers.
    ///   - maxDocumentBytes: the longest document of a model in bytes of JSON without the id, unless ``StateModel/maxDocumentBytes``
    ///     says something else. A document that is longer already may only become shorter.
    ///   - showsSummaries: whether the metrics have the summaries of Python myosin: `myosin_commit_latency`,
    ///     `myosin_cache_latency` and `myosin_checkout_latency`. The histograms of these durations have the same counts and sums.
    ///   - clock: the clock of a test, which times waits and dates changes, or nil for the system's clocks.
    /// - Throws: ``StateError`` with a `store…` code when the store can't be opened.
    public convenience init(
        cache: Cache = .none,
        metrics: Registry = Registry(),
        logger: Logger = Logger(label: "myosin"),
        maxDocumentBytes: Int = 1 << 20,
        showsSummaries: Bool = true,
        clock: ManualClock? = nil
    ) throws(StateError) {
        let limits = EngineLimits(maxDocumentBytes: maxDocumentBytes, clock: clock)
        try self.init(
            cache: cache,
            metrics: metrics,
            logger: logger,
            limits: limits,
            showsSummaries: showsSummaries
        )
    }

    /// Opens a state with other limits.
    package init(
        cache: Cache,
        metrics: Registry = Registry(),
        logger: Logger = Logger(label: "myosin"),
        limits: EngineLimits,
        showsSummaries: Bool = true
    ) throws(StateError) {
        (self.metrics, self.logger) = (metrics, logger)
        lockQueue = LockQueue(maxWaiting: limits.maxWaitingContexts, clock: limits.clock)
        writeWait = limits.writeWait
        let (store, content) = try StoreOpening.open(cache, within: limits)
        do {
            engineMetrics = try EngineMetrics(
                registry: metrics,
                hasStore: store != nil,
                showsSummaries: showsSummaries
            )
            var known = Models()
            for document in content.documents { known.take(document) }
            known.inQuarantine = content.inQuarantine
            let models = Monitor(known)
            self.models = models
            commits = try CommitQueue(
                store: store,
                content: content,
                limits: limits,
                logger: logger,
                metrics: engineMetrics.store,
                unloaded: { models.withLock { Array($0.stored.values) } }
            )
        } catch {
            if let store { OpenStores.close(store, numbersUsed: nil) }
            throw error
        }
        for remark in content.remarks { logger.warning("\(remark)") }
        for document in content.documents where !document.isIntact {
            logger.warning(
                "A row of the store is damaged; it is left as it is",
                metadata: ["model.name": "\(document.model)"]
            )
        }
        commits.watch { [weak self] documents in self?.adopt(documents) }
    }

    deinit { close() }

    /// Whether commits can be kept, with `cache: true`.
    public var hasStore: Bool { commits.hasStore }

    /// Why the store's last write has failed; nil when it has succeeded, or none was tried.
    ///
    /// While it is `storeFull`, `storeInUse` or `storeNoQuorum`, each durable commit tries again. While it is anything else the engine
    /// opens the store anew by itself and refuses durable commits until that has succeeded.
    public var storeError: StateError? { commits.storeError }

    /// Waits for what is being committed and closes the store; later commits throw `closed`.
    ///
    /// Contexts that wait for their locks end with `closed`. Subscriptions end once their subscribers have got what is
    /// buffered, for which this does not wait. Reading goes on to work.
    public func close() {
        lockQueue.close()
        commits.close()
        for cell in cells { cell.endSubscriptions() }
        commits.endJointSubscriptions()
    }

    // MARK: Reading

    /// Gives a copy of a model's published value, without waiting for whoever is in a context.
    ///
    /// - Parameter model: a loaded model.
    /// - Returns: the copy, with its revision.
    /// - Throws: ``StateError`` with the code `notLoaded`.
    @inlinable public func checkout<Model: StateModel>(_ model: Model.Type) throws(StateError) -> Checkout<Model> {
        // Inlined, so that the copy is made by code for the model's own type.
        let reading = try beginReading(model)
        defer { reading.end() }
        return Checkout(of: reading.version)
    }

    @usableFromInline func beginReading(_ model: any StateModel.Type) throws(StateError) -> TimedCheckout {
        TimedCheckout(of: try cell(of: model))
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
        var cells = [try cell(of: first), try cell(of: second)]
        repeat cells.append(try cell(of: each more))
        let stopwatch = Stopwatch()
        defer {
            let seconds = stopwatch.seconds
            for cell in cells { cell.metrics.checkout.observe(seconds: seconds) }
        }
        var versions = commits.atOneMoment { [cells] in cells.map(\.published) }.result.makeIterator()
        func next<Model: StateModel>(_ model: Model.Type) throws(StateError) -> Checkout<Model> {
            guard let version = versions.next() else { throw .notLoaded(Model.modelName) }
            return Checkout(of: version)
        }
        return (try next(first), try next(second), repeat try next(each more))
    }

    /// The value of a field of a model's published value, without waiting for a context: `try state[\Tank.litres]`.
    ///
    /// - Parameter path: the field, of a loaded model.
    /// - Throws: ``StateError`` with the code `notLoaded`.
    @inlinable public subscript<Model: StateModel, Member>(path: KeyPath<Model, Member>) -> Member {
        get throws(StateError) {
            let reading = try beginReading(Model.self)
            defer { reading.end() }
            return reading.version.typed(as: Model.self).model[keyPath: path]
        }
    }
}

extension State.Cache {
    /// The variable that names the cache directory, as in Python myosin.
    public static let environmentVariable = "MYOSIN_CACHE_BASE_PATH"

    /// The directory that `MYOSIN_CACHE_BASE_PATH` names; none when it is unset or empty.
    public static var fromEnvironment: State.Cache {
        guard let value = getenv(environmentVariable), value.pointee != 0 else { return .none }
        return .directory(String(cString: value))
    }
}

/// The version of this library, as `myosin_meta_info` and `--version` tell it.
public let myosinVersion = "0.1.0"
