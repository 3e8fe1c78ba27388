import Glibc
import Myosin

/// A store whose every write takes some time longer, as on a slow disk.
final class SlowStore: StateStore {
    private let store: SQLiteStore
    private let delay: Duration

    init(_ store: SQLiteStore, delay: Duration) { (self.store, self.delay) = (store, delay) }

    func load() throws -> StoredState { try store.load() }

    func commit(_ batch: StoreBatch) throws {
        usleep(UInt32(delay / .microseconds(1)))
        try store.commit(batch)
    }

    func close(numbersUsed: UInt64?) { store.close(numbersUsed: numbersUsed) }
}
