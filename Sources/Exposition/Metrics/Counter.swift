internal import Synchronization

extension Registry {
    /// A number that only grows: of events, of bytes, of seconds spent.
    ///
    /// You can use it from any thread, without locks. On a page its name ends in `_total`.
    public final class Counter: Sendable {
        // The value is the sum of the two, so that counting events is one addition instead of a loop. Both only grow and
        // each is read once, so a later reading by the same thread is never below an earlier one.
        private let whole = Atomic<UInt64>(0)
        private let rest = Atomic<Double>(0)
        let exemplars: ExemplarStore

        // Whole amounts above this go to `rest`. 2^48 increments of this amount, 16 days at one in 5 ns, would wrap `whole`.
        private static let maxWholeAmount = 65_536.0

        init(_ use: ExemplarUse) { exemplars = ExemplarStore(use) }

        /// Adds an amount.
        ///
        /// An amount that is negative, infinite or not a number is ignored: a counter never falls, and it could never
        /// recover from the other two.
        ///
        /// - Parameter amount: the amount to add, finite and at least 0.
        public func increment(by amount: Double = 1) {
            guard amount >= 0, amount.isFinite else { return }
            if amount <= Self.maxWholeAmount, amount.rounded(.towardZero) == amount {
                whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
            } else {
                rest.add(amount)
            }
        }

        /// Adds an amount with an exemplar, the trace of a request for example.
        ///
        /// - Parameters:
        ///   - amount: the amount to add, finite and at least 0.
        ///   - exemplar: the labels of the example.
        public func increment(by amount: Double = 1, exemplar: Exemplar) {
            guard amount >= 0, amount.isFinite else { return }
            increment(by: amount)
            exemplars.set(exemplar, value: amount, at: 0, of: 1)
        }

        /// Begins at 0 again, as after a restart of the process; an amount that is added meanwhile may be lost.
        package func reset() {
            whole.store(0, ordering: .relaxed)
            rest.store(0, ordering: .relaxed)
        }

        /// The sum of all amounts so far.
        public var value: Double {
            Double(whole.load(ordering: .relaxed)) + rest.load(ordering: .relaxed)
        }
    }
}
