internal import Exposition

/// The families that the engine exports; those that Python myosin has too keep its names.
struct EngineMetrics: Sendable {
    let activeContexts: Gauge
    /// The sizes of the store; 0 where there is none.
    let store: StoreMetrics
    private let callbackExceptions: Family<Counter>
    private let checkout: LatencyFamilies
    private let commit: LatencyFamilies
    private let cache: LatencyFamilies
    private let lockWait: Family<Histogram>
    private let contextHold: Family<Histogram>
    private let waitingContexts: Family<Gauge>
    private let subscriptions: Family<Gauge>
    private let revision: Family<Gauge>
    private let commitConflicts: Family<Counter>
    private let commitFailures: Family<Counter>
    private let missedChanges: Family<Counter>
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
            _ = try registry.makeInfo(
                "myosin_meta",
                help: "Installed version of myosin.",
                labels: ["version": myosinVersion]
            )
            activeContexts = try registry.makeGauge(
                "myosin_active_contexts",
                help: "Contexts that hold their locks now; waiting ones are not counted."
            )
            store = try StoreMetrics(registry: registry)
            func histogram(_ name: String, _ help: String) throws(MetricError) -> Family<Histogram> {
                try registry.makeHistogram(
                    name,
                    help: help,
                    unit: "seconds",
                    labels: ["model"],
                    buckets: Self.buckets
                )
            }
            func latencies(_ name: String, _ help: String) throws(MetricError) -> LatencyFamilies {
                LatencyFamilies(
                    summary: showsSummaries
                        ? try registry.makeSummary("myosin_\(name)_latency", help: help, labels: ["model"]) : nil,
                    histogram: try histogram("myosin_\(name)_duration_seconds", help)
                )
            }
            // Models are capped, whatever other labels they have: otherwise a tenth of them would fill a family that has reasons.
            func counter(_ name: String, _ help: String, _ more: String...) throws(MetricError) -> Family<Counter> {
                try registry.makeCounter(name, help: help, labels: ["model"] + more, cap: .firstLabel)
            }
            func gauge(_ name: String, _ help: String) throws(MetricError) -> Family<Gauge> {
                try registry.makeGauge(name, help: help, labels: ["model"])
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
            commitFailures = try counter(
                "myosin_commit_failures",
                "Commits that failed for another reason, which is the error's code.",
                "reason"
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
