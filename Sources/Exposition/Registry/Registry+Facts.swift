extension Registry {
    /// Returns the state set with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same state set. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the name of the family and of its label, without `:`; a literal.
    ///   - help: the description of the metric; any text.
    ///   - states: the states.
    /// - Returns: the state set, on the page at once, with samples once it shows a state.
    public func stateSet(
        _ name: StaticString,
        help: String,
        states: [String]
    ) -> StateSet {
        shownFamily(
            FamilyRequest(stateSet: name.description, help: help, states: states, labels: [], maxStates: maxLabelSets)
        )
        .only
    }

    /// Returns the family of state sets with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the name of the family and of its label, without `:`; a literal.
    ///   - help: the description of the metric; any text.
    ///   - states: the states.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    public func stateSet<let labelCount: Int>(
        _ name: StaticString,
        help: String,
        states: [String],
        labels: InlineArray<labelCount, String>
    ) -> Family<StateSet, labelCount> {
        Family(
            storage: shownFamily(
                FamilyRequest(
                    stateSet: name.description,
                    help: help,
                    states: states,
                    labels: Self.list(labels),
                    maxStates: maxLabelSets
                )
            )
        )
    }

    /// Returns the state set with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same state set; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the name of the family and of its label, without `:`.
    ///   - help: the description of the metric; any text.
    ///   - states: the states.
    /// - Returns: the state set, on the page at once, with samples once it shows a state.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `tooManyStates`, `duplicateName` or
    ///   `nameCollision`.
    public func stateSet(
        named name: String,
        help: String,
        states: [String]
    ) throws(MetricError) -> StateSet {
        try family(FamilyRequest(stateSet: name, help: help, states: states, labels: [], maxStates: maxLabelSets)).only
    }

    /// Returns the family of state sets with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the name of the family and of its label, without `:`.
    ///   - help: the description of the metric; any text.
    ///   - states: the states.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `tooManyStates`, `duplicateName` or
    ///   `nameCollision`.
    public func stateSet<let labelCount: Int>(
        named name: String,
        help: String,
        states: [String],
        labels: InlineArray<labelCount, String>
    ) throws(MetricError) -> Family<StateSet, labelCount> {
        Family(
            storage: try family(
                FamilyRequest(
                    stateSet: name,
                    help: help,
                    states: states,
                    labels: Self.list(labels),
                    maxStates: maxLabelSets
                )
            )
        )
    }

    /// Puts an info with facts on the page, unless it is there.
    ///
    /// For a mistake in the arguments, and for other facts than before, see ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name, without the `_info` that its sample ends in; a literal.
    ///   - help: the description of the metric; any text.
    ///   - labels: the facts: names of labels and their values.
    /// - Returns: the info, on the page at once.
    @discardableResult
    public func info(_ name: StaticString, help: String, labels: KeyValuePairs<String, String>) -> Info {
        let (names, values) = (labels.map(\.key), labels.map(\.value))
        return shownFamily(FamilyRequest(info: name.description, help: help, labels: names, only: values)).only
    }

    /// Returns the family of infos with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family. A mistake in them is in ``refusals``.
    ///
    /// - Parameters:
    ///   - name: the family's name, without the `_info` that its samples end in; a literal.
    ///   - help: the description of the metric; any text.
    ///   - labels: the names of the labels.
    /// - Returns: the family, without children; each child is on the page at once.
    public func info<let labelCount: Int>(
        _ name: StaticString,
        help: String,
        labels: InlineArray<labelCount, String>
    ) -> Family<Info, labelCount> {
        Family(storage: shownFamily(FamilyRequest(info: name.description, help: help, labels: Self.list(labels))))
    }

    /// Puts an info with facts on the page, unless it is there.
    ///
    /// - Parameters:
    ///   - name: the family's name, without the `_info` that its sample ends in.
    ///   - help: the description of the metric; any text.
    ///   - labels: the facts: names of labels and their values.
    /// - Returns: the info, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    @discardableResult
    public func info(
        named name: String,
        help: String,
        labels: KeyValuePairs<String, String>
    ) throws(MetricError) -> Info {
        let (names, values) = (labels.map(\.key), labels.map(\.value))
        return try family(FamilyRequest(info: name, help: help, labels: names, only: values)).only
    }

    /// Returns the family of infos with a name, creating it at first use.
    ///
    /// A call with the same arguments returns the same family; other arguments with the same name throw `duplicateName`.
    ///
    /// - Parameters:
    ///   - name: the family's name, without the `_info` that its samples end in.
    ///   - help: the description of the metric; any text.
    ///   - labels: the names of the labels.
    /// - Returns: the family, without children; each child is on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    public func info<let labelCount: Int>(
        named name: String,
        help: String,
        labels: InlineArray<labelCount, String>
    ) throws(MetricError) -> Family<Info, labelCount> {
        Family(storage: try family(FamilyRequest(info: name, help: help, labels: Self.list(labels))))
    }

    /// Returns the family of infos with a name; any number of children come and go.
    ///
    /// - Parameters:
    ///   - name: the family's name, without the `_info` that its samples end in.
    ///   - help: the description of the metric; any text.
    ///   - labels: the names of the labels.
    ///   - cap: the unit of the cap.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    package func info<let labelCount: Int>(
        named name: String,
        help: String,
        labels: InlineArray<labelCount, String>,
        cap: LabelSetCap
    ) throws(MetricError) -> Family<Info, labelCount> {
        let request = FamilyRequest(info: name, help: help, labels: Self.list(labels), cap: cap)
        return Family(storage: try family(request))
    }
}
