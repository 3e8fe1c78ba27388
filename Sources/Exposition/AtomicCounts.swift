internal import Synchronization

/// A fixed number of counts, each of which any thread may add 1 to.
final class AtomicCounts: @unchecked Sendable {
    // Sendable: pointer and length never change from `init` to `deinit`, and what lies behind the pointer is only
    // reached through atomic operations. It is a pointer since an `Atomic` cannot be moved into an `Array`.
    private let counts: UnsafeMutablePointer<Atomic<UInt64>>
    private let length: Int

    init(length: Int) {
        self.length = length
        counts = .allocate(capacity: length)
        for index in 0..<length {
            (counts + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        counts.deinitialize(count: length)
        counts.deallocate()
    }

    /// Adds 1 to a count.
    func increment(_ index: Int) {
        precondition(index >= 0 && index < length, "there is no count \(index) of \(length)")
        counts[index].wrappingAdd(1, ordering: .relaxed)
    }

    /// Reads every count once, in order; an addition meanwhile may be missed and is then in the next reading.
    func load() -> [UInt64] {
        (0..<length).map { counts[$0].load(ordering: .relaxed) }
    }
}
