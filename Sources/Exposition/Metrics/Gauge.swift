internal import Primitives
internal import Synchronization

extension Registry {
    /// A number that goes up and down: a temperature, a queue's length.
    ///
    /// You can use it from any thread, without locks. Every `Double` is a value, NaN and the infinities too.
    public final class Gauge: Sendable {
        private let number = Atomic<Double>(0)

        init() {}

        /// Replaces the value.
        ///
        /// - Parameter value: the new value.
        public func set(_ value: Double) {
            number.store(value, ordering: .relaxed)
        }

        /// Adds to the value.
        ///
        /// - Parameter amount: the amount to add.
        public func increment(by amount: Double = 1) {
            number.add(amount)
        }

        /// Subtracts from the value.
        ///
        /// - Parameter amount: the amount to subtract.
        public func decrement(by amount: Double = 1) {
            number.add(-amount)
        }

        /// Sets the value to the present time, in seconds since 1970: the time of the last success, for example.
        public func setToCurrentTime() { set(BootTime.system.secondsSince1970) }

        /// Adds 1 while some work is in progress, and takes it away again, even if the work throws.
        ///
        /// - Parameter work: the work.
        /// - Returns: its result.
        /// - Throws: the error of `work`.
        public func trackInProgress<Result: ~Copyable, Failure: Error>(
            _ work: () throws(Failure) -> Result
        ) throws(Failure) -> Result {
            increment()
            defer { decrement() }
            return try work()
        }

        /// Adds 1 while some work is in progress, and takes it away again, even if the work throws.
        ///
        /// - Parameter work: the work; it runs on the caller's actor, if any.
        /// - Returns: its result.
        /// - Throws: the error of `work`.
        public nonisolated(nonsending) func trackInProgress<Result, Failure: Error>(
            _ work: nonisolated(nonsending) () async throws(Failure) -> Result
        ) async throws(Failure) -> Result {
            increment()
            defer { decrement() }
            return try await work()
        }

        /// The value now, 0 at first.
        public var value: Double {
            number.load(ordering: .relaxed)
        }
    }
}
