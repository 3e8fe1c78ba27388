internal import Primitives

/// The metrics of a process, or of a part of it, on one page.
///
/// You can use it from any thread. It checks names and labels when you make a metric, so a page is never broken: a bad name throws
/// a ``MetricError``. It refuses two families with a sample name in common.
///
/// ```swift
/// let registry = Registry()
/// let requests = try registry.makeCounter("requests", help: "Requests answered.", labels: ["route"])
/// requests.child("/state").increment()
/// let page = registry.render()
/// ```
///
/// The counter `metrics_series_dropped` with the label `family` is the registry's own, under that or another name. It is on the
/// page from the first labelled family on, with a child for each of them.
public final class Registry: Sendable {
    /// How many children a labelled family may have.
    package let maxLabelSets: Int
    /// How many children a labelled family may have, unless a registry says otherwise.
    public static let usualMaxLabelSets = 1_000
    private let families: Lock<FamilyTable>
    private let collectors = Lock<[@Sendable () -> Void]>([])
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
    /// References to its metrics stay valid, without effect on the page. The registry's own family stays.
    ///
    /// - Parameter name: the family's name; a counter's with or without `_total`.
    public func unregister(_ name: String) {
        guard let family = families.withLock({ $0.remove(named: name) }) else { return }
        families.withLock { table in
            table.own.remove(family.name)
            table.release(family)
        }
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

    /// The family of a name, or a new one where there is none.
    ///
    /// - Parameters:
    ///   - name: the family's name; a counter's with or without `_total`.
    ///   - make: makes it, with that name.
    /// - Returns: the family.
    /// - Throws: what `make` throws, `duplicateName` also where there is one of another type.
    package func findOrMake<Child>(
        _ name: String,
        _ make: (String) throws(MetricError) -> Family<Child>
    ) throws(MetricError) -> Family<Child> {
        if let present = families.withLock({ $0.family(named: name) }) as? Family<Child> { return present }
        return try make(name)
    }

    /// The gauge without labels of a name, or a new one where there is none.
    ///
    /// - Throws: ``MetricError`` where the name is not one or that of another metric.
    package func findOrMakeGauge(_ name: String, help: String, unit: String? = nil) throws(MetricError) -> Gauge {
        try findOrMake(name) { (name) throws(MetricError) in try makeGauge(name, help: help, unit: unit, labels: []) }
            .child([])
    }

    /// Adds a closure that runs before each rendering, for metrics that are only read there.
    ///
    /// - Parameter update: updates metrics, or makes some. Each rendering calls it on its own thread, so several may run at once.
    public func addCollector(_ update: @escaping @Sendable () -> Void) { collectors.withLock { $0.append(update) } }

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
        for update in collectors.withLock({ $0 }) { update() }
        var shown = families.withLock { $0.sorted() }
        if let names { shown.removeAll { !$0.descriptor.has(anyOf: names) } }
        return PageRenderer(version: format.version, showsCreated: showsCreated).page(of: shown)
    }

    /// Makes a family and puts it on the page.
    ///
    /// - Parameters:
    ///   - name: the name as it was given.
    ///   - kind: the type, which fits the metrics that are made.
    ///   - help: the help text.
    ///   - unit: the unit.
    ///   - labels: the names of the labels.
    ///   - onlyChild: the label values of the one child of a family that can have no others, on the page at once; it is
    ///     so without labels anyhow. Other families' children are made later and capped.
    ///   - hasChildAtOnce: false for an only child that is made later.
    ///   - cap: what the cap of the children counts.
    ///   - metric: says how a child is rendered.
    ///   - makeChild: makes a child.
    /// - Returns: the family.
    /// - Throws: `invalidName`, `invalidUnit`, `invalidLabel`, `duplicateName` or `nameCollision`.
    func makeFamily<Child: Sendable>(
        _ name: String,
        _ kind: MetricKind,
        help: String,
        unit: String? = nil,
        labels: [String],
        onlyChild: [String]? = nil,
        hasChildAtOnce: Bool = true,
        cap: LabelSetCap = .labelSets,
        metric: @escaping @Sendable (Child) -> Series.Metric,
        makeChild: @escaping @Sendable (ExemplarUse) -> Child
    ) throws(MetricError) -> Family<Child> {
        let descriptor = try FamilyDescriptor(checkedName: name, kind: kind, help: help, unit: unit, labelNames: labels)
        try families.withLock { (table) throws(MetricError) in try table.claim(descriptor) }
        let onlyChild = onlyChild ?? (labels.isEmpty ? [] : nil)
        let family = Family(
            descriptor,
            maxLabelSets: onlyChild == nil ? maxLabelSets : 1,
            cap: cap,
            dropped: onlyChild == nil ? dropped(of: descriptor) : nil,
            metric: metric,
            makeChild: makeChild
        )
        // Made before the family is seen, so that no page has the family without it.
        if let onlyChild, hasChildAtOnce { _ = family.child(onlyChild) }
        families.withLock { table in
            table.insert(family)
            if onlyChild == nil { table.insert(table.own) }
        }
        return family
    }

