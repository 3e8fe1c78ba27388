internal import Exposition
internal import Primitives

/// The series of one model.
struct ModelMetrics: Sendable {
    let callbackExceptions: Registry.Counter
    let checkout: Latency
    let commit: Latency
    let cache: Latency
    let lockWait: Registry.Histogram
    let contextHold: Registry.Histogram
    let waitingContexts: Registry.Gauge
    let subscriptions: Registry.Gauge
    let revision: Registry.Gauge
    let missedChanges: Registry.Counter
    let commitConflicts: Registry.Counter
    let commitFailures: @Sendable (StateError.Code) -> Registry.Counter

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
