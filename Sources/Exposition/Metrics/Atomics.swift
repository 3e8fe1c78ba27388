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

extension Atomic where Value == Double {
    /// Adds to the number; concurrent additions are all counted.
    ///
    /// Relaxed: the number guards no other memory, and a compare-and-exchange on one location loses no addition under
    /// any ordering, since it stores only over the very bits that the sum was made from.
    func add(_ amount: Double) {
        var old = load(ordering: .relaxed)
        while true {
            // Bits are compared, not numbers: a NaN ends the loop too, and 0 is not mistaken for -0.
            let (exchanged, current) = weakCompareExchange(expected: old, desired: old + amount, ordering: .relaxed)
            if exchanged { return }
            old = current
        }
    }
}
