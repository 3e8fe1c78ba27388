internal import Primitives

/// The metrics of a process, or of a part of it, on one page.
///
/// You can use it from any thread. Each method returns the metric with a name, creating it at first use. With a literal name it
/// throws nothing, because a test can check such names: see ``refusals``. For a name that you compute, call the methods with
/// `named:`, which throw a ``MetricError``.
///
/// ```swift
/// let registry = Registry()
/// let requests = registry.counter("requests", help: "Requests answered.", labels: ["route", "code"])
/// requests.child(["/state", "200"]).increment()
/// let page = registry.render()
/// ```
///
/// The registry checks names and labels, so a page is always well-formed. It refuses two families with a sample name in common.
///
/// The counter `metrics_series_dropped` with the label `family` is the registry's own, under that or another name. It is on the
/// page from the first labelled family on, with a child for each of them.
public final class Registry: Sendable {
    /// How many children a labelled family may have.
    package let maxLabelSets: Int
    /// How many children a labelled family may have, unless a registry says otherwise.
    public static let usualMaxLabelSets = 1_000
    let families: Lock<FamilyTable>
    /// The mistakes in literal names, each once.
    let refused = Lock<[MetricError]>([])
    /// The closures that run before each rendering.
    private let collectors = Lock<[(update: @Sendable () -> Void, mayWait: Bool)]>([])
    private let begun = Lock<Set<String>>([])

    /// Makes an empty registry.
    ///
    /// - Parameter maxLabelSets: how many children each labelled family may have; every label set above that shares
    ///   one more child, whose labels are all `_other`.
    public init(maxLabelSets: Int = usualMaxLabelSets) {
        self.maxLabelSets = maxLabelSets
        families = Lock(FamilyTable(own: Self.makeDroppedSeries("metrics_series_dropped")))
    }

    /// Removes a family from the page and frees its names; does nothing without a family of that name.
    ///
    /// References to its metrics stay valid, without effect on the page; SwiftMetricsBackend keeps such references.
    /// The registry's own family stays.
    ///
    /// - Parameter name: the family's name; a counter's with or without `_total`.
    public func unregister(_ name: String) {
        families.withLock { $0.remove(named: name) }
    }

    /// Gives the registry's own counter another name; its children keep their counts.
    ///
    /// - Parameter name: the family's name, without `_total`.
    /// - Throws: ``MetricError`` with the code `invalidName`, `duplicateName` or `nameCollision`; the name stays then.
    package func renameDroppedSeries(to name: String) throws(MetricError) {
        try NameRules.checkMetricName(name, given: name)
        let new = Self.makeDroppedSeries(name)
        try families.withLock { (table) throws(MetricError) in try table.replaceOwn(by: new) }
    }

    /// Returns true the first time it is called for `what`.
    func beginOnce(_ what: String) -> Bool { begun.withLock { $0.insert(what).inserted } }

    /// Adds a closure that runs before each rendering, for metrics that are only read there.
    ///
    /// - Parameter update: a closure that updates or makes metrics. Each rendering calls it on its own thread, so several may run
    ///   at once. It may wait, for example for a sensor; the page then waits too.
    public func addCollector(_ update: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append((update, mayWait: true)) }
    }

    /// Adds a closure as ``addCollector(_:)`` does; this one is short and waits for nothing.
    ///
    /// - Parameter update: a closure that updates metrics.
    package func addQuickCollector(_ update: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append((update, mayWait: false)) }
    }

    /// Whether a rendering may wait in a closure of the program.
    package var mayWait: Bool { collectors.withLock { $0.contains { $0.mayWait } } }

    /// Renders all metrics as they are now.
    ///
    /// The page is sorted, by the families' names and then by the values of labels, each as UTF-8 bytes. Values are read one
    /// after another while other threads change them. No lock is held meanwhile, but for copying each list of families
    /// and children.
    ///
    /// - Parameters:
    ///   - format: the format of the page.
    ///   - names: shows only the families that have one of these names themselves, or whose samples have; nil for all.
    ///   - showsCreated: whether OpenMetrics pages have `_created` samples with the start of counters, summaries and histograms.
    /// - Returns: the page in UTF-8.
    public func render(
        _ format: ExpositionFormat = .text0_0_4,
        names: Set<String>? = nil,
        showsCreated: Bool = false
    ) -> [UInt8] {
        for collector in collectors.withLock({ $0 }) { collector.update() }
        var shown = families.withLock { $0.sorted() }
        if let names { shown.removeAll { !$0.descriptor.has(anyOf: names) } }
        return PageRenderer(version: format.version, showsCreated: showsCreated).page(of: shown)
    }

    private static func makeDroppedSeries(_ name: String) -> FamilyStorage<Counter> {
        let request = FamilyRequest(
            counter: name,
            help: "Requests for a label set that a family's cap refused.",
            unit: nil,
            labels: ["family"],
            cap: .none
        )
        let descriptor = FamilyDescriptor(
            name: name,
            kind: request.kind,
            help: request.help,
            labelNames: request.labelNames
        )
        return FamilyStorage(descriptor, request, isShared: false, maxLabelSets: .max, dropped: nil)
    }

    /// The elements of an inline array.
    static func list<let count: Int>(_ names: InlineArray<count, String>) -> [String] {
        names.indices.map { names[$0] }
    }
}
