internal import Primitives

/// Models that a schema declares, by their names; they are otherwise as those that are Swift types.
extension State {
    /// Gives a copy of a declared model's published value, without waiting for whoever is in a context.
    ///
    /// - Parameter name: the model's name.
    /// - Returns: the copy, with its revision.
    /// - Throws: ``StateError`` with the code `notLoaded` when no declared model has the name.
    public func checkout(declared name: String) throws(StateError) -> Checkout<DeclaredModel> {
        let reading = TimedCheckout(of: try declaredCell(name))
        defer { reading.end() }
        return Checkout(of: reading.version)
    }

    /// Changes a declared model: checks it out, runs the closure on the copy and commits it.
    ///
    /// - Parameters:
    ///   - name: the model's name.
    ///   - cache: whether the store keeps it.
    ///   - change: what to change in the copy; read-only fields too, which are read-only for clients.
    /// - Returns: the closure's result.
    /// - Throws: as ``update(_:cache:_:)-(Model.Type,_,_)``; `invalid` when the schema refuses the changed document.
    @available(*, noasync, message: "Await the async form, or call the one of state.blocking, also in main.swift.")
    @_disfavoredOverload
    @discardableResult
    public func update<Result>(
        declared name: String,
        cache: Bool = false,
        _ change: (inout DeclaredModel) throws -> Result
    ) throws -> Result {
        let cell = try declaredCell(name)
        return try with([cell]) { try $0.update(cell, cache: cache, change) }
    }

    /// Changes a declared model; no thread waits for the lock or the disk.
    ///
    /// - Parameters:
    ///   - name: the model's name.
    ///   - cache: whether the store keeps it.
    ///   - wait: the maximum time to wait for the lock.
    ///   - change: a closure that changes the copy.
    /// - Returns: the closure's result.
    /// - Throws: the errors of the blocking form; `busy` if the lock was not free in time or too many contexts wait already;
    ///   `CancellationError` if the task is cancelled before it holds the lock.
    @discardableResult
    public func update<Result: Sendable>(
        declared name: String,
        cache: Bool = false,
        wait: Duration = .seconds(5),
        _ change: @escaping @Sendable (inout DeclaredModel) throws -> Result
    ) async throws -> Result {
        let cell = try declaredCell(name)
        return try await with([cell], wait: wait) { try $0.update(cell, cache: cache, change) }
    }

    /// Calls a closure with every change of a declared model, as for a model that is a type.
    ///
    /// - Parameters:
    ///   - name: the model's name.
    ///   - maxBuffered: the maximum number of changes that wait while the closure is busy; above it the oldest is skipped.
    ///   - action: a closure that gets each new value.
    /// - Returns: the subscription; it ends when the model is removed.
    /// - Throws: ``StateError``: `notLoaded`; `closed`; `busy` when the system has no thread to give.
    @discardableResult
    public func subscribe(
        declared name: String,
        maxBuffered: Int = 64,
        _ action: @escaping @Sendable (DeclaredModel) async throws -> Void
    ) throws(StateError) -> Subscription<DeclaredModel> {
        try subscribe(to: try declaredCell(name), maxBuffered: maxBuffered, action)
    }

    /// The changes of a declared model as a sequence that begins with the current value.
    ///
    /// - Parameters:
    ///   - name: the model's name.
    ///   - maxBuffered: how many changes wait while the loop is busy; beyond it the oldest is skipped.
    /// - Returns: the sequence; its loops end when the model is removed.
    public func changes(ofDeclared name: String, maxBuffered: Int = 64) -> ModelChanges<ModelChange<DeclaredModel>> {
        let source = changeSource(
            of: { (models) throws(StateError) in [try models.declaredCell(name)] },
            to: DeclaredModel.self,
            maxBuffered
        )
        return ModelChanges(source) { $0.change(0) }
    }

    private func declaredCell(_ name: String) throws(StateError) -> ModelCell {
        try models.withLock { (models) throws(StateError) in try models.declaredCell(name) }
    }
}

extension Models {
    fileprivate func declaredCell(_ name: String) throws(StateError) -> ModelCell {
        // `Dictionary` finds other spellings, too.
        if let cell = byName[name], cell.name.isSpelled(as: name), cell.modelType == DeclaredModel.self { return cell }
        throw StateError(
            .notLoaded,
            "\(name.quoted) is not a declared model. Declare it with a schema first; a model that is a type is named by the type.",
            model: name
        )
    }
}
