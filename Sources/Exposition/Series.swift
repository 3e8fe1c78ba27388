/// One child of a family as a renderer sees it: where its values are, and its lines but for them.
struct Series: Sendable {
    /// Where the values are, by type; a renderer reads them at each rendering.
    enum Metric: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case summary(Summary)
        case histogram(Histogram)
        case info
    }

    let labelValues: LabelValues
    let metric: Metric
    let lines: SampleLines

    init(_ metric: Metric, of family: FamilyDescriptor, labelValues: LabelValues) {
        self.labelValues = labelValues
        self.metric = metric
        lines = SampleLines(family: family, labelValues: labelValues)
    }
}
