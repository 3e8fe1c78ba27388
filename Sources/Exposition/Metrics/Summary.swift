internal import Primitives
internal import Synchronization

extension Registry {
    /// The count and the sum of observations, of latencies for example, without quantiles.
    ///
    /// You can use it from any thread, without locks. Count and sum are each exact, but a page may show an observation in
    /// one that is not yet in the other.
    public final class Summary: Sendable {
        private let observations = Atomic<UInt64>(0)
        private let total = Atomic<Double>(0)

        init() {}

        /// Records how long something took, in seconds.
        ///
        /// - Parameter duration: the time it took.
        public func observe(_ duration: Duration) {
            observe(duration.inSeconds)
        }

        /// Records an observation.
        ///
        /// An infinite value or NaN is ignored, because the sum could never recover from it.
        ///
        /// - Parameter value: the observed value, in the metric's unit.
        public func observe(_ value: Double) {
            guard value.isFinite else { return }
            total.add(value)
            observations.wrappingAdd(1, ordering: .relaxed)
        }

        /// Records how long some work takes, in seconds, even if it throws.
        ///
        /// - Parameter work: the work.
        /// - Returns: its result.
        /// - Throws: the error of `work`.
        public func time<Result: ~Copyable, Failure: Error>(
            _ work: () throws(Failure) -> Result
        ) throws(Failure) -> Result {
            let stopwatch = Stopwatch()
            defer { observe(stopwatch.seconds) }
            return try work()
        }

        /// Records how long some work takes, in seconds, with the time that it waits, even if it throws.
        ///
        /// - Parameter work: the work; it runs on the caller's actor, if any.
        /// - Returns: its result.
        /// - Throws: the error of `work`.
        public nonisolated(nonsending) func time<Result, Failure: Error>(
            _ work: nonisolated(nonsending) () async throws(Failure) -> Result
        ) async throws(Failure) -> Result {
            let stopwatch = Stopwatch()
            defer { observe(stopwatch.seconds) }
            return try await work()
        }

        /// The number of observations so far.
        public var count: UInt64 {
            observations.load(ordering: .relaxed)
        }

        /// The sum of all observations so far, in the metric's unit.
        public var sum: Double {
            total.load(ordering: .relaxed)
        }
    }
}
