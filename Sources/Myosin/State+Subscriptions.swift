internal import Primitives

/// Subscriptions to models, with closures or with loops over asynchronous sequences.
extension State {
    /// Calls a closure with each change of a model, one after the other and in order, in a separate task.
    ///
    /// The closure gets copies, runs outside all locks and may commit. It runs on threads of the engine, up to 64 per
    /// process, so a closure that blocks its thread delays neither committers nor other subscribers. A thrown error is
    /// counted in `myosin_cb_exc_count` and logged, and the subscription continues.
    ///
    /// - Parameters:
    ///   - model: a loaded model.
    ///   - maxBuffered: the maximum number of changes that wait while the closure is busy; above it the oldest is skipped.
    ///   - action: a closure that gets each new value.
    /// - Returns: the subscription, for cancelling it; it continues even if you do not keep the value.
    /// - Throws: ``StateError``: `notLoaded`; `closed`; `busy` if the system provides no thread.
    @discardableResult
    public func subscribe<Model: StateModel>(
        _ model: Model.Type,
        maxBuffered: Int = 64,
        _ action: @escaping @Sendable (Model) async throws -> Void
    ) throws(StateError) -> Subscription<Model> {
        try subscribe(to: try cell(of: model), maxBuffered: maxBuffered, action)
    }

    /// The changes of a model as a sequence that begins with the current value.
    ///
    /// - Parameters:
    ///   - model: a loaded model.
    ///   - maxBuffered: the maximum number of changes that wait while a loop is busy; above it the oldest is skipped.
    /// - Returns: the sequence, for any number of loops.
    public func changes<Model: StateModel>(
        of model: Model.Type,
        maxBuffered: Int = 64
    ) -> ModelChanges<ModelChange<Model>> {
        ModelChanges(changeSource(of: model, maxBuffered)) { $0.change(0) }
    }

    /// The changes of two models together, the current values first; each element shows both at one moment.
    ///
    /// Changes that one context commits are in one element: `for await (tank, pump) in state.changes(of: Tank.self, Pump.self)`.
    ///
    /// - Parameters:
    ///   - a: a loaded model.
    ///   - b: another one.
    ///   - maxBuffered: the maximum number of moments that wait while a loop is busy; above it the oldest is skipped.
    /// - Returns: the sequence, for any number of loops.
    public func changes<A: StateModel, B: StateModel>(
        of a: A.Type,
        _ b: B.Type,
        maxBuffered: Int = 64
    ) -> ModelChanges<(ModelChange<A>, ModelChange<B>)> {
        ModelChanges(changeSource(of: [a, b], maxBuffered)) { delivery in
            (delivery.change(0), delivery.change(1))
        }
    }

    /// The changes of three models together, the current values first; each element shows all at one moment.
    ///
    /// - Parameters:
    ///   - a: a loaded model.
    ///   - b: another one.
    ///   - c: a third one.
    ///   - maxBuffered: the maximum number of moments that wait while a loop is busy; above it the oldest is skipped.
    /// - Returns: the sequence, for any number of loops.
    public func changes<A: StateModel, B: StateModel, C: StateModel>(
        of a: A.Type,
        _ b: B.Type,
        _ c: C.Type,
        maxBuffered: Int = 64
    ) -> ModelChanges<(ModelChange<A>, ModelChange<B>, ModelChange<C>)> {
        ModelChanges(changeSource(of: [a, b, c], maxBuffered)) { delivery in
            (delivery.change(0), delivery.change(1), delivery.change(2))
        }
    }

    /// The changes of four models together, the current values first; each element shows all at one moment.
    ///
    /// - Parameters:
    ///   - a: a loaded model.
    ///   - b: another one.
    ///   - c: a third one.
    ///   - d: a fourth one.
    ///   - maxBuffered: the maximum number of moments that wait while a loop is busy; above it the oldest is skipped.
    /// - Returns: the sequence, for any number of loops.
    public func changes<A: StateModel, B: StateModel, C: StateModel, D: StateModel>(
        of a: A.Type,
        _ b: B.Type,
        _ c: C.Type,
        _ d: D.Type,
        maxBuffered: Int = 64
    ) -> ModelChanges<(ModelChange<A>, ModelChange<B>, ModelChange<C>, ModelChange<D>)> {
        ModelChanges(changeSource(of: [a, b, c, d], maxBuffered)) { delivery in
            (delivery.change(0), delivery.change(1), delivery.change(2), delivery.change(3))
        }
    }

    /// The values of a field as a sequence that begins with the current one and has none twice in a row.
    ///
    /// - Parameters:
    ///   - path: the field, of a loaded model: `\Tank.litres`.
    ///   - maxBuffered: the maximum number of changes of the model that wait while a loop is busy; above it the oldest is
    ///     skipped.
    /// - Returns: the sequence, for any number of loops.
    public func values<Model: StateModel, Value: Equatable & Sendable>(
        of path: any KeyPath<Model, Value> & Sendable,
        maxBuffered: Int = 64
    ) -> ModelValues<Value> {
        let changes = ModelChanges(changeSource(of: Model.self, maxBuffered)) { delivery in
            delivery.moment.first.typed(as: Model.self).model[keyPath: path]
        }
        return ModelValues(changes)
    }

    // MARK: The sources of loops

    private func changeSource<Model: StateModel>(of model: Model.Type, _ maxBuffered: Int) -> ChangeSource {
        changeSource(of: { (models) throws(StateError) in [try models.cell(of: model)] }, to: model, maxBuffered)
    }

    private func changeSource(of types: [any StateModel.Type], _ maxBuffered: Int) -> ChangeSource {
        ChangeSource(commits: commits, logger: logger) { [models] () throws(StateError) in
            try models.withLock { (models) throws(StateError) in
                var cells: [ModelCell] = []
                for type in types { cells.append(try models.cell(of: type)) }
                return cells
            }
        } subscribe: { [commits] (cells) throws(StateError) in
            try commits.subscribe(to: cells, maxBuffered: maxBuffered)
        }
    }

    /// The source of loops over one model.
    func changeSource<Model: StateModel>(
        of find: @escaping @Sendable (Models) throws(StateError) -> [ModelCell],
        to model: Model.Type,
        _ maxBuffered: Int
    ) -> ChangeSource {
        ChangeSource(commits: commits, logger: logger) { [models] () throws(StateError) in
            try models.withLock { (models) throws(StateError) in try find(models) }
        } subscribe: { [commits] (cells) throws(StateError) in
            guard let cell = cells.first else { throw .notLoaded(Model.modelName) }
            let subscription: Subscription<Model> = try commits.subscribe(
                to: cell,
                maxBuffered: maxBuffered,
                startsWithCurrent: true
            )
            return subscription
        }
    }
}
