internal import Exposition

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
    /// - Throws: ``StateError`` with the code `conflict` when the model has moved on since the checkout, which includes
    ///   a commit of another checkout in this context; `invalid` when `validate()` refuses it or JSON cannot tell it;
    ///   `noCache`, `notInContext` or `contextEnded`. What was committed before stays, and the context may go on.
    public func commit<Model: StateModel>(_ checkout: Checkout<Model>, cache: Bool = false) throws(StateError) {
        let staged = try stagedModel(of: Model.self)
        try staged.timeCommit { () throws(StateError) in
            if cache && !hasStore { throw .noCache(Model.modelName) }
            try staged.checkIn(checkout, isCached: cache)
        }
    }

    /// Changes a model that the context was opened with, in one go.
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
        let call = (names + [Model.modelName]).map { $0 + ".self" }.joined(separator: ", ")
        throw StateError(
            .notInContext,
            "\(Model.modelName) is not in this context, which holds \(names.joined(separator: ", ")). Name it too: "
                + "state.with(\(call)) { … }.",
            model: Model.modelName
        )
    }

    func end() { hasEnded = true }
}
