/// A program's request to a registry for a family, present or new.
struct FamilyRequest<Child: Sendable>: Sendable {
    /// The name as it was given.
    let name: String
    let kind: MetricKind
    let help: String
    let unit: String?
    let labelNames: [String]
    /// The label values of the only child, on the page at once, or nil if the family's children are made later and capped.
    let onlyChild: LabelValues?
    /// The unit of the cap of the children.
    let cap: LabelSetCap
    /// The number of series per child, which share the cap of a family with labels.
    let seriesPerChild: Int
    /// The fault of the request apart from its names; the kind is harmless then.
    let fault: MetricError?
    /// Returns the rendered form of a child.
    let metric: @Sendable (Child) -> Series.Metric
    let makeChild: @Sendable (ExemplarUse) -> Child

    init(
        _ name: String,
        _ kind: MetricKind,
        help: String,
        unit: String? = nil,
        labels: [String],
        onlyChild: LabelValues? = nil,
        cap: LabelSetCap = .labelSets,
        seriesPerChild: Int = 1,
        fault: MetricError? = nil,
        metric: @escaping @Sendable (Child) -> Series.Metric,
        makeChild: @escaping @Sendable (ExemplarUse) -> Child
    ) {
        (self.name, self.kind, self.help, self.unit) = (name, kind, help, unit)
        (labelNames, self.onlyChild) = (labels, onlyChild ?? (labels.isEmpty ? LabelValues([]) : nil))
        (self.cap, self.seriesPerChild) = (cap, max(1, seriesPerChild))
        (self.fault, self.metric, self.makeChild) = (fault, metric, makeChild)
    }

    /// The difference between the family with the name and the wanted one, or nil if there is none.
    func difference(from present: FamilyDescriptor, onlyChild presentChild: LabelValues?) -> String? {
        if present.help != help { return "another help text, \"\(present.help)\"" }
        if present.unit != unit { return "another unit, \(present.unit ?? "none")" }
        if present.labelNames != labelNames { return "other labels, \(Self.listed(present.labelNames))" }
        if present.kind != kind {
            if case .stateSet = kind { return "other states" }
            return "other buckets"
        }
        return onlyChild == presentChild ? nil : "other values of its labels"
    }

    private static func listed(_ names: [String]) -> String {
        guard let last = names.last else { return "none" }
        return names.count == 1 ? last : "\(names.dropLast().joined(separator: ", ")) and \(last)"
    }
}

extension FamilyRequest<Registry.Counter> {
    init(counter name: String, help: String, unit: String?, labels: [String], cap: LabelSetCap = .labelSets) {
        self.init(name, .counter, help: help, unit: unit, labels: labels, cap: cap, metric: Series.Metric.counter) {
            Registry.Counter($0)
        }
    }
}

extension FamilyRequest<Registry.Gauge> {
    init(gauge name: String, help: String, unit: String?, labels: [String], isCounter: Bool = false) {
        self.init(
            name,
            isCounter ? .counter : .gauge,
            help: help,
            unit: unit,
            labels: labels,
            metric: Series.Metric.gauge
        ) { _ in Registry.Gauge() }
    }
}

extension FamilyRequest<Registry.Summary> {
    init(summary name: String, help: String, unit: String?, labels: [String]) {
        self.init(name, .summary, help: help, unit: unit, labels: labels, metric: Series.Metric.summary) { _ in
            Registry.Summary()
        }
    }
}

extension FamilyRequest<Registry.Histogram> {
    init(histogram name: String, help: String, unit: String?, labels: [String], buckets: [Double]) {
        var (upperBounds, fault): ([Double], MetricError?) = ([], nil)
        do throws(MetricError) {
            upperBounds = try Registry.Histogram.checkedBounds(buckets, family: name)
        } catch {
            fault = error
        }
        self.init(
            name,
            .histogram(upperBounds: upperBounds),
            help: help,
            unit: unit,
            labels: labels,
            fault: fault,
            metric: Series.Metric.histogram
        ) { [upperBounds] in Registry.Histogram(upperBounds: upperBounds, $0) }
    }
}

extension FamilyRequest<Registry.StateSet> {
    /// Asks for state sets with at most `maxStates` states, the cap of the registry: others would fill a page.
    init(stateSet name: String, help: String, states: [String], labels: [String], maxStates: Int) {
        let order = Registry.StateSet.Order(states)
        let fault =
            order.sorted.count <= maxStates
            ? nil
            : MetricError(
                code: .tooManyStates,
                family: name,
                message: """
                    \(name) has \(order.sorted.count) states: use at most \(maxStates), the cap of the registry
                    """
            )
        self.init(
            name,
            .stateSet(states: order.sorted),
            help: help,
            labels: labels,
            seriesPerChild: order.sorted.count,
            fault: fault,
            metric: Series.Metric.stateSet
        ) { _ in Registry.StateSet(order) }
    }
}

extension FamilyRequest<Registry.Info> {
    init(info name: String, help: String, labels: [String], only: [String]? = nil, cap: LabelSetCap = .labelSets) {
        self.init(
            name,
            .info,
            help: help,
            labels: labels,
            onlyChild: only.map { LabelValues($0) },
            cap: cap,
            metric: { _ in .info }
        ) { _ in Registry.Info() }
    }
}
