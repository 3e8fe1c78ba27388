internal import Exposition
internal import Primitives

/// How long something takes: a summary, unless the state has none, and the distribution.
struct Latency: Sendable {
    let summary: Registry.Summary?
    let histogram: Registry.Histogram

    /// Observes how long it has taken so far.
    func observe(_ stopwatch: Stopwatch) { observe(seconds: stopwatch.seconds) }

    func observe(seconds: Double) {
        summary?.observe(seconds)
        histogram.observe(seconds)
    }
}

/// The two families that show how long something takes: a summary without quantiles, as Python myosin has it, and the distribution.
struct LatencyFamilies: Sendable {
    let summary: Family<Registry.Summary, 1>?
    let histogram: Family<Registry.Histogram, 1>

    func child(_ name: String) -> Latency {
        Latency(summary: summary?.child(name), histogram: histogram.child(name))
    }

    func remove(_ name: String) {
        summary?.remove(name)
        histogram.remove(name)
    }
}
