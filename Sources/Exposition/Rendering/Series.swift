internal import Primitives

/// One child of a family as a renderer sees it: where its values are, and its lines but for them.
///
/// A class, since a renderer goes through many: what a structure has would be counted each by itself.
final class Series: Sendable {
    /// Where the values are, by type; a renderer reads them at each rendering.
    enum Metric: ~Copyable, Sendable {
        case counter(Registry.Counter)
        case gauge(Registry.Gauge)
        case summary(Registry.Summary)
        case histogram(Registry.Histogram)
        case stateSet(Registry.StateSet)
        case info
    }

    let labelValues: LabelValues
    let metric: Metric
    let lines: SampleLines
    /// When it was made, in seconds since boot.
    let created = BootTime.system.now

    /// The exemplars of its buckets, or the one that a counter has; empty where there are none.
    var exemplars: [ExemplarStore.Entry?] {
        switch metric {
        case .counter(let counter): counter.exemplars.all
        case .histogram(let histogram): histogram.exemplars.all
        default: []
        }
    }

    init(_ metric: consuming Metric, of family: FamilyDescriptor, labelNames: [String], labelValues: LabelValues) {
        self.labelValues = labelValues
        self.metric = metric
        lines = SampleLines(family: family, labelNames: labelNames, labelValues: labelValues)
    }
}