    /// Makes a family whose children have labels of their own, and puts it on the page.
    ///
    /// - Throws: `invalidName`, `invalidUnit`, `duplicateName` or `nameCollision`.
    func makeOpenFamily<Child: Sendable>(
        _ name: String,
        _ kind: MetricKind,
        help: String,
        unit: String? = nil,
        metric: @escaping @Sendable (Child) -> Series.Metric,
        makeChild: @escaping @Sendable (ExemplarUse) -> Child
    ) throws(MetricError) -> OpenFamily<Child> {
        let descriptor = try FamilyDescriptor(checkedName: name, kind: kind, help: help, unit: unit, labelNames: [])
        try families.withLock { (table) throws(MetricError) in try table.claim(descriptor) }
        let family = OpenFamily(
            descriptor,
            maxLabelSets: maxLabelSets,
            dropped: dropped(of: descriptor),
            metric: metric,
            makeChild: makeChild
        )
        families.withLock { table in
            table.insert(family)
            table.insert(table.own)
        }
        return family
    }

    /// Counts the label sets that the cap of a family refuses.
    private func dropped(of family: FamilyDescriptor) -> Counter {
        families.withLock { $0.own.child(family.name) }
    }

    private static func makeDroppedSeries(_ name: String) -> Family<Counter> {
        let descriptor = FamilyDescriptor(
            name: name,
            kind: .counter,
            help: "Requests for a label set that a family's cap refused.",
            labelNames: ["family"]
        )
        return Family(
            descriptor,
            maxLabelSets: .max,
            dropped: nil,
            metric: Series.Metric.counter,
            makeChild: Counter.init
        )
    }
}

/// The families of a registry, sorted, and the names that they have claimed.
///
/// A name is claimed before its family is made and released after the family is gone, so that whatever is made for a
/// family in between (its count of dropped label sets) belongs to one family only.
struct FamilyTable: Sendable {
    /// The families on the page, by their names in the text format.
    private var families: [String: any RenderableFamily] = [:]
    /// The same in the order of a page; nil until the next page when some have come or gone.
    private var order: [any RenderableFamily]?
    private var owners: [String: FamilyDescriptor] = [:]
    /// The registry's own family, with a child for each labelled family; it is not capped.
    private(set) var own: Family<Counter>

    /// Makes a table without families on the page, in which the registry's own has its names already.
    init(own: Family<Counter>) {
        self.own = own
        claim(unchecked: own.descriptor)
    }

    /// Puts another family in place of the registry's own, which has the same children then.
    ///
    /// - Throws: `duplicateName` or `nameCollision`; nothing is changed then.
    mutating func replaceOwn(by new: Family<Counter>) throws(MetricError) {
        let former = own
        if former.descriptor.name == new.descriptor.name { return }
        try claim(new.descriptor)
        new.take(childrenOf: former)
        own = new
        let isShown = families.removeValue(forKey: former.descriptor.textName) != nil
        release(former.descriptor)
        if isShown { insert(new) }
        order = nil
    }

    /// Reserves all names of a family.
    ///
    /// - Throws: `duplicateName` or `nameCollision`; nothing is reserved then.
    mutating func claim(_ family: FamilyDescriptor) throws(MetricError) {
        for name in family.claimedNames {
            guard let owner = owners[name] else { continue }
            throw owner.name == family.name ? Self.duplicate(family, owner) : Self.collision(family, owner, name)
        }
        claim(unchecked: family)
    }

    /// Gives the names of a family back.
    mutating func release(_ family: FamilyDescriptor) {
        for name in family.claimedNames { owners[name] = nil }
    }

    /// Puts a family whose names are claimed on the page, once.
    mutating func insert(_ family: any RenderableFamily) {
        let name = family.descriptor.textName
        guard families[name] == nil else { return }
        families[name] = family
        order = nil
    }

    /// The families in the order of a page.
    mutating func sorted() -> [any RenderableFamily] {
        if let order { return order }
        let new = families.values.sorted { $0.descriptor.textName < $1.descriptor.textName }
        order = new
        return new
    }

    /// The family on the page that a name means.
    func family(named name: String) -> (any RenderableFamily)? {
        guard let owner = owners[name], owner.isNamed(name) else { return nil }
        return families[owner.textName]
    }

    /// Takes a family off the page; its names stay claimed.
    mutating func remove(named name: String) -> FamilyDescriptor? {
        // A name means one family at most: a counter claims its name with and without `_total`.
        guard let owner = owners[name], owner.isNamed(name), owner.name != own.descriptor.name else { return nil }
        guard families.removeValue(forKey: owner.textName) != nil else { return nil }
        order = nil
        return owner
    }

    private mutating func claim(unchecked family: FamilyDescriptor) {
        for name in family.claimedNames { owners[name] = family }
    }

    private static func duplicate(_ family: FamilyDescriptor, _ owner: FamilyDescriptor) -> MetricError {
        MetricError(
            code: .duplicateName,
            family: family.name,
            message: """
                there is a \(owner.kind.name) \(owner.name) already: keep what made it, unregister it first, or choose \
                another name for the \(family.kind.name)
                """
        )
    }

    private static func collision(
        _ family: FamilyDescriptor,
        _ owner: FamilyDescriptor,
        _ name: String
    ) -> MetricError {
        MetricError(
            code: .nameCollision,
            family: family.name,
            message: """
                the \(family.kind.name) \(family.name) and the \(owner.kind.name) \(owner.name) would both have the \
                name \(name) on a page: choose another name for one of them
                """
        )
    }
}
