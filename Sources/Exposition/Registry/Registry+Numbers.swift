extension Registry {
    /// Returns the counter with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same counter. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in; a literal.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    /// - Returns: the counter, on the page at once.
    public func counter(
        _ name: StaticString,
        help: String,
        unit: String? = nil
    ) -> Counter {
        shownFamily(FamilyRequest(counter: name.description, help: help, unit: unit, labels: [])).only
    }

    /// Returns the family of counters with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in; a literal.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    public func counter<let labelCount: Int>(
        _ name: StaticString,
        help: String,
        unit: String? = nil,
        labels: InlineArray<labelCount, String>
    ) -> Family<Counter, labelCount> {
        Family(
            storage: shownFamily(
                FamilyRequest(counter: name.description, help: help, unit: unit, labels: Self.list(labels))
            )
        )
    }

    /// Returns the counter with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same counter; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    /// - Returns: the counter, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `duplicateName` or `nameCollision`.
    public func counter(
        named name: String,
        help: String,
        unit: String? = nil
    ) throws(MetricError) -> Counter {
        try family(FamilyRequest(counter: name, help: help, unit: unit, labels: [])).only
    }

    /// Returns the family of counters with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `invalidUnit`, `duplicateName` or `nameCollision`.
    public func counter<let labelCount: Int>(
        named name: String,
        help: String,
        unit: String? = nil,
        labels: InlineArray<labelCount, String>
    ) throws(MetricError) -> Family<Counter, labelCount> {
        Family(storage: try family(FamilyRequest(counter: name, help: help, unit: unit, labels: Self.list(labels))))
    }

    /// Returns the gauge with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same gauge. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name; a literal.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    /// - Returns: the gauge, on the page at once.
    public func gauge(
        _ name: StaticString,
        help: String,
        unit: String? = nil
    ) -> Gauge {
        shownFamily(FamilyRequest(gauge: name.description, help: help, unit: unit, labels: [])).only
    }

    /// Returns the family of gauges with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name; a literal.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    public func gauge<let labelCount: Int>(
        _ name: StaticString,
        help: String,
        unit: String? = nil,
        labels: InlineArray<labelCount, String>
    ) -> Family<Gauge, labelCount> {
        Family(
            storage: shownFamily(
                FamilyRequest(gauge: name.description, help: help, unit: unit, labels: Self.list(labels))
            )
        )
    }

    /// Returns the gauge with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same gauge; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    /// - Returns: the gauge, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `duplicateName` or `nameCollision`.
    public func gauge(
        named name: String,
        help: String,
        unit: String? = nil
    ) throws(MetricError) -> Gauge {
        try family(FamilyRequest(gauge: name, help: help, unit: unit, labels: [])).only
    }

    /// Returns the family of gauges with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `invalidUnit`, `duplicateName` or `nameCollision`.
    public func gauge<let labelCount: Int>(
        named name: String,
        help: String,
        unit: String? = nil,
        labels: InlineArray<labelCount, String>
    ) throws(MetricError) -> Family<Gauge, labelCount> {
        Family(storage: try family(FamilyRequest(gauge: name, help: help, unit: unit, labels: Self.list(labels))))
    }

    /// Returns the family of counters with a name and with a cap that counts something other than label sets.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: the description of the metric; any text.
    ///   - labels: the names of the labels.
    ///   - cap: the unit of the cap.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    package func counter<let labelCount: Int>(
        named name: String,
        help: String,
        labels: InlineArray<labelCount, String>,
        cap: LabelSetCap
    ) throws(MetricError) -> Family<Counter, labelCount> {
        let request = FamilyRequest(counter: name, help: help, unit: nil, labels: Self.list(labels), cap: cap)
        return Family(storage: try family(request))
    }
}
