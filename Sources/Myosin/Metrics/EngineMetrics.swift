internal import Exposition

/// The families that the engine exports; those that Python myosin has too keep its names.
struct EngineMetrics: Sendable {
    let activeContexts: Registry.Gauge
    /// The sizes of the store; 0 where there is none.
    let store: StoreMetrics
    private let callbackExceptions: Family<Registry.Counter, 1>
    private let checkout: LatencyFamilies
    private let commit: LatencyFamilies
    private let cache: LatencyFamilies
    private let lockWait: Family<Registry.Histogram, 1>
    private let contextHold: Family<Registry.Histogram, 1>
    private let waitingContexts: Family<Registry.Gauge, 1>
    private let subscriptions: Family<Registry.Gauge, 1>
    private let revision: Family<Registry.Gauge, 1>
    private let commitConflicts: Family<Registry.Counter, 1>
    private let commitFailures: Family<Registry.Counter, 2>
    private let missedChanges: Family<Registry.Counter, 1>
    /// The reasons whose series exist from the beginning; a store of the program's own may have others.
    private let reasons: [StateError.Code]

    /// From a microsecond, since most of what the engine does takes a few, to what a stuck disk or context takes.
    private static let buckets = [
        0.000_001, 0.000_005, 0.000_025, 0.000_1, 0.000_5, 0.002_5, 0.01, 0.05, 0.25, 1, 5,
    ]

    /// Registers the families.
    ///
    /// - Parameters:
    ///   - registry: where they are registered.
    ///   - hasStore: whether the state has a store, which commits may fail for.
    ///   - showsSummaries: whether there are the summaries of Python myosin, beside the histograms that have what they have.
    /// - Throws: ``StateError`` when the registry has families of these names already.
    init(registry: Registry, hasStore: Bool, showsSummaries: Bool = true) throws(StateError) {
        reasons =
            [.invalid, .busy, .closed]
            + (hasStore
                ? [
                    .storeFull, .storeReadOnly, .storePermission, .storeInUse, .storeReplaced, .storeCorrupt,
                    .storeFailed,
                ] : [.noCache])
        do {
            try registry.renameDroppedSeries(to: "myosin_metrics_series_dropped")
            // The one that no other state may have made: two would count in each other's series.
            try registry.makeInfo(
                "myosin_meta",
                help: "Installed version of myosin.",
                labels: ["version": myosinVersion]
            )
            activeContexts = try registry.gauge(
                named: "myosin_active_contexts",
                help: "Contexts that hold their locks now; waiting ones are not counted."
            )
            store = try StoreMetrics(registry: registry)
            func histogram(_ name: String, _ help: String) throws(MetricError) -> Family<Registry.Histogram, 1> {
                try registry.histogram(
                    named: name,
                    help: help,
                    unit: "seconds",
                    labels: ["model"],
                    buckets: Self.buckets
                )
            }
            func latencies(_ name: String, _ help: String) throws(MetricError) -> LatencyFamilies {
                LatencyFamilies(
                    summary: showsSummaries
                        ? try registry.summary(named: "myosin_\(name)_latency", help: help, labels: ["model"]) : nil,
                    histogram: try histogram("myosin_\(name)_duration_seconds", help)
                )
            }
            func counter(_ name: String, _ help: String) throws(MetricError) -> Family<Registry.Counter, 1> {
                try registry.counter(named: name, help: help, labels: ["model"])
            }
            func gauge(_ name: String, _ help: String) throws(MetricError) -> Family<Registry.Gauge, 1> {
                try registry.gauge(named: name, help: help, labels: ["model"])
            }
            checkout = try latencies("checkout", "Seconds spent in checkouts.")
            commit = try latencies("commit", "Seconds spent in commits: validating and encoding.")
            cache = try latencies("cache", "Seconds that the store took to make commits durable, or to fail.")
            lockWait = try histogram("myosin_lock_wait_seconds", "Seconds that contexts waited for the model's lock.")
            contextHold = try histogram("myosin_context_hold_seconds", "Seconds that contexts held the model's lock.")
            waitingContexts = try gauge("myosin_waiting_contexts", "Contexts that wait for the model's lock now.")
            subscriptions = try gauge("myosin_subscriptions", "Subscriptions to the model that have not ended.")
            revision = try gauge("myosin_revision", "Revision of the model's last visible change.")
            callbackExceptions = try counter("myosin_cb_exc_count", "Errors thrown by subscribers.")
            commitConflicts = try counter(
                "myosin_commit_conflicts",
                "Commits refused since the model had moved on after the checkout."
            )
            // Models are capped, whatever their reasons: otherwise a tenth of them would fill the family.
            commitFailures = try registry.counter(
                named: "myosin_commit_failures",
                help: "Commits that failed for another reason, which is the error's code.",
                labels: ["model", "reason"],
                cap: .firstLabel
            )
            missedChanges = try counter(
                "myosin_missed_changes",
                "Changes that subscribers did not get since their buffers were full."
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
        for reason in reasons { commitFailures.child([name, reason.description]) }
        return ModelMetrics(
            callbackExceptions: callbackExceptions.child(name),
            checkout: checkout.child(name),
            commit: commit.child(name),
            cache: cache.child(name),
            lockWait: lockWait.child(name),
            contextHold: contextHold.child(name),
            waitingContexts: waitingContexts.child(name),
            subscriptions: subscriptions.child(name),
            revision: revision.child(name),
            missedChanges: missedChanges.child(name),
            commitConflicts: commitConflicts.child(name),
            commitFailures: { [commitFailures] reason in commitFailures.child([name, reason.description]) }
        )
    }

    /// Takes the series of a model off the page.
    func remove(_ name: String) {
        for latencies in [checkout, commit, cache] { latencies.remove(name) }
        for histogram in [lockWait, contextHold] { histogram.remove(name) }
        for gauge in [waitingContexts, subscriptions, revision] { gauge.remove(name) }
        for counter in [callbackExceptions, missedChanges, commitConflicts] { counter.remove(name) }
        commitFailures.removeAll { $0.first == name }
    }
}
