internal import Locking

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
        let nothing = StoredState(documents: [], numbersReserved: 0)
        if case .none = cache { return (nil, nothing) }
        let outcome = Monitor<Outcome>(.open)
        do {
            _ = try WorkerThread {
                let result = Result { () throws(StateError) in try open(cache, limits) }
                let isWanted = outcome.withLock { outcome in
                    if case .abandoned = outcome { return false }
                    outcome = .ended(result)
                    return true
                }
                outcome.notifyAll()
                // Nobody waits any more, but the directory must be free for who tries again.
                if !isWanted, case .success(let (store, _)) = result { store.close(numbersUsed: nil) }
            }
        } catch {
            throw StateError(.busy, "The store cannot be opened: \(error). Try again later.", underlying: error)
        }
        let ended: Result<(any StateStore, StoredState), StateError>? = outcome.wait(upTo: limits.storeWait) {
            outcome in
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

    private static func open(_ cache: State.Cache, _ limits: EngineLimits) throws(StateError) -> (
        any StateStore, StoredState
    ) {
        do {
            let store: any StateStore =
                switch cache {
                case .none: throw StateError.noCache("")
                case .directory(let path): try SQLiteStore(directory: path, lockWait: limits.storeLockWait)
                case .store(let store): store
                }
            do {
                return (store, try store.load())
            } catch {
                store.close(numbersUsed: nil)
                throw error
            }
        } catch {
            throw StateError(wrapping: error)
        }
    }
}
