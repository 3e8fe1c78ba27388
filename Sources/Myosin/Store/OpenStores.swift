internal import Primitives

/// The stores that states of this process have open: each belongs to one state, because its calls are made one at a time.
enum OpenStores {
    // Held, so that another store does not get the address of one.
    private static let stores = Lock<[ObjectIdentifier: any StateStore]>([:])

    /// Takes a store for a state.
    ///
    /// - Throws: ``StateError`` with the code `storeInUse` when another state has it.
    static func claim(_ store: any StateStore) throws(StateError) {
        let isFree = stores.withLock { stores in
            if stores[ObjectIdentifier(store)] != nil { return false }
            stores[ObjectIdentifier(store)] = store
            return true
        }
        if !isFree { throw .openInThisProcess("The store") }
    }

    /// Closes a store and lets another state have it.
    static func close(_ store: any StateStore, numbersUsed: UInt64?) {
        store.close(numbersUsed: numbersUsed)
        let closed = stores.withLock { $0.removeValue(forKey: ObjectIdentifier(store)) }
        // Its last reference may go here, where no lock is held.
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
