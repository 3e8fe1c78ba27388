internal import Exposition
internal import Primitives

extension State {
    /// Runs a closure that holds the locks of models, and commits what it committed, all of it or nothing.
    ///
    /// The locks are taken in one fixed order and given back before the store is written; the call itself returns
    /// when everything that the closure read or wrote is durable, where it was committed with `cache: true`.
    ///
    /// - Parameters:
    ///   - models: the loaded models to hold.
    ///   - body: what to do; synchronous and short, since other contexts on these models wait.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws, and then nothing has changed; ``StateError``: `notLoaded`, `nestedContext`
    ///   inside another context, and the `store…` codes when the commit can't be kept.
    @discardableResult
    public func with<Result>(
        _ models: any StateModel.Type...,
        perform body: (Context) throws -> Result
    ) throws -> Result {
        try with(cells(models), body)
    }

    /// Like `with`, for tasks: no thread waits for the locks or the disk.
    ///
    /// - Parameters:
    ///   - models: the loaded models to hold.
    ///   - wait: how long to wait for the locks at most.
    ///   - body: what to do; synchronous and short.
    /// - Returns: what the closure returns.
    /// - Throws: as `with`; also `busy` when the locks were not free in time, or too many contexts wait already, and
    ///   `CancellationError` when the task is cancelled before the locks are its own.
    @discardableResult
    public func queued<Result: Sendable>(
        _ models: any StateModel.Type...,
        wait: Duration = .seconds(5),
        perform body: @escaping @Sendable (Context) throws -> Result
    ) async throws -> Result {
        try await queued(cells(models), wait: wait, body)
    }

    /// Changes one model: checks it out, runs the closure on the copy and commits it.
    ///
    /// - Parameters:
    ///   - model: a loaded model.
    ///   - cache: whether the store keeps it.
    ///   - change: what to change in the copy.
    /// - Returns: what the closure returns.
    /// - Throws: as `with`, and `invalid` when `validate()` refuses the changed model.
    @discardableResult
    public func update<Model: StateModel, Result>(
        _ model: Model.Type,
        cache: Bool = false,
        _ change: (inout Model) throws -> Result
    ) throws -> Result {
        let cell = try cell(of: model)
        return try with([cell]) { try $0.update(cell, cache: cache, change) }
    }

    /// Changes several models together, all or none.
    ///
    /// - Parameters:
    ///   - models: the loaded models.
    ///   - cache: whether the store keeps them.
    ///   - change: what to change; the copies are the elements of a tuple, in the order of the models.
    /// - Returns: what the closure returns.
    /// - Throws: as `with`, and `invalid` when `validate()` refuses a changed model.
    @discardableResult
    public func update<each Model: StateModel, Result>(
        _ models: repeat (each Model).Type,
        cache: Bool = false,
        _ change: (inout (repeat each Model)) throws -> Result
    ) throws -> Result {
        var types: [any StateModel.Type] = []
        repeat types.append(each models)
        return try with(cells(types)) { context in
            let checkouts = (repeat try context.checkout(each models))
            var values = (repeat (each checkouts).checkedOut)
            let result = try change(&values)
            func commit<M>(_ checkout: Checkout<M>, _ value: M) throws {
                var checkout = checkout
                checkout.checkedOut = value
                try context.commit(checkout, cache: cache)
            }
            repeat try commit(each checkouts, each values)
            return result
        }
    }

    /// Like `update` of one model, for tasks: no thread waits for the lock or the disk.
    ///
    /// - Parameters:
    ///   - model: a loaded model.
    ///   - cache: whether the store keeps it.
    ///   - wait: how long to wait for the lock at most.
    ///   - change: what to change in the copy.
    /// - Returns: what the closure returns.
    /// - Throws: as `update`; also `busy` when the lock was not free in time, or too many contexts wait already, and
    ///   `CancellationError` when the task is cancelled before the lock is its own.
    @discardableResult
    public func queuedUpdate<Model: StateModel, Result: Sendable>(
        _ model: Model.Type,
        cache: Bool = false,
        wait: Duration = .seconds(5),
        _ change: @escaping @Sendable (inout Model) throws -> Result
    ) async throws -> Result {
        let cell = try cell(of: model)
        return try await queued([cell], wait: wait) { try $0.update(cell, cache: cache, change) }
    }

    /// Returns every model to its defaults and clears the store.
    ///
    /// Identities, subscribers and locks stay.
    ///
    /// - Throws: ``StateError``: `nestedContext` inside a context, the `store…` codes when the store can't be cleared;
    ///   nothing has changed then.
    public func reset() throws {
        let cells = cells
        let clearing = hasStore ? StoreBatch(setAside: unusedDocuments, isClearing: true) : nil
        try with(cells, storing: clearing) { context in
            for cell in cells {
                try cell.prepare(.restoreDefaults, isCached: false)(try context.stagedModel(cell))
            }
        }
        forgetStored()
    }

    // MARK: How contexts run

    private func cells(_ models: [any StateModel.Type]) throws(StateError) -> [ModelCell] {
        var cells: [ModelCell] = []
        for model in models {
            let cell = try cell(of: model)
            if !cells.contains(cell) { cells.append(cell) }
        }
        return cells.sorted { $0.name < $1.name }
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

    private func queued<Result: Sendable>(
        _ cells: [ModelCell],
        wait: Duration,
        _ body: @escaping @Sendable (Context) throws -> Result
    ) async throws -> Result {
        let ticket = LockTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(cells, wait: wait, ticket: ticket, perform: body) { continuation.resume(with: $0) }
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
    ///   - body: what to do.
    /// - Returns: the closure's result.
    /// - Throws: what the closure throws; ``StateError`` when the context cannot take effect.
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
    ///   - wait: how long to wait for the locks at most.
    ///   - ticket: to give up by; completion gets `CancellationError` then, unless the locks are held already.
    ///   - body: runs on this thread where the locks are free, else on one of the engine's.
    ///   - completion: called once, when everything is durable and published or has failed; on this thread or on one
    ///     of the engine's.
    func enqueue<Result: Sendable>(
        _ cells: [ModelCell],
        wait: Duration,
        ticket: LockTicket? = nil,
        perform body: @escaping @Sendable (Context) throws -> Result,
        completion: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void
    ) {
        if ThreadContext.isInside { return completion(.failure(StateError.nestedContext)) }
        lockQueue.take(cells, upTo: wait, ticket: ticket) { [self] error in
            if let error { return completion(.failure(error)) }
            do {
                var commits: CommitCompletion?
                let result = try hold(cells, until: &commits, body)
                guard let commits else { return completion(.success(result)) }
                commits.whenEnded { error in completion(error.map { .failure($0) } ?? .success(result)) }
            } catch {
                completion(.failure(error))
            }
        }
    }
}
