/// Changes of several models at once, for contexts without another purpose: a throw ends them, and nothing has changed.
extension Context {
    func update<A: StateModel, B: StateModel, Result>(
        _ a: A.Type,
        _ b: B.Type,
        cache: Bool,
        _ change: (inout A, inout B) throws -> Result
    ) throws -> Result {
        var (first, second) = (try checkout(a), try checkout(b))
        let result = try change(&first.model, &second.model)
        try commit(first, cache: cache)
        try commit(second, cache: cache)
        return result
    }

    func update<A: StateModel, B: StateModel, C: StateModel, Result>(
        _ a: A.Type,
        _ b: B.Type,
        _ c: C.Type,
        cache: Bool,
        _ change: (inout A, inout B, inout C) throws -> Result
    ) throws -> Result {
        var (first, second, third) = (try checkout(a), try checkout(b), try checkout(c))
        let result = try change(&first.model, &second.model, &third.model)
        try commit(first, cache: cache)
        try commit(second, cache: cache)
        try commit(third, cache: cache)
        return result
    }

    func update<A: StateModel, B: StateModel, C: StateModel, D: StateModel, Result>(
        _ a: A.Type,
        _ b: B.Type,
        _ c: C.Type,
        _ d: D.Type,
        cache: Bool,
        _ change: (inout A, inout B, inout C, inout D) throws -> Result
    ) throws -> Result {
        var (first, second) = (try checkout(a), try checkout(b))
        var (third, fourth) = (try checkout(c), try checkout(d))
        let result = try change(&first.model, &second.model, &third.model, &fourth.model)
        try commit(first, cache: cache)
        try commit(second, cache: cache)
        try commit(third, cache: cache)
        try commit(fourth, cache: cache)
        return result
    }

    func update<each Model: StateModel, Result>(
        all models: repeat (each Model).Type,
        cache: Bool,
        _ change: (inout (repeat each Model)) throws -> Result
    ) throws -> Result {
        let checkouts = (repeat try checkout(each models))
        var values = (repeat (each checkouts).model)
        let result = try change(&values)
        func commit<M>(_ checkout: Checkout<M>, _ value: M) throws {
            var checkout = checkout
            checkout.model = value
            try self.commit(checkout, cache: cache)
        }
        repeat try commit(each checkouts, each values)
        return result
    }

    /// Returns models to their defaults.
    func restoreDefaults(_ cells: [ModelCell]) throws {
        for cell in cells { try cell.prepare(.restoreDefaults, isCached: false)(try stagedModel(cell)) }
    }
}
