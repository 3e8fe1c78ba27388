extension State {
    /// The blocking forms of `with`, `update` and `reset`, for async functions that must block.
    ///
    /// Examples are a test, `main.swift`, and an actor with state that the closure captures. The thread sleeps until the locks
    /// are free and the disk has the commit. Swift has about as many threads for tasks as there are processors, so a server
    /// that blocks them stands still.
    public var blocking: Blocking { Blocking(state: self) }

    /// The blocking calls of a state, under their plain names.
    public struct Blocking: Sendable {
        let state: State

        /// Runs a closure that holds the locks of models, and applies all of its commits or none.
        ///
        /// - Parameters:
        ///   - models: the loaded models to hold.
        ///   - body: a closure; synchronous and short, because other contexts on these models wait.
        /// - Returns: the closure's result.
        /// - Throws: the errors of the method of ``State`` with this name.
        @discardableResult
        public func with<Result>(
            _ models: any StateModel.Type...,
            perform body: (Context) throws -> Result
        ) throws -> Result {
            try state.with(models, perform: body)
        }

        /// Runs a closure that holds the locks of the models of an array.
        ///
        /// - Parameters:
        ///   - models: the loaded models to hold.
        ///   - body: a closure; synchronous and short, because other contexts on these models wait.
        /// - Returns: the closure's result.
        /// - Throws: the errors of the method of ``State`` with this name.
        @discardableResult
        public func with<Result>(
            _ models: [any StateModel.Type],
            perform body: (Context) throws -> Result
        ) throws -> Result {
            try state.with(models, perform: body)
        }

        /// Changes one model.
        ///
        /// - Parameters:
        ///   - model: a loaded model.
        ///   - cache: whether the store keeps it.
        ///   - change: a closure that changes the copy.
        /// - Returns: the closure's result.
        /// - Throws: the errors of the method of ``State`` with this name.
        @discardableResult
        public func update<Model: StateModel, Result>(
            _ model: Model.Type,
            cache: Bool = false,
            _ change: (inout Model) throws -> Result
        ) throws -> Result {
            try state.update(model, cache: cache, change)
        }

        /// Changes two models together, both or none.
        ///
        /// - Parameters:
        ///   - a: a loaded model.
        ///   - b: another one.
        ///   - cache: whether the store keeps them.
        ///   - change: a closure that changes the copies, which come in the order of the models.
        /// - Returns: the closure's result.
        /// - Throws: the errors of the method of ``State`` with this name.
        @discardableResult
        public func update<A: StateModel, B: StateModel, Result>(
            _ a: A.Type,
            _ b: B.Type,
            cache: Bool = false,
            _ change: (inout A, inout B) throws -> Result
        ) throws -> Result {
            try state.update(a, b, cache: cache, change)
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
        /// - Throws: the errors of the method of ``State`` with this name.
        @discardableResult
        public func update<A: StateModel, B: StateModel, C: StateModel, Result>(
            _ a: A.Type,
            _ b: B.Type,
            _ c: C.Type,
            cache: Bool = false,
            _ change: (inout A, inout B, inout C) throws -> Result
        ) throws -> Result {
            try state.update(a, b, c, cache: cache, change)
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
        /// - Throws: the errors of the method of ``State`` with this name.
        @discardableResult
        public func update<A: StateModel, B: StateModel, C: StateModel, D: StateModel, Result>(
            _ a: A.Type,
            _ b: B.Type,
            _ c: C.Type,
            _ d: D.Type,
            cache: Bool = false,
            _ change: (inout A, inout B, inout C, inout D) throws -> Result
        ) throws -> Result {
            try state.update(a, b, c, d, cache: cache, change)
        }

        /// Changes any number of models together, all or none.
        ///
        /// - Parameters:
        ///   - models: the loaded models.
        ///   - cache: whether the store keeps them.
        ///   - change: a closure that changes the copies, the elements of a tuple in the order of the models.
        /// - Returns: the closure's result.
        /// - Throws: the errors of the method of ``State`` with this name.
        @discardableResult
        public func update<each Model: StateModel, Result>(
            _ models: repeat (each Model).Type,
            cache: Bool = false,
            _ change: (inout (repeat each Model)) throws -> Result
        ) throws -> Result {
            try state.update(repeat each models, cache: cache, change)
        }

        /// Changes a declared model.
        ///
        /// - Parameters:
        ///   - name: the name of the model.
        ///   - cache: whether the store keeps it.
        ///   - change: a closure that changes the copy.
        /// - Returns: the closure's result.
        /// - Throws: the errors of the method of ``State`` with this name.
        @discardableResult
        public func update<Result>(
            declared name: String,
            cache: Bool = false,
            _ change: (inout DeclaredModel) throws -> Result
        ) throws -> Result {
            try state.update(declared: name, cache: cache, change)
        }

        /// Returns every model to its defaults and clears the store.
        ///
        /// - Throws: the errors of the method of ``State`` with this name.
        public func reset() throws { try state.reset() }
    }
}
