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
    /// - Returns: since when, for ``endWaiting(_:)``.
    func beginWaiting() -> Stopwatch {
        waitingContexts.increment()
        return Stopwatch()
    }

    /// Notes that a context has got the model's lock, or given up.
    func endWaiting(_ stopwatch: Stopwatch) {
        waitingContexts.decrement()
        lockWait.observe(stopwatch.seconds)
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

    /// Observes how long it has taken so far.
    func observe(_ stopwatch: Stopwatch) { observe(seconds: stopwatch.seconds) }

    func observe(seconds: Double) {
        summary.observe(seconds)
        histogram.observe(seconds)
    }
}
