internal import Primitives

/// Writes to the store outside contexts: numbers, and the documents of models that are loaded.
extension CommitQueue {
    /// Takes the revision of a model's first value, or that of its removal.
    ///
    /// - Throws: ``StateError`` if no number is left and the store does not reserve more.
    func takeRevision() throws(StateError) -> UInt64 {
        let taken: Result<UInt64, StateError>? = state.wait { state in
            if state.isClosing { return .failure(.closedError) }
            let isNumberLeft = state.numbersUsed < state.numbersReserved
            if !isNumberLeft, let error = state.refusal ?? state.storeError { return .failure(error) }
            reserveAhead(&state)
            if !isNumberLeft { return nil }
            state.lastRevision += 1
            return .success(state.lastRevision)
        }
        return try (taken ?? .failure(.closedError)).get()
    }

    /// Writes a batch that belongs to no context, between two others, and waits for it.
    ///
    /// - Throws: ``StateError`` if it could not be written.
    func write(_ batch: StoreBatch) throws(StateError) {
        if !hasStore { return }
        let completion = CommitCompletion()
        try state.withLock { (state) throws(StateError) in
            if state.isClosing { throw .closedError }
            if let refusal = state.refusal { throw refusal }
            state.writes.append((batch, completion))
        }
        state.notifyAll()
        try completion.wait()
    }

    /// Makes the store reserve numbers before the last ones are used; the lock is held.
    func reserveAhead(_ state: inout CommitState) {
        if hasStore, !state.isReserving, state.numbersUsed + limits.numbersReserved / 2 > state.numbersReserved {
            state.isReserving = true
            self.state.notifyAll()
        }
    }
}
