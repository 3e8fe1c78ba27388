extension State {
    // MARK: Blocking

    /// Changes one model: checks it out, runs the closure on the copy and commits it.
    ///
    /// In an async function this call is the async form, which needs `await`. There, use ``blocking`` for this form.
    ///
    /// - Parameters:
    ///   - model: a loaded model.
    ///   - cache: whether the store keeps it.
    ///   - change: a closure that changes the copy.
    /// - Returns: the closure's result.
    /// - Throws: the errors of `with`; `invalid` if `validate()` refuses the changed model.
    @available(*, noasync, message: "Await the async form, or call the one of state.blocking, also in main.swift.")
    @_disfavoredOverload
    @discardableResult
    public func update<Model: StateModel, Result>(
        _ model: Model.Type,
        cache: Bool = false,
        _ change: (inout Model) throws -> Result
    ) throws -> Result {
        let cell = try cell(of: model)
        return try with([cell]) { try $0.update(cell, cache: cache, change) }
    }

    /// Changes two models together, both or none.
    ///
    /// - Parameters:
    ///   - a: a loaded model.
    ///   - b: another one.
    ///   - cache: whether the store keeps them.
    ///   - change: a closure that changes the copies, which come in the order of the models.
    /// - Returns: the closure's result.
    /// - Throws: the errors of `with`; `invalid` if `validate()` refuses a changed model; `namedTwice` if both are the same
    ///   model.
    @available(*, noasync, message: "Await the async form, or call the one of state.blocking, also in main.swift.")
    @_disfavoredOverload
    @discardableResult
    public func update<A: StateModel, B: StateModel, Result>(
        _ a: A.Type,
        _ b: B.Type,
        cache: Bool = false,
        _ change: (inout A, inout B) throws -> Result
    ) throws -> Result {
        try with(cells(eachOnce: [a, b])) { try $0.update(a, b, cache: cache, change) }
    }

    /// Changes three models together, all or none.
    ///
    /// - Parameters:
    ///   - a: a loaded model.
    ///   - b: another one.
    ///   - c: a third one.
    ///   - cache: whether the store keeps them.
    ///   - change: a closure that changes the copies, which come in the order of the models.
    /// - Returns: the closure's result.
    /// - Throws: the errors for two models.
    @available(*, noasync, message: "Await the async form, or call the one of state.blocking, also in main.swift.")
    @_disfavoredOverload
    @discardableResult
    public func update<A: StateModel, B: StateModel, C: StateModel, Result>(
        _ a: A.Type,
        _ b: B.Type,
        _ c: C.Type,
        cache: Bool = false,
        _ change: (inout A, inout B, inout C) throws -> Result
    ) throws -> Result {
        try with(cells(eachOnce: [a, b, c])) { try $0.update(a, b, c, cache: cache, change) }
    }

    /// Changes four models together, all or none.
    ///
    /// - Parameters:
    ///   - a: a loaded model.
    ///   - b: another one.
    ///   - c: a third one.
    ///   - d: a fourth one.
    ///   - cache: whether the store keeps them.
    ///   - change: a closure that changes the copies, which come in the order of the models.
    /// - Returns: the closure's result.
    /// - Throws: the errors for two models.
    @available(*, noasync, message: "Await the async form, or call the one of state.blocking, also in main.swift.")
    @_disfavoredOverload
    @discardableResult
    public func update<A: StateModel, B: StateModel, C: StateModel, D: StateModel, Result>(
        _ a: A.Type,
        _ b: B.Type,
        _ c: C.Type,
        _ d: D.Type,
        cache: Bool = false,
        _ change: (inout A, inout B, inout C, inout D) throws -> Result
    ) throws -> Result {
        try with(cells(eachOnce: [a, b, c, d])) { try $0.update(a, b, c, d, cache: cache, change) }
    }

    /// Changes any number of models together, all or none.
    ///
    /// - Parameters:
    ///   - models: the loaded models.
    ///   - cache: whether the store keeps them.
    ///   - change: a closure that changes the copies, the elements of a tuple in the order of the models.
    /// - Returns: the closure's result.
    /// - Throws: the errors for two models.
    @available(*, noasync, message: "Await the async form, or call the one of state.blocking, also in main.swift.")
    @_disfavoredOverload
    @discardableResult
    public func update<each Model: StateModel, Result>(
        _ models: repeat (each Model).Type,
        cache: Bool = false,
        _ change: (inout (repeat each Model)) throws -> Result
    ) throws -> Result {
        var types: [any StateModel.Type] = []
        repeat types.append(each models)
        return try with(cells(eachOnce: types)) { context in
            try context.update(all: repeat each models, cache: cache, change)
        }
    }

    // MARK: Async

    /// Changes one model; no thread waits for the lock or the disk.
    ///
    /// - Parameters:
    ///   - model: a loaded model.
    ///   - cache: whether the store keeps it.
    ///   - wait: the maximum time to wait for the lock.
    ///   - change: a closure that changes the copy.
    /// - Returns: the closure's result.
    /// - Throws: the errors of the blocking form; `busy` if the lock was not free in time or too many contexts wait already;
    ///   `CancellationError` if the task is cancelled before it holds the lock.
    @discardableResult
    public func update<Model: StateModel, Result: Sendable>(
        _ model: Model.Type,
        cache: Bool = false,
        wait: Duration = .seconds(5),
        _ change: @escaping @Sendable (inout Model) throws -> Result
    ) async throws -> Result {
        let cell = try cell(of: model)
        return try await with([cell], wait: wait) { try $0.update(cell, cache: cache, change) }
    }

    /// Changes two models together, both or none; no thread waits for the locks or the disk.
    ///
    /// - Parameters:
    ///   - a: a loaded model.
    ///   - b: another one.
    ///   - cache: whether the store keeps them.
    ///   - wait: the maximum time to wait for the locks.
    ///   - change: a closure that changes the copies, which come in the order of the models.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error; ``StateError``: `notLoaded`, `namedTwice`, `invalid`, `nestedContext`, `busy` as for one
    ///   model, and the `store…` codes; `CancellationError` if the task is cancelled before it holds the locks.
    @discardableResult
    public func update<A: StateModel, B: StateModel, Result: Sendable>(
        _ a: A.Type,
        _ b: B.Type,
        cache: Bool = false,
        wait: Duration = .seconds(5),
        _ change: @escaping @Sendable (inout A, inout B) throws -> Result
    ) async throws -> Result {
        try await with(cells(eachOnce: [a, b]), wait: wait) { try $0.update(a, b, cache: cache, change) }
    }

    /// Changes three models together, all or none; no thread waits for the locks or the disk.
    ///
    /// - Parameters:
    ///   - a: a loaded model.
    ///   - b: another one.
    ///   - c: a third one.
    ///   - cache: whether the store keeps them.
    ///   - wait: the maximum time to wait for the locks.
    ///   - change: a closure that changes the copies, which come in the order of the models.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error; ``StateError``: `notLoaded`, `namedTwice`, `invalid`, `nestedContext`, `busy` as for one
    ///   model, and the `store…` codes; `CancellationError` if the task is cancelled before it holds the locks.
    @discardableResult
    public func update<A: StateModel, B: StateModel, C: StateModel, Result: Sendable>(
        _ a: A.Type,
        _ b: B.Type,
        _ c: C.Type,
        cache: Bool = false,
        wait: Duration = .seconds(5),
        _ change: @escaping @Sendable (inout A, inout B, inout C) throws -> Result
    ) async throws -> Result {
        try await with(cells(eachOnce: [a, b, c]), wait: wait) { try $0.update(a, b, c, cache: cache, change) }
    }

    /// Changes four models together, all or none; no thread waits for the locks or the disk.
    ///
    /// - Parameters:
    ///   - a: a loaded model.
    ///   - b: another one.
    ///   - c: a third one.
    ///   - d: a fourth one.
    ///   - cache: whether the store keeps them.
    ///   - wait: the maximum time to wait for the locks.
    ///   - change: a closure that changes the copies, which come in the order of the models.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error; ``StateError``: `notLoaded`, `namedTwice`, `invalid`, `nestedContext`, `busy` as for one
    ///   model, and the `store…` codes; `CancellationError` if the task is cancelled before it holds the locks.
    @discardableResult
    public func update<A: StateModel, B: StateModel, C: StateModel, D: StateModel, Result: Sendable>(
        _ a: A.Type,
        _ b: B.Type,
        _ c: C.Type,
        _ d: D.Type,
        cache: Bool = false,
        wait: Duration = .seconds(5),
        _ change: @escaping @Sendable (inout A, inout B, inout C, inout D) throws -> Result
    ) async throws -> Result {
        try await with(cells(eachOnce: [a, b, c, d]), wait: wait) { try $0.update(a, b, c, d, cache: cache, change) }
    }

    /// Changes any number of models together, all or none; no thread waits for the locks or the disk.
    ///
    /// - Parameters:
    ///   - models: the loaded models.
    ///   - cache: whether the store keeps them.
    ///   - wait: the maximum time to wait for the locks.
    ///   - change: a closure that changes the copies, the elements of a tuple in the order of the models.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error; ``StateError``: `notLoaded`, `namedTwice`, `invalid`, `nestedContext`, `busy` as for one
    ///   model, and the `store…` codes; `CancellationError` if the task is cancelled before it holds the locks.
    @discardableResult
    public func update<each Model: StateModel, Result: Sendable>(
        _ models: repeat (each Model).Type,
        cache: Bool = false,
        wait: Duration = .seconds(5),
        _ change: @escaping @Sendable (inout (repeat each Model)) throws -> Result
    ) async throws -> Result {
        var types: [any StateModel.Type] = []
        repeat types.append(each models)
        return try await with(cells(eachOnce: types), wait: wait) { context in
            try context.update(all: repeat each models, cache: cache, change)
        }
    }
}
