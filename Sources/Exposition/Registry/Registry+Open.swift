extension Registry {
    /// Makes counters whose labels are their own, and that no other code gets.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: the meaning, for people; any text.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `duplicateName` or `nameCollision`.
    package func makeOpenCounter(_ name: String, help: String) throws(MetricError) -> OpenFamily<Counter> {
        try makeOpenFamily(FamilyRequest(counter: name, help: help, unit: nil, labels: []))
    }

    /// Makes gauges whose labels are their own, and that no other code gets.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: the meaning, for people; any text.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `duplicateName` or `nameCollision`.
    package func makeOpenGauge(_ name: String, help: String) throws(MetricError) -> OpenFamily<Gauge> {
        try makeOpenFamily(FamilyRequest(gauge: name, help: help, unit: nil, labels: []))
    }

    /// Makes histograms whose labels are their own, and that no other code gets.
    ///
    /// - Parameters:
    ///   - name: the family's name, which its samples `_bucket`, `_count` and `_sum` begin with.
    ///   - help: the meaning, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    ///   - buckets: the upper bounds of the buckets, ascending, in the metric's unit; `+Inf` may be left out.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `invalidBuckets`, `duplicateName` or
    ///   `nameCollision`.
    package func makeOpenHistogram(
        _ name: String,
        help: String,
        unit: String?,
        buckets: [Double]
    ) throws(MetricError) -> OpenFamily<Histogram> {
        try makeOpenFamily(FamilyRequest(histogram: name, help: help, unit: unit, labels: [], buckets: buckets))
    }
}
