internal import Primitives

/// Opens a store and reads it, without waiting for ever for a disk that does not answer.
enum StoreOpening {
    /// Opens what a cache names.
    ///
    /// - Parameters:
    ///   - cache: where the state is kept.
    ///   - limits: how long to wait.
    /// - Returns: the store, if there is one, and its content.
    /// - Throws: ``StateError`` with a `store…` code.
    static func open(
        _ cache: State.Cache,
        within limits: EngineLimits
    ) throws(StateError) -> (store: (any StateStore)?, content: StoredState) {
        let open: @Sendable () throws -> any StateStore
        switch cache {
        case .none: return (nil, StoredState(documents: [], numbersReserved: 0))
        case .directory(let path, let options):
            open = {
                try SQLiteStore(
                    directory: path,
                    options: options,
                    lockWait: limits.storeLockWait,
                    numbersReserved: limits.numbersReserved
                )
            }
        case .store(let store):
            open = {
                try OpenStores.claim(store)
                return store
            }
        }
        let outcome = Monitor<Outcome>(.open)
        let deadline = limits.clock.now + limits.storeWait
        do {
            let sequence = IDSequence.current
            _ = try WorkerThread {
                // A new store gets its incarnation there.
                let result = IDSequence.$current.withValue(sequence) {
                    Result { () throws(StateError) in try content(of: open) }
                }
                let isWanted = outcome.withLock { outcome in
                    if case .abandoned = outcome { return false }
                    outcome = .ended(result)
                    return true
                }
                outcome.notifyAll()
                // Nobody waits any more, but the directory must be free for who tries again.
                if !isWanted, case .success(let (store, _)) = result { OpenStores.close(store, numbersUsed: nil) }
            }
        } catch {
            throw StateError(.busy, "The store cannot be opened: \(error). Try again later.", underlying: error)
        }
        let ended: Result<(any StateStore, StoredState), StateError>? =
            limits.clock.wait(for: outcome, until: deadline) { outcome in
                if case .ended(let result) = outcome { result } else { nil }
            }
        if let ended { return try ended.get() }
        let late: Result<(any StateStore, StoredState), StateError>? = outcome.withLock { outcome in
            if case .ended(let result) = outcome { return result }
            outcome = .abandoned
            return nil
        }
        return try (late ?? .failure(.notResponding(for: limits.storeWait))).get()
    }

    private enum Outcome {
        case open, abandoned
        case ended(Result<(any StateStore, StoredState), StateError>)
    }

    private static func content(
        of open: () throws -> any StateStore
    ) throws(StateError) -> (any StateStore, StoredState) {
        do {
            let store = try open()
            do {
                return (store, try store.load())
            } catch {
                OpenStores.close(store, numbersUsed: nil)
                throw error
            }
        } catch {
            throw StateError(wrapping: error)
        }
    }
}
