internal import Primitives
internal import Synchronization

extension Registry {
    /// Observations counted by size, with their sum.
    ///
    /// You can use it from any thread, without locks. On a page the buckets are cumulative. The `+Inf` bucket always equals the
    /// count, because the count is the sum of the same bucket counts. The sum may be ahead of them by observations that are being
    /// recorded at that moment.
    public final class Histogram: Sendable {
        /// The upper bounds of buckets that suit most latencies, in seconds, from 5 ms to 10 s.
        ///
        /// They are the defaults of the official Prometheus client libraries (`DefBuckets` of the Go client).
        public static let secondsBuckets: [Double] = [
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ]

        /// The maximum number of upper bounds of a histogram, apart from `+Inf`.
        public static let maxBuckets = 200

        private let upperBounds: [Double]
        // Not cumulative: an observation is one addition. The last count is that of the observations above every bound.
        private let counts: AtomicCounts
        private let total = Atomic<Double>(0)
        let exemplars: ExemplarStore

        init(upperBounds: [Double], _ use: ExemplarUse) {
            exemplars = ExemplarStore(use)
            self.upperBounds = upperBounds
            counts = AtomicCounts(length: upperBounds.count + 1)
        }

        /// Records how long something took, in seconds.
        ///
        /// - Parameter duration: the time it took.
        public func observe(_ duration: Duration) {
            observe(duration.inSeconds)
        }

        /// Records an observation.
        ///
        /// It is counted in each bucket with an upper bound not below it. An infinite value or NaN is ignored, because the sum
        /// could never recover from it.
        ///
        /// - Parameter value: the observed value, in the metric's unit.
        public func observe(_ value: Double) {
            guard value.isFinite else { return }
            total.add(value)
            counts.increment(bucket(of: value))
        }

        /// Records an observation with an exemplar, the trace of a request for example.
        ///
        /// - Parameters:
        ///   - value: the observed value, in the metric's unit; ignored if it is infinite or NaN.
        ///   - exemplar: the labels of the example, shown with the bucket of the observation.
        public func observe(_ value: Double, exemplar: Exemplar) {
            guard value.isFinite else { return }
            observe(value)
            exemplars.set(exemplar, value: value, at: bucket(of: value), of: upperBounds.count + 1)
        }

        /// Records a duration in seconds with an exemplar, the trace of a request for example.
        ///
        /// - Parameters:
        ///   - duration: the time it took.
        ///   - exemplar: the labels of the example, shown with the bucket of the observation.
        public func observe(_ duration: Duration, exemplar: Exemplar) {
            observe(duration.inSeconds, exemplar: exemplar)
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

        private func bucket(of value: Double) -> Int { upperBounds.firstIndex { value <= $0 } ?? upperBounds.count }

        /// The number of observations so far.
        public var count: UInt64 {
            counts.load().reduce(0, &+)
        }

        /// The sum of all observations so far, in the metric's unit.
        public var sum: Double {
            total.load(ordering: .relaxed)
        }

        /// The number of observations in each bucket, in ascending order with `+Inf` last, not cumulative.
        var bucketCounts: [UInt64] {
            counts.load()
        }

        /// The upper bounds that a histogram keeps: the given ones without a final `+Inf`, which every histogram has.
        ///
        /// - Throws: `invalidBuckets`.
        static func checkedBounds(_ bounds: [Double], family: String) throws(MetricError) -> [Double] {
            let finite = bounds.last == .infinity ? bounds.dropLast() : bounds[...]
            let ascending = zip(finite, finite.dropFirst()).allSatisfy { $0 < $1 }
            guard ascending, finite.allSatisfy(\.isFinite) else {
                throw MetricError(
                    code: .invalidBuckets,
                    family: family,
                    message: "the buckets of \(family) must be finite numbers, each above the one before it"
                )
            }
            guard finite.count <= maxBuckets else {
                throw MetricError(
                    code: .invalidBuckets,
                    family: family,
                    message: "\(family) has \(finite.count) buckets: use at most \(maxBuckets)"
                )
            }
            return Array(finite)
        }
    }
}
