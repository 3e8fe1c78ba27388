internal import Glibc
internal import Myosin
internal import Synchronization

/// The default store, which counts its flushes and can be as slow as a slow disk.
final class CountingStore: StateStore {
    private let store: SQLiteStore
    private let delayMicroseconds: UInt32
    private let count = Atomic(0)

    init(_ store: SQLiteStore, delayMicroseconds: UInt32) {
        (self.store, self.delayMicroseconds) = (store, delayMicroseconds)
    }

    /// How many there were; a batch is one.
    var flushes: Int { count.load(ordering: .relaxed) }

    func load() throws -> StoredState { try store.load() }

    func commit(_ batch: StoreBatch) throws {
        if delayMicroseconds > 0 { usleep(delayMicroseconds) }
        try store.commit(batch)
        count.wrappingAdd(1, ordering: .relaxed)
    }

    func watch(_ onChange: @escaping @Sendable ([StoredDocument]) -> Void) { store.watch(onChange) }

    func close(numbersUsed: UInt64?) { store.close(numbersUsed: numbersUsed) }
}
