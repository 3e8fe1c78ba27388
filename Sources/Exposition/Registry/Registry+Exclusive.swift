extension Registry {
    /// Makes an info that no other code gets.
    ///
    /// - Parameters:
    ///   - name: the family's name, without the `_info` that its sample ends in.
    ///   - help: the description of the metric; any text.
    ///   - labels: the facts: names of labels and their values.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    package func makeInfo(
        _ name: String,
        help: String,
        labels: KeyValuePairs<String, String>
    ) throws(MetricError) {
        try makeFamily(FamilyRequest(info: name, help: help, labels: labels.map(\.key), only: labels.map(\.value)))
    }

    /// Makes a state set that no other code gets.
    ///
    /// - Parameters:
    ///   - name: the name of the family and of its label, without `:`.
    ///   - help: the description of the metric; any text.
    ///   - states: the states.
    /// - Returns: the state set, on the page at once, with samples once it shows a state.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `tooManyStates`, `duplicateName` or
    ///   `nameCollision`.
    package func makeStateSet(_ name: String, help: String, states: [String]) throws(MetricError) -> StateSet {
        try makeFamily(
            FamilyRequest(stateSet: name, help: help, states: states, labels: [], maxStates: maxLabelSets)
        )
        .only
    }

    /// Makes a number that is counted or measured elsewhere, without labels, and that no other code gets.
    ///
    /// It is on the page only while it has a value, because its child is made and removed as needed.
    ///
    /// - Parameters:
    ///   - name: the family's name; a counter's with or without `_total`.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
    ///   - isCounter: whether the page shows it as a counter.
    /// - Returns: the family; its child has no label values.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidUnit`, `duplicateName` or `nameCollision`.
    package func makeOptionalNumber(
        _ name: String,
        help: String,
        unit: String? = nil,
        isCounter: Bool = false
    ) throws(MetricError) -> Family<Gauge, 0> {
        let request = FamilyRequest(gauge: name, help: help, unit: unit, labels: [], isCounter: isCounter)
        return Family(storage: try makeFamily(request, hasChildAtOnce: false))
    }

    /// Makes numbers that come and go with the elements of a collection, and that no other code gets.
    ///
    /// - Parameters:
    ///   - name: the family's name; a counter's with or without `_total`.
    ///   - help: the description of the metric; any text.
    ///   - unit: the unit at the end of the name, such as `seconds` or `bytes`; shown in OpenMetrics.
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
        let request = FamilyRequest(gauge: name, help: help, unit: unit, labels: [label], isCounter: isCounter)
        return KeyedSeries(
            Family(storage: try makeFamily(request)),
            isCounter: isCounter,
            maxLabelSets: maxLabelSets
        )
    }

    /// Makes state sets that come and go with the elements of a collection, and that no other code gets.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: the description of the metric; any text.
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
        let request = FamilyRequest(
            stateSet: name,
            help: help,
            states: states,
            labels: [label],
            maxStates: maxLabelSets
        )
        return KeyedSeries(
            Family(storage: try makeFamily(request)),
            stateCount: StateSet.Order(states).sorted.count,
            maxLabelSets: maxLabelSets
        )
    }
}
