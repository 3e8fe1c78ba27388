extension Registry {
    /// Makes counters with different labels, which no other code gets.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: the description of the metric; any text.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `duplicateName` or `nameCollision`.
    package func makeOpenCounter(_ name: String, help: String) throws(MetricError) -> OpenFamily<Counter> {
        try makeOpenFamily(FamilyRequest(counter: name, help: help, unit: nil, labels: []))
    }

    /// Makes gauges with different labels, which no other code gets.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: the description of the metric; any text.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `duplicateName` or `nameCollision`.
    package func makeOpenGauge(_ name: String, help: String) throws(MetricError) -> OpenFamily<Gauge> {
        try makeOpenFamily(FamilyRequest(gauge: name, help: help, unit: nil, labels: []))
    }

    /// Makes histograms with different labels, which no other code gets.
    ///
    /// - Parameters:
    ///   - name: the family's name, which begins the names of its samples `_bucket`, `_count` and `_sum`.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - buckets: the ascending upper bounds of the buckets, in the metric's unit; `+Inf` is optional.
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
