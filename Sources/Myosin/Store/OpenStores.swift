internal import Primitives

/// The open stores of this process; each belongs to one state, because its calls are made one at a time.
enum OpenStores {
    // Retained, so that no other store gets the address of one.
    private static let stores = Lock<[ObjectIdentifier: any StateStore]>([:])

    /// Takes a store for a state.
    ///
    /// - Throws: ``StateError`` with the code `storeInUse` if another state has it.
    static func claim(_ store: any StateStore) throws(StateError) {
        let isFree = stores.withLock { stores in
            if stores[ObjectIdentifier(store)] != nil { return false }
            stores[ObjectIdentifier(store)] = store
            return true
        }
        if !isFree { throw .openInThisProcess("The store") }
    }

    /// Closes a store and releases it for another state.
    static func close(_ store: any StateStore, numbersUsed: UInt64?) {
        store.close(numbersUsed: numbersUsed)
        let closed = stores.withLock { $0.removeValue(forKey: ObjectIdentifier(store)) }
        // The last reference may be released here, where no lock is held.
        withExtendedLifetime(closed) {}
    }
}

extension StateError {
    /// Refuses a second state of one process.
    ///
    /// - Parameter subject: the store or directory.
    /// - Returns: the error.
    static func openInThisProcess(_ subject: String) -> StateError {
        StateError(
            .storeInUse,
            "\(subject) is open in another State of this process already. Share that state, as State.shared or by passing it on, "
                + "or close it first."
        )
    }
}
