internal import Exposition
internal import Primitives

// `with`, `update` and `reset` have a blocking form and an async one of the same name. In an async function the compiler picks
// the async form, even if `wait` has its default value, because the blocking one is disfavored. If only the blocking form
// fits, for a closure that tasks cannot share, `noasync` makes the call an error. So no call blocks a task's thread unnoticed.
extension State {
    /// Runs a closure that holds the locks of models, and commits what it committed, all of it or nothing.
    ///
    /// The locks are taken in one fixed order and given back before the store is written; the call itself returns
    /// when everything that the closure read or wrote is durable, where it was committed with `cache: true`.
    ///
    /// In an async function this call is the async form, which needs `await`. There, use ``blocking`` for this form.
    ///
    /// - Parameters:
    ///   - models: the loaded models to hold.
    ///   - body: a closure; synchronous and short, because other contexts on these models wait.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error, and then nothing has changed; ``StateError``: `notLoaded`, `nestedContext`
    ///   inside another context, and the `store…` codes when the commit can't be kept.
    @available(*, noasync, message: "Await the async form, or call the one of state.blocking, also in main.swift.")
    @_disfavoredOverload
    @discardableResult
    public func with<Result>(
        _ models: any StateModel.Type...,
        perform body: (Context) throws -> Result
    ) throws -> Result {
        try with(cells(models), body)
    }

    /// Runs a closure that holds the locks of the models of an array.
    ///
    /// - Parameters:
    ///   - models: the loaded models to hold.
    ///   - body: a closure; synchronous and short, because other contexts on these models wait.
    /// - Returns: the closure's result.
    /// - Throws: the errors for models that are named one by one.
    @available(*, noasync, message: "Await the async form, or call the one of state.blocking, also in main.swift.")
    @_disfavoredOverload
    @discardableResult
    public func with<Result>(
        _ models: [any StateModel.Type],
        perform body: (Context) throws -> Result
    ) throws -> Result {
        try with(cells(models), body)
    }

    /// Runs a closure that holds the locks of models; no thread waits for the locks or the disk.
    ///
    /// - Parameters:
    ///   - models: the loaded models to hold.
    ///   - wait: the maximum time to wait for the locks.
    ///   - body: a closure; synchronous and short.
    /// - Returns: the closure's result.
    /// - Throws: the errors of the blocking form; `busy` if the locks were not free in time or too many contexts wait already;
    ///   `CancellationError` if the task is cancelled before it holds the locks.
    @discardableResult
    public func with<Result: Sendable>(
        _ models: any StateModel.Type...,
        wait: Duration = .seconds(5),
        perform body: @escaping @Sendable (Context) throws -> Result
    ) async throws -> Result {
        try await with(cells(models), wait: wait, body)
    }

    /// Runs a closure that holds the locks of the models of an array; no thread waits for the locks or the disk.
    ///
    /// - Parameters:
    ///   - models: the loaded models to hold.
    ///   - wait: the maximum time to wait for the locks.
    ///   - body: a closure; synchronous and short, because other contexts on these models wait.
    /// - Returns: the closure's result.
    /// - Throws: the errors for models that are named one by one.
    @discardableResult
    public func with<Result: Sendable>(
        _ models: [any StateModel.Type],
        wait: Duration = .seconds(5),
        perform body: @escaping @Sendable (Context) throws -> Result
    ) async throws -> Result {
        try await with(cells(models), wait: wait, body)
    }

    /// Returns every model to its defaults and clears the store.
    ///
    /// Identities, subscribers and locks stay.
    ///
    /// - Throws: ``StateError``: `nestedContext` inside a context, the `store…` codes when the store can't be cleared;
    ///   nothing has changed then.
    @available(*, noasync, message: "Await the async form, or call the one of state.blocking, also in main.swift.")
    @_disfavoredOverload
    public func reset() throws {
        let cells = cells
        try with(cells, storing: clearing) { try $0.restoreDefaults(cells) }
        forgetStored()
    }

    /// Returns every model to its defaults and clears the store; no thread waits for the locks or the disk.
    ///
    /// - Parameter wait: the maximum time to wait for the locks.
    /// - Throws: the errors of the blocking form; `busy` if the locks were not free in time or too many contexts wait already;
    ///   `CancellationError` if the task is cancelled before it holds the locks.
    public func reset(wait: Duration = .seconds(5)) async throws {
        let cells = cells
        try await with(cells, storing: clearing, wait: wait) { try $0.restoreDefaults(cells) }
        forgetStored()
    }

    /// The batch that empties the store, or nil if there is no store.
    private var clearing: StoreBatch? {
        hasStore ? StoreBatch(setAside: unusedDocuments, isClearing: true) : nil
    }

    // MARK: How contexts run

    /// The cells of models, each once and in order of their names.
    private func cells(_ models: [any StateModel.Type]) throws(StateError) -> [ModelCell] {
        var cells: [ModelCell] = []
        for model in models {
            let cell = try cell(of: model)
            if !cells.contains(cell) { cells.append(cell) }
        }
        return cells.sorted { $0.name < $1.name }
    }

