internal import Synchronization

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
