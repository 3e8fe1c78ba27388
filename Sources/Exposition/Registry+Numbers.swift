extension Registry {
    /// Makes a counter.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: what it means, for people; any text.
    /// - Returns: the counter, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `duplicateName` or `nameCollision`.
    public func makeCounter(
        _ name: String,
        help: String
    ) throws(MetricError) -> Counter {
        try makeCounter(name, help: help, labels: []).child([])
    }

    /// Makes a family of counters that are told apart by labels.
    ///
    /// - Parameters:
    ///   - name: the family's name, with or without the `_total` that its samples end in.
    ///   - help: what it means, for people; any text.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    public func makeCounter(
        _ name: String,
        help: String,
        labels: [String]
    ) throws(MetricError) -> Family<Counter> {
        try makeFamily(name, .counter, help: help, labels: labels) {
            let counter = Counter()
            return (counter, .counter(counter))
        }
    }

    /// Makes a gauge.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: what it means, for people; any text.
    /// - Returns: the gauge, on the page at once.
    /// - Throws: ``MetricError`` with the code `invalidName`, `duplicateName` or `nameCollision`.
    public func makeGauge(
        _ name: String,
        help: String
    ) throws(MetricError) -> Gauge {
        try makeGauge(name, help: help, labels: []).child([])
    }

    /// Makes a family of gauges that are told apart by labels.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: what it means, for people; any text.
    ///   - labels: the names of the labels.
    /// - Returns: the family, on the page at once, without children.
    /// - Throws: ``MetricError`` with the code `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    public func makeGauge(
        _ name: String,
        help: String,
        labels: [String]
    ) throws(MetricError) -> Family<Gauge> {
        try makeFamily(name, .gauge, help: help, labels: labels) {
            let gauge = Gauge()
            return (gauge, .gauge(gauge))
        }
    }

    /// Makes a gauge that is on the page only while it has a value: without labels, and its child is made and removed as needed.
    ///
    /// - Parameters:
    ///   - name: the family's name.
    ///   - help: what it means, for people; any text.
    /// - Returns: the family, whose child has no label values.
    /// - Throws: ``MetricError`` with the code `invalidName`, `duplicateName` or `nameCollision`.
    package func makeOptionalGauge(
        _ name: String,
        help: String
    ) throws(MetricError) -> Family<Gauge> {
        try makeFamily(name, .gauge, help: help, labels: [], hasChildAtOnce: false) {
            let gauge = Gauge()
            return (gauge, .gauge(gauge))
        }
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
            onlyChild: labels.map(\.value)
        ) { (info, .info) }
        return info
    }
}
