internal import Locking

/// The metrics of a process, or of a part of it, that are rendered as one page.
///
/// It may be used from any thread. Names and labels are checked when a metric is made, so that a page is never broken:
/// what a bad name gives is a thrown ``MetricError``. Two families whose samples would share a name are refused.
///
/// ```swift
/// let registry = Registry()
/// let requests = try registry.makeCounter("requests", help: "Requests answered.", labels: ["route"])
/// requests.child("/state").increment()
/// let page = registry.render()
/// ```
///
/// The counter `myosin_metrics_series_dropped` with the label `family` is the registry's own; it is on the page from the
/// first labelled family on, with a child for each of them.
public final class Registry: Sendable {
    private let labelSetsMax: Int
    private let families: Lock<FamilyTable>
    /// Not capped: it has one child for each labelled family.
    private let droppedSeries: Family<Counter>

    /// Makes an empty registry.
    ///
    /// - Parameter labelSetsMax: how many children each labelled family may have; every label set above that shares
    ///   one more child, whose labels are all `_other`.
    public init(labelSetsMax: Int = 1_000) {
        self.labelSetsMax = labelSetsMax
        droppedSeries = Self.makeDroppedSeries()
        families = Lock(FamilyTable(reserving: droppedSeries.descriptor))
    }

    /// Takes a family off the page and frees its names; does nothing if there is none of that name.
    ///
    /// Whoever holds its metrics may go on using them, unseen. The registry's own family stays.
    ///
    /// - Parameter name: the family's name; a counter's with or without `_total`.
    public func unregister(_ name: String) {
        guard !droppedSeries.descriptor.isNamed(name) else { return }
        guard let family = families.withLock({ $0.remove(named: name) }) else { return }
        droppedSeries.remove(family.name)
        families.withLock { $0.release(family) }
    }

    /// Renders all metrics as they are now.
    ///
    /// The page is sorted, by the families' names and then by the values of labels, each as UTF-8 bytes. Values are read one
    /// after another while other threads change them. No lock is held meanwhile, but for copying each list of families
    /// and children.
    ///
    /// - Parameter format: the format of the page.
    /// - Returns: the page in UTF-8.
    public func render(_ format: TextFormat = .v0_0_4) -> [UInt8] {
        let families = families.withLock { $0.sorted() }
        return switch format.version {
        case .v0_0_4: TextRenderer.page(of: families)
        }
    }

    /// Makes a family and puts it on the page.
    ///
    /// - Parameters:
    ///   - name: the name as it was given.
    ///   - kind: the type, which fits the metrics that are made.
    ///   - help: the help text.
    ///   - labels: the names of the labels.
    ///   - onlyChild: the label values of the one child of a family that can have no others, on the page at once; it is
    ///     so without labels anyhow. Other families' children are made later and capped.
    ///   - hasChildAtOnce: false for an only child that is made later.
    ///   - makeMetric: makes a child, and says how it is rendered.
    /// - Returns: the family.
    /// - Throws: `invalidName`, `invalidLabel`, `duplicateName` or `nameCollision`.
    func makeFamily<Child: Sendable>(
        _ name: String,
        _ kind: MetricKind,
        help: String,
        labels: [String],
        onlyChild: [String]? = nil,
        hasChildAtOnce: Bool = true,
        makeMetric: @escaping @Sendable () -> (child: Child, metric: Series.Metric)
    ) throws(MetricError) -> Family<Child> {
        let descriptor = try FamilyDescriptor(checkedName: name, kind: kind, help: help, labelNames: labels)
        try families.withLock { (table) throws(MetricError) in try table.claim(descriptor) }
        let onlyChild = onlyChild ?? (labels.isEmpty ? [] : nil)
        let family = Family(
            descriptor,
            labelSetsMax: onlyChild == nil ? labelSetsMax : 1,
            dropped: onlyChild == nil ? droppedSeries.child(descriptor.name) : nil,
            makeMetric: makeMetric
        )
        // Made before the family is seen, so that no page has the family without it.
        if let onlyChild, hasChildAtOnce { _ = family.child(onlyChild) }
        families.withLock { table in
            table.insert(family)
            if onlyChild == nil { table.insert(droppedSeries) }
        }
        return family
    }

    private static func makeDroppedSeries() -> Family<Counter> {
        let descriptor = FamilyDescriptor(
            name: "myosin_metrics_series_dropped",
            kind: .counter,
            help: "Requests for a label set that a family's cap refused.",
            labelNames: ["family"]
        )
        return Family(descriptor, labelSetsMax: .max, dropped: nil) {
            let counter = Counter()
            return (counter, .counter(counter))
        }
    }
}
