internal import Exposition
internal import Primitives

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
