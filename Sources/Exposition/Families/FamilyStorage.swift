internal import Primitives

/// A family as a renderer sees it, whatever its children's type.
protocol RenderableFamily: Sendable {
    var descriptor: FamilyDescriptor { get }
    /// Whether each request for such a family gets it; otherwise it belongs to the code that made it.
    var isShared: Bool { get }
    /// The present children, sorted by their labels' values, and the maximum number of bytes of their lines.
    var lines: (series: [Series], maxBytes: Int) { get }
}

/// The children of a ``Family``, whatever the number of its labels.
final class FamilyStorage<Child: Sendable>: RenderableFamily {
    let descriptor: FamilyDescriptor
    /// The label values of the one child of a family that can have no others.
    let onlyChild: LabelValues?
    /// Whether each request for such a family gets it; otherwise it belongs to the code that made it.
    let isShared: Bool
    private let dropped: Registry.Counter?
    private let makeChild: @Sendable (ExemplarUse) -> Child
    private let metric: @Sendable (Child) -> Series.Metric
    private let children: Lock<Children<Child>>

    /// Makes an empty family.
    ///
    /// - Parameters:
    ///   - descriptor: the description of the family.
    ///   - request: the request for the family.
    ///   - isShared: whether each request for such a family gets it.
    ///   - maxLabelSets: the maximum number of series of the children, apart from the shared one.
    ///   - dropped: counts requests for children above the cap.
    init(
        _ descriptor: FamilyDescriptor,
        _ request: FamilyRequest<Child>,
        isShared: Bool,
        maxLabelSets: Int,
        dropped: Registry.Counter?
    ) {
        (self.descriptor, self.isShared, self.dropped) = (descriptor, isShared, dropped)
        (onlyChild, metric, makeChild) = (request.onlyChild, request.metric, request.makeChild)
        let maxChildren = request.onlyChild == nil ? maxLabelSets / request.seriesPerChild : 1
        children = Lock(Children(maxLabelSets: maxChildren, cap: request.cap))
    }

    /// Makes the family of a request that a registry has refused: it works, but is on no page.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - maxLabelSets: the maximum number of series of the children, apart from the shared one.
    convenience init(refused request: FamilyRequest<Child>, maxLabelSets: Int) {
        let descriptor = FamilyDescriptor(
            name: request.name,
            kind: request.kind,
            help: request.help,
            unit: request.unit,
            labelNames: request.labelNames
        )
        self.init(descriptor, request, isShared: false, maxLabelSets: maxLabelSets, dropped: nil)
    }

    /// The one child of a family that can have no others.
    var only: Child { child(onlyChild?.values ?? []) }

    /// Returns the child with these label values, creating it at first use.
    ///
    /// - Parameter values: a value per label, in the order of the labels' names; any text.
    /// - Returns: the child, or above the cap the shared one.
    func child(_ values: [String]) -> Child {
        let wanted = LabelValues(values)
        if let child = find(wanted) ?? makeBelowCap(wanted) { return child }
        countDropped()
        let others = LabelValues.others(count: values.count)
        return find(others) ?? make(others)
    }

    /// Removes the child with these label values from the page and makes room for another.
    func remove(_ values: [String]) {
        let unwanted = LabelValues(values)
        children.withLock { $0.remove(unwanted) }
    }

    /// Removes the children that a closure selects by their label values, and makes room for others.
    func removeAll(where isUnwanted: ([String]) -> Bool) {
        // Calls the closure without the lock, because it is the user's code.
        for unwanted in lines.series.map(\.labelValues) where isUnwanted(unwanted.values) {
            children.withLock { $0.remove(unwanted) }
        }
    }

    /// Counts a label set without its own child.
    func countDropped() { dropped?.increment() }

    /// Adds the children of another family; both families then share them.
    func take(childrenOf other: FamilyStorage<Child>) {
        for (labelValues, child) in other.children.withLock({ $0.all }) {
            let series = Series(
                metric(child),
                of: descriptor,
                labelNames: descriptor.labelNames,
                labelValues: labelValues
            )
            children.withLock { _ = $0.insert(child, series) }
        }
    }

    var lines: (series: [Series], maxBytes: Int) {
        children.withLock { ($0.sorted, $0.maxBytes) }
    }

    private func find(_ labelValues: LabelValues) -> Child? {
        children.withLock { $0[labelValues] }
    }

    /// Makes a child, or returns nil if the family is full.
    private func makeBelowCap(_ labelValues: LabelValues) -> Child? {
        guard children.withLock({ $0.hasRoom(for: labelValues) }) else { return nil }
        // Made outside the lock, so another thread may have made the same child, or the last one, in the meantime.
        let (child, series) = makeUnlisted(labelValues)
        return children.withLock {
            $0[labelValues] ?? ($0.hasRoom(for: labelValues) ? $0.insert(child, series) : nil)
        }
    }

    private func make(_ labelValues: LabelValues) -> Child {
        let (child, series) = makeUnlisted(labelValues)
        return children.withLock { $0.insert(child, series) }
    }

    private func makeUnlisted(_ labelValues: LabelValues) -> (Child, Series) {
        let child = makeChild(descriptor.exemplarUse)
        return (
            child, Series(metric(child), of: descriptor, labelNames: descriptor.labelNames, labelValues: labelValues)
        )
    }
}