    /// The cells of models for a closure that gets one copy of each, in order of their names.
    ///
    /// - Throws: ``StateError``: `notLoaded`; `namedTwice`, because only one of two copies could be committed.
    func cells(eachOnce models: [any StateModel.Type]) throws(StateError) -> [ModelCell] {
        for (index, model) in models.enumerated() where models[..<index].contains(where: { $0 == model }) {
            throw .namedTwice(model.modelName)
        }
        return try cells(models)
    }

    // Contexts can't deadlock. A thread waits for a model lock only in `ModelLock.takeBlocking`, or not at all, since
    // requests in the lock queue wait without a thread. It then holds only locks of models whose names come before:
    // those of this context, as `checkOutside` has made sure that it is in no other one, of any state. So whoever
    // holds the lock with the last name among those that are waited for waits for none, and ends: a closure is
    // synchronous and can open no further context. The internal locks are never held while user code runs.
    func with<Result>(
        _ cells: [ModelCell],
        storing extra: StoreBatch? = nil,
        _ body: (Context) throws -> Result
    ) throws -> Result {
        try ThreadContext.checkOutside()
        for cell in cells { cell.takeLock() }
        var completion: CommitCompletion?
        let result = try hold(cells, storing: { extra }, until: &completion, body)
        try completion?.wait()
        return result
    }

    func with<Result: Sendable>(
        _ cells: [ModelCell],
        storing extra: StoreBatch? = nil,
        wait: Duration,
        _ body: @escaping @Sendable (Context) throws -> Result
    ) async throws -> Result {
        let ticket = LockTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(cells, storing: extra, wait: wait, ticket: ticket, perform: body) {
                    continuation.resume(with: $0)
                }
            }
        } onCancel: {
            lockQueue.cancel(ticket)
        }
    }

    /// Runs a context whose locks are held, and gives them back.
    ///
    /// - Parameters:
    ///   - cells: the models, in order of their names.
    ///   - extra: asked once the closure has run: what goes to the store beside what is committed.
    ///   - completion: gets the handle of the commits, if they are not durable and visible yet.
    ///   - onceVisible: what is to be done with the locks still held, once everything is durable and visible; this thread waits
    ///     for that then.
    ///   - body: the closure.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error; ``StateError`` when the context cannot take effect.
    func hold<Result>(
        _ cells: [ModelCell],
        storing extra: () -> StoreBatch? = { nil },
        until completion: inout CommitCompletion?,
        onceVisible: (() -> Void)? = nil,
        _ body: (Context) throws -> Result
    ) throws -> Result {
        engineMetrics.activeContexts.increment()
        let stopwatch = Stopwatch()
        defer {
            let seconds = stopwatch.seconds
            for cell in cells.reversed() {
                cell.metrics.contextHold.observe(seconds)
                cell.lock.giveBack()
            }
            engineMetrics.activeContexts.decrement()
        }
        let context = Context(cells, hasStore: hasStore)
        defer { context.end() }
        let result = try ThreadContext.enter { try body(context) }
        completion = try commits.finish(context.staged, with: extra())
        guard let onceVisible else { return result }
        try completion?.wait()
        onceVisible()
        return result
    }

    /// Runs a context without blocking this thread.
    ///
    /// - Parameters:
    ///   - cells: the models to hold.
    ///   - extra: the batch for the store in addition to the commits.
    ///   - wait: the maximum time to wait for the locks.
    ///   - ticket: to give up by; completion gets `CancellationError` then, unless the locks are held already.
    ///   - body: runs on this thread where the locks are free, else on one of the engine's.
    ///   - completion: called once, when everything is durable and published or has failed; on this thread or on one
    ///     of the engine's.
    func enqueue<Result: Sendable>(
        _ cells: [ModelCell],
        storing extra: StoreBatch? = nil,
        wait: Duration,
        ticket: LockTicket? = nil,
        perform body: @escaping @Sendable (Context) throws -> Result,
        completion: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void
    ) {
        if ThreadContext.isInside { return completion(.failure(StateError.nestedContextError)) }
        // The closure may run on another thread, which continues this task's sequence of identities.
        let sequence = IDSequence.current
        lockQueue.take(cells, upTo: wait, ticket: ticket) { [self] error in
            if let error { return completion(.failure(error)) }
            do {
                var commits: CommitCompletion?
                let result = try hold(cells, storing: { extra }, until: &commits) { (context) throws -> Result in
                    guard let sequence else { return try body(context) }
                    return try IDSequence.$current.withValue(sequence) { try body(context) }
                }
                guard let commits else { return completion(.success(result)) }
                commits.whenEnded { error in completion(error.map { .failure($0) } ?? .success(result)) }
            } catch {
                completion(.failure(error))
            }
        }
    }

    /// Calls an action once the lock queue and an empty context in memory have come to their ends, which none does that is stuck.
    ///
    /// The store is not asked: one that does not respond has its own error.
    ///
    /// - Parameter action: called on a thread of the engine.
    package func whenResponsive(_ action: @escaping @Sendable () -> Void) {
        lockQueue.perform { [self] in
            var completion: CommitCompletion?
            // An empty context has nothing that could be refused, and nothing to wait for.
            try? hold([], until: &completion) { _ in }
            action()
        }
    }
}
