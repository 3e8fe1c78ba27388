extension Registry {
    /// Makes a counter whose cap counts something else than label sets.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: what it means, for people; any text.
    ///   - labels: the names of the labels.
    ///   - cap: what the cap counts.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    package func makeCounter(
        _ name: String,
        help: String,
        labels: [String],
        cap: LabelSetCap
    ) throws(MetricError) -> Family<Counter> {
        try makeFamily(name, .counter, help: help, labels: labels, cap: cap, metric: Series.Metric.counter) {
            Counter($0)
        }
    }

    /// Makes an info whose children come and go, as many as there are.
    ///
    /// - Parameters:
    ///   - name: the family's name, without the `_info` that its samples end in.
    ///   - help: what it means, for people; any text.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    package func makeInfo(_ name: String, help: String, labels: [String]) throws(MetricError) -> Family<Void> {
        try makeFamily(name, .info, help: help, labels: labels, cap: .none, metric: { _ in .info }) { _ in () }
    }

    /// Makes a number that is counted or measured elsewhere, without labels.
    ///
    /// It is on the page only while it has a value, because its child is made and removed as needed.
    ///
    /// - Parameters:
    ///   - name: the family's name; a counter's with or without `_total`.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    ///   - isCounter: whether the page shows it as a counter.
    /// - Returns: the family, whose child has no label values.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `duplicateName` or `nameCollision`.
    package func makeOptionalNumber(
        _ name: String,
        help: String,
        unit: String? = nil,
        isCounter: Bool = false
    ) throws(MetricError) -> Family<Gauge> {
        try makeFamily(
            name,
            isCounter ? .counter : .gauge,
            help: help,
            unit: unit,
            labels: [],
            hasChildAtOnce: false,
            metric: Series.Metric.gauge
        ) { _ in Gauge() }
    }

    /// Makes numbers that come and go with the elements of a collection.
    ///
    /// - Parameters:
    ///   - name: the family's name; a counter's with or without `_total`.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    ///   - isCounter: whether the page shows them as counters.
    ///   - label: the name of the label that has the elements' keys.
    /// - Returns: the series, on the page once there are elements.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `invalidLabel`, `duplicateName` or `nameCollision`.
    package func makeKeyedNumbers(
        _ name: String,
        help: String,
        unit: String? = nil,
        isCounter: Bool = false,
        label: String
    ) throws(MetricError) -> KeyedSeries {
        let family: Family<Gauge> = try makeFamily(
            name,
            isCounter ? .counter : .gauge,
            help: help,
            unit: unit,
            labels: [label],
            metric: Series.Metric.gauge
        ) { _ in Gauge() }
        return KeyedSeries(family, states: [], isCounter: isCounter, maxLabelSets: maxLabelSets)
    }

    /// Makes state sets that come and go with the elements of a collection.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: what it means, for people; any text.
    ///   - states: the states.
    ///   - label: the name of the label that has the elements' keys.
    /// - Returns: the series, on the page once there are elements.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `tooManyStates`, `duplicateName` or
    ///   `nameCollision`.
    package func makeKeyedStateSets(
        _ name: String,
        help: String,
        states: [String],
        label: String
    ) throws(MetricError) -> KeyedSeries {
        try checkCount(of: states, name)
        let family: Family<Gauge> = try makeFamily(
            name,
            .stateSet,
            help: help,
            labels: [label, name],
            metric: Series.Metric.gauge
        ) { _ in Gauge() }
        return KeyedSeries(family, states: states, isCounter: false, maxLabelSets: maxLabelSets)
    }

    /// Refuses a state set that the cap would take states from: it might then show no state at all.
    ///
    /// - Throws: `tooManyStates`.
    func checkCount(of states: [String], _ family: String) throws(MetricError) {
        let count = Set(states.map { LabelValues([$0]) }).count
        guard count > maxLabelSets else { return }
        throw MetricError(
            code: .tooManyStates,
            family: family,
            message: "\(family) has \(count) states: use at most \(maxLabelSets), the cap of the registry"
        )
    }
}
