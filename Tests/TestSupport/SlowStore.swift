internal import Glibc
package import Myosin
internal import Synchronization

/// The default store, which counts its flushes and takes some time longer for each, as on a slow disk.
package final class SlowStore: StateStore {
    private let store: SQLiteStore
    private let delay: Duration
    private let count = Atomic(0)

    /// Makes one of a store that nobody else uses.
    package init(_ store: SQLiteStore, delay: Duration) { (self.store, self.delay) = (store, delay) }

    /// How many there were; a batch is one.
    package var flushes: Int { count.load(ordering: .relaxed) }

    package func load() throws -> StoredState { try store.load() }

    package func commit(_ batch: StoreBatch) throws {
        if delay > .zero { usleep(UInt32(delay / .microseconds(1))) }
        try store.commit(batch)
        count.wrappingAdd(1, ordering: .relaxed)
    }

    package func close(numbersUsed: UInt64?) { store.close(numbersUsed: numbersUsed) }
}
