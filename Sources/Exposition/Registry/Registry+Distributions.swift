extension Registry {
    /// Makes a summary.
    ///
    /// - Parameters:
    ///   - name: the family's name, which its samples `_count` and `_sum` begin with.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    /// - Returns: the summary, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `duplicateName` or `nameCollision`.
    public func makeSummary(
        _ name: String,
        help: String,
        unit: String? = nil
    ) throws(MetricError) -> Summary {
        try makeSummary(name, help: help, unit: unit, labels: []).child([])
    }

    /// Makes a family of summaries that are told apart by labels.
    ///
    /// - Parameters:
    ///   - name: the family's name, which its samples `_count` and `_sum` begin with.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `invalidLabel`, `duplicateName` or `nameCollision`.
    public func makeSummary(
        _ name: String,
        help: String,
        unit: String? = nil,
        labels: [String]
    ) throws(MetricError) -> Family<Summary> {
        try makeFamily(name, .summary, help: help, unit: unit, labels: labels, metric: Series.Metric.summary) { _ in
            Summary()
        }
    }

    /// Makes a histogram.
    ///
    /// - Parameters:
    ///   - name: the family's name, which its samples `_bucket`, `_count` and `_sum` begin with.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    ///   - buckets: the upper bounds of the buckets, ascending, in the metric's unit; the defaults are
    ///     ``Histogram/secondsBuckets``. `+Inf` may be left out.
    /// - Returns: the histogram, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `duplicateName`, `nameCollision` or `invalidBuckets`.
    public func makeHistogram(
        _ name: String,
        help: String,
        unit: String? = nil,
        buckets: [Double] = Histogram.secondsBuckets
    ) throws(MetricError) -> Histogram {
        try makeHistogram(name, help: help, unit: unit, labels: [], buckets: buckets).child([])
    }

    /// Makes a family of histograms that are told apart by labels.
    ///
    /// - Parameters:
    ///   - name: the family's name, which its samples `_bucket`, `_count` and `_sum` begin with.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    ///   - buckets: the upper bounds of the buckets, ascending, in the metric's unit; the defaults are
    ///     ``Histogram/secondsBuckets``. `+Inf` may be left out.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `invalidLabel`, `duplicateName`, `nameCollision` or
    ///   `invalidBuckets`.
    public func makeHistogram(
        _ name: String,
        help: String,
        unit: String? = nil,
        labels: [String],
        buckets: [Double] = Histogram.secondsBuckets
    ) throws(MetricError) -> Family<Histogram> {
        let upperBounds = try Histogram.checkedBounds(buckets, family: name)
        return try makeFamily(
            name,
            .histogram(upperBounds: upperBounds),
            help: help,
            unit: unit,
            labels: labels,
            metric: Series.Metric.histogram
        ) { Histogram(upperBounds: upperBounds, $0) }
    }
}
