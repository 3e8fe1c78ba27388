internal import Exposition

/// The series of one model.
struct ModelMetrics: Sendable {
    let callbackExceptions: Counter
    let checkout: Latency
    let commit: Latency
    let cache: Latency
    let lockWait: Histogram
    let contextHold: Histogram
    let waitingContexts: Gauge
    let subscriptions: Gauge
    let revision: Gauge
    let missedChanges: Counter
    let commitConflicts: Counter
    let commitFailures: @Sendable (StateError.Code) -> Counter

    /// Notes that a context has begun to wait for the model's lock.
    ///
    /// - Returns: since when, for ``endWaiting(since:)``.
    func beginWaiting() -> SuspendingClock.Instant {
        waitingContexts.increment()
        return .now
    }

    /// Notes that a context has got the model's lock, or given up.
    func endWaiting(since start: SuspendingClock.Instant) {
        waitingContexts.decrement()
        lockWait.observe(.now - start)
    }

    /// Counts a commit of the model that did not take effect.
    func countFailure(_ error: StateError) {
        let counter = error.code == .conflict ? commitConflicts : commitFailures(error.code)
        counter.increment()
    }
}

/// How long something takes: the seed's summary, and the distribution.
struct Latency: Sendable {
    let summary: Summary
    let histogram: Histogram

    func observe(_ duration: Duration) {
        summary.observe(duration)
        histogram.observe(duration)
    }

    /// Observes how long the work takes, also when it throws.
    func time<Result, Failure: Error>(_ work: () throws(Failure) -> Result) throws(Failure) -> Result {
        let start = SuspendingClock.now
        defer { observe(SuspendingClock.now - start) }
        return try work()
    }
}
