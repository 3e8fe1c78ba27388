extension Registry {
    /// Makes a counter.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    /// - Returns: the counter, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `duplicateName` or `nameCollision`.
    public func makeCounter(
        _ name: String,
        help: String,
        unit: String? = nil
    ) throws(MetricError) -> Counter {
        try makeCounter(name, help: help, unit: unit, labels: []).child([])
    }

    /// Makes a family of counters that are told apart by labels.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `invalidLabel`, `duplicateName` or `nameCollision`.
    public func makeCounter(
        _ name: String,
        help: String,
        unit: String? = nil,
        labels: [String]
    ) throws(MetricError) -> Family<Counter> {
        try makeFamily(name, .counter, help: help, unit: unit, labels: labels, metric: Series.Metric.counter) {
            Counter($0)
        }
    }

    /// Makes a gauge.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    /// - Returns: the gauge, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `duplicateName` or `nameCollision`.
    public func makeGauge(
        _ name: String,
        help: String,
        unit: String? = nil
    ) throws(MetricError) -> Gauge {
        try makeGauge(name, help: help, unit: unit, labels: []).child([])
    }

    /// Makes a family of gauges that are told apart by labels.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: what it means, for people; any text.
    ///   - unit: the unit that the name ends in, `seconds` or `bytes` for example; shown in OpenMetrics.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `invalidLabel`, `duplicateName` or `nameCollision`.
    public func makeGauge(
        _ name: String,
        help: String,
        unit: String? = nil,
        labels: [String]
    ) throws(MetricError) -> Family<Gauge> {
        try makeFamily(name, .gauge, help: help, unit: unit, labels: labels, metric: Series.Metric.gauge) { _ in Gauge()
        }
    }

    /// Makes a state set, which shows one of several states.
    ///
    /// - Parameters:
    ///   - name: the family's name, which is that of the label too, so no `:` may be in it.
    ///   - help: what it means, for people; any text.
    ///   - states: the states.
    /// - Returns: the state set, on the page once it shows a state.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `tooManyStates`, `duplicateName` or
    ///   `nameCollision`.
    public func makeStateSet(_ name: String, help: String, states: [String]) throws(MetricError) -> StateSet {
        try checkCount(of: states, name)
        let family: Family<Gauge> = try makeFamily(
            name,
            .stateSet,
            help: help,
            labels: [name],
            metric: Series.Metric.gauge
        ) { _ in Gauge() }
        return StateSet(states, family)
    }

    /// Makes an info: a sample whose value is always 1 and whose labels are facts, such as a version.
    ///
    /// - Parameters:
    ///   - name: the family's name, without the `_info` that its sample ends in.
    ///   - help: what it means, for people; any text.
    ///   - labels: the facts: names of labels and their values.
    /// - Returns: the info, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    @discardableResult
    public func makeInfo(
        _ name: String,
        help: String,
        labels: KeyValuePairs<String, String>
    ) throws(MetricError) -> Info {
        let info = Info(labels: labels)
        _ = try makeFamily(
            name,
            .info,
            help: help,
            labels: labels.map(\.key),
            onlyChild: labels.map(\.value),
            metric: { _ in .info }
        ) { _ in info }
        return info
    }
}
