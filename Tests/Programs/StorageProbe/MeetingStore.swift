internal import Glibc
internal import Myosin
internal import Primitives
internal import TestSupport

/// The default store, which keeps a write until all who are to commit have done so: what they commit meanwhile must share the next one.
final class MeetingStore: StateStore {
    private struct Meeting {
        /// Whether all are there.
        var isComplete: @Sendable () -> Bool = { true }
        /// Whether a write was kept.
        var hasWrite = false
        /// Whether they have not met in time.
        var hasFailed = false
    }

    private let store: SQLiteStore
    private let meeting = Monitor(Meeting())

    /// Makes one of a store that nothing else uses.
    init(_ store: SQLiteStore) { self.store = store }

    /// Keeps each write from now on until a condition holds.
    ///
    /// Should it once not hold within ``patience``, no write is kept any more, and nothing is shared.
    func keepWrites(until isComplete: @escaping @Sendable () -> Bool) {
        meeting.withLock { if !$0.hasFailed { $0 = Meeting(isComplete: isComplete) } }
    }

    /// Waits until a write is kept.
    func waitForWrite() { _ = meeting.wait(upTo: patience) { $0.hasWrite ? true : nil } }

    func load() throws -> StoredState { try store.load() }

    func commit(_ batch: StoreBatch) throws {
        let isComplete = meeting.withLock { $0.isComplete }
        if !isComplete() {
            meeting.withLock { $0.hasWrite = true }
            meeting.notifyAll()
        }
        let end = SuspendingClock.now + patience
        while !isComplete() {
            guard SuspendingClock.now < end else {
                meeting.withLock { $0 = Meeting(hasWrite: true, hasFailed: true) }
                break
            }
            usleep(2_000)
        }
        try store.commit(batch)
    }

    func close(numbersUsed: UInt64?) { store.close(numbersUsed: numbersUsed) }
}
