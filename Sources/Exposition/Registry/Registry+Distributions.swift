extension Registry {
    /// Returns the histogram with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same histogram. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name, which begins the names of its samples `_bucket`, `_count` and `_sum`; a literal.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - buckets: the ascending upper bounds of the buckets, in the metric's unit; `+Inf` is optional.
    /// - Returns: the histogram, on the page at once.
    public func histogram(
        _ name: StaticString,
        help: String,
        unit: String? = nil,
        buckets: [Double] = Histogram.secondsBuckets
    ) -> Histogram {
        shownFamily(FamilyRequest(histogram: name.description, help: help, unit: unit, labels: [], buckets: buckets))
            .only
    }

    /// Returns the family of histograms with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name, which begins the names of its samples `_bucket`, `_count` and `_sum`; a literal.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    ///   - buckets: the ascending upper bounds of the buckets, in the metric's unit; `+Inf` is optional.
    /// - Returns: the family, on the page at once, without children.
    public func histogram<let labelCount: Int>(
        _ name: StaticString,
        help: String,
        unit: String? = nil,
        labels: InlineArray<labelCount, String>,
        buckets: [Double] = Histogram.secondsBuckets
    ) -> Family<Histogram, labelCount> {
        Family(
            storage: shownFamily(
                FamilyRequest(
                    histogram: name.description,
                    help: help,
                    unit: unit,
                    labels: Self.list(labels),
                    buckets: buckets
                )
            )
        )
    }

    /// Returns the histogram with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same histogram; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the family's name, which begins the names of its samples `_bucket`, `_count` and `_sum`.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - buckets: the ascending upper bounds of the buckets, in the metric's unit; `+Inf` is optional.
    /// - Returns: the histogram, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `invalidBuckets`, `duplicateName` or
    ///   `nameCollision`.
    public func histogram(
        named name: String,
        help: String,
        unit: String? = nil,
        buckets: [Double] = Histogram.secondsBuckets
    ) throws(MetricError) -> Histogram {
        try family(FamilyRequest(histogram: name, help: help, unit: unit, labels: [], buckets: buckets)).only
    }

    /// Returns the family of histograms with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the family's name, which begins the names of its samples `_bucket`, `_count` and `_sum`.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    ///   - buckets: the ascending upper bounds of the buckets, in the metric's unit; `+Inf` is optional.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `invalidUnit`, `invalidBuckets`, `duplicateName` or
    ///   `nameCollision`.
    public func histogram<let labelCount: Int>(
        named name: String,
        help: String,
        unit: String? = nil,
        labels: InlineArray<labelCount, String>,
        buckets: [Double] = Histogram.secondsBuckets
    ) throws(MetricError) -> Family<Histogram, labelCount> {
        Family(
            storage: try family(
                FamilyRequest(histogram: name, help: help, unit: unit, labels: Self.list(labels), buckets: buckets)
            )
        )
    }

    /// Returns the summary with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same summary. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name, which begins the names of its samples `_count` and `_sum`; a literal.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    /// - Returns: the summary, on the page at once.
    public func summary(
        _ name: StaticString,
        help: String,
        unit: String? = nil
    ) -> Summary {
        shownFamily(FamilyRequest(summary: name.description, help: help, unit: unit, labels: [])).only
    }

    /// Returns the family of summaries with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name, which begins the names of its samples `_count` and `_sum`; a literal.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    public func summary<let labelCount: Int>(
        _ name: StaticString,
        help: String,
        unit: String? = nil,
        labels: InlineArray<labelCount, String>
    ) -> Family<Summary, labelCount> {
        Family(
            storage: shownFamily(
                FamilyRequest(summary: name.description, help: help, unit: unit, labels: Self.list(labels))
            )
        )
    }

    /// Returns the summary with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same summary; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the family's name, which begins the names of its samples `_count` and `_sum`.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    /// - Returns: the summary, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `duplicateName` or `nameCollision`.
    public func summary(
        named name: String,
        help: String,
        unit: String? = nil
    ) throws(MetricError) -> Summary {
        try family(FamilyRequest(summary: name, help: help, unit: unit, labels: [])).only
    }

    /// Returns the family of summaries with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the family's name, which begins the names of its samples `_count` and `_sum`.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `invalidUnit`, `duplicateName` or `nameCollision`.
    public func summary<let labelCount: Int>(
        named name: String,
        help: String,
        unit: String? = nil,
        labels: InlineArray<labelCount, String>
    ) throws(MetricError) -> Family<Summary, labelCount> {
        Family(storage: try family(FamilyRequest(summary: name, help: help, unit: unit, labels: Self.list(labels))))
    }
}
