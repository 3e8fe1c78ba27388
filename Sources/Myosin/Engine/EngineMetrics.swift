internal import Exposition

/// The families that the engine exports, with the names that Python myosin gave them.
struct EngineMetrics: Sendable {
    let activeContexts: Gauge
    private let callbackExceptions: Family<Counter>
    private let commitLatency: Family<Summary>
    private let cacheLatency: Family<Summary>
    private let checkoutLatency: Family<Summary>

    /// Registers the families.
    ///
    /// - Throws: ``StateError`` when the registry has families of these names already.
    init(registry: Registry) throws(StateError) {
        do {
            _ = try registry.makeInfo(
                "myosin_meta",
                help: "Installed version of myosin.",
                labels: ["version": myosinVersion]
            )
            activeContexts = try registry.makeGauge("myosin_active_contexts", help: "Contexts being held now.")
            callbackExceptions = try registry.makeCounter(
                "myosin_cb_exc_count",
                help: "Errors thrown by subscribers.",
                labels: ["model"]
            )
            commitLatency = try registry.makeSummary(
                "myosin_commit_latency",
                help: "Seconds spent in commits: validating and encoding.",
                labels: ["model"]
            )
            cacheLatency = try registry.makeSummary(
                "myosin_cache_latency",
                help: "Seconds that the store took to make commits durable.",
                labels: ["model"]
            )
            checkoutLatency = try registry.makeSummary(
                "myosin_checkout_latency",
                help: "Seconds spent in checkouts.",
                labels: ["model"]
            )
        } catch {
            throw StateError(
                .nameTaken,
                "The metrics registry cannot take the engine's families: \(error). Give each State a registry of its own.",
                underlying: error
            )
        }
    }

    /// Makes the children of a model, so that its series exist with 0 from now on.
    func model(_ name: String) -> ModelMetrics {
        ModelMetrics(
            callbackExceptions: callbackExceptions.child(name),
            commitLatency: commitLatency.child(name),
            cacheLatency: cacheLatency.child(name),
            checkoutLatency: checkoutLatency.child(name)
        )
    }
}

/// The series of one model.
struct ModelMetrics: Sendable {
    let callbackExceptions: Counter
    let commitLatency: Summary
    let cacheLatency: Summary
    let checkoutLatency: Summary
}

extension Summary {
    /// Observes how long the work takes, also when it throws.
    func time<Result, Failure: Error>(_ work: () throws(Failure) -> Result) throws(Failure) -> Result {
        let start = SuspendingClock.now
        defer { observe(SuspendingClock.now - start) }
        return try work()
    }
}
