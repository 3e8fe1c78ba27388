internal import Primitives

/// A family as a renderer sees it, whatever its children's type.
protocol RenderableFamily: Sendable {
    var descriptor: FamilyDescriptor { get }
    /// The children there are now, sorted by their labels' values, and how many bytes their lines may take at most.
    var lines: (series: [Series], maxBytes: Int) { get }
}

/// Metrics of one name with labels: one child per set of label values.
///
/// You can use it from any thread. Keep the child where you use it often, because finding it takes a lock.
///
/// The registry caps the children of a family, because label values often come from outside and each set costs memory here and in
/// Prometheus forever. Sets beyond the cap share one child, with `_other` as the value of each label. Each request for such a set
/// counts in the registry's `metrics_series_dropped{family="…"}`.
public final class Family<Child: Sendable>: RenderableFamily {
    let descriptor: FamilyDescriptor
    private let dropped: Counter?
    private let makeChild: @Sendable (ExemplarUse) -> Child
    private let metric: @Sendable (Child) -> Series.Metric
    private let children: Lock<Children<Child>>

    /// Makes an empty family.
    ///
    /// - Parameters:
    ///   - descriptor: what the family is.
    ///   - maxLabelSets: how many children there may be apart from the shared one.
    ///   - cap: the kind of label sets that count towards the limit.
    ///   - dropped: counts requests for children above the cap.
    ///   - metric: says how a child is rendered.
    ///   - makeChild: makes a child.
    init(
        _ descriptor: FamilyDescriptor,
        maxLabelSets: Int,
        cap: LabelSetCap = .labelSets,
        dropped: Counter?,
        metric: @escaping @Sendable (Child) -> Series.Metric,
        makeChild: @escaping @Sendable (ExemplarUse) -> Child
    ) {
        self.descriptor = descriptor
        self.dropped = dropped
        (self.metric, self.makeChild) = (metric, makeChild)
        children = Lock(Children(maxLabelSets: maxLabelSets, cap: cap))
    }

    /// Returns the child of a family with one label, and makes it at the first use.
    ///
    /// - Parameter value: the label's value; any text.
    /// - Returns: the child, or above the cap the shared one.
    @discardableResult
    public func child(_ value: String) -> Child {
        child([value])
    }

    /// Returns the child with these label values, and makes it at the first use.
    ///
    /// - Parameter values: a value for each label, in the order of the labels' names; any text. Another number of
    ///   values than labels is a programmer's mistake and stops the process.
    /// - Returns: the child, or above the cap the shared one.
    @discardableResult
    public func child(_ values: [String]) -> Child {
        let wanted = checked(values)
        if let child = find(wanted) ?? makeBelowCap(wanted) { return child }
        countDropped()
        let others = LabelValues.others(count: values.count)
        return find(others) ?? make(others)
    }

    /// Removes the child of a family with one label from the page and makes room for another.
    ///
    /// References to the child stay valid, without effect on the page. Asking for it again makes a new child.
    ///
    /// - Parameter value: the label's value.
    public func remove(_ value: String) {
        remove([value])
    }

    /// Removes the child with these label values from the page and makes room for another.
    ///
    /// References to the child stay valid, without effect on the page. Asking for it again makes a new child.
    ///
    /// - Parameter values: a value for each label, in the order of the labels' names.
    public func remove(_ values: [String]) {
        let unwanted = checked(values)
        children.withLock { $0.remove(unwanted) }
    }

    /// Removes the children that a closure selects by their label values, and makes room for others.
    ///
    /// - Parameter isUnwanted: returns true for label values to remove; it gets one value per label, in the order of the names.
    public func removeAll(where isUnwanted: ([String]) -> Bool) {
        // Asked without the lock, as the closure is not ours.
        for unwanted in lines.series.map(\.labelValues) where isUnwanted(unwanted.values) {
            children.withLock { $0.remove(unwanted) }
        }
    }

    /// Counts a label set that has no child of its own.
    func countDropped() { dropped?.increment() }

    /// Takes the children of another family over, which both have then.
    func take(childrenOf other: Family<Child>) {
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

    private func checked(_ values: [String]) -> LabelValues {
        precondition(
            values.count == descriptor.labelNames.count,
            "\(descriptor.name) has the labels \(descriptor.labelNames), and got \(values.count) values"
        )
        return LabelValues(values)
    }

    private func find(_ labelValues: LabelValues) -> Child? {
        children.withLock { $0[labelValues] }
    }

    /// Makes a child, or none where the family is full.
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
