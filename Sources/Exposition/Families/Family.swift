/// Metrics of one name with labels: one child per set of label values.
///
/// The number of labels is part of the type: a `Family<Registry.Counter, 2>` takes two values for a child, and another number
/// does not compile. You can use it from any thread. Keep a child that you use often, because finding it takes a lock.
///
/// The registry caps the children of a family, because label values often come from outside and each set costs memory here and in
/// Prometheus forever. Sets beyond the cap share one child, with `_other` as the value of each label. Each request for such a set
/// counts in the registry's `metrics_series_dropped{family="…"}`.
public struct Family<Child: Sendable, let labelCount: Int>: Sendable {
    let storage: FamilyStorage<Child>

    /// Returns the child with these label values, creating it at first use.
    ///
    /// - Parameter values: a value per label, in the order of the labels' names; any text.
    /// - Returns: the child, or above the cap the shared one.
    @discardableResult
    public func child(_ values: InlineArray<labelCount, String>) -> Child { storage.child(Self.list(values)) }

    /// Removes the child with these label values from the page and makes room for another.
    ///
    /// References to the child stay valid, without effect on the page. Asking for it again makes a new child.
    ///
    /// - Parameter values: a value per label, in the order of the labels' names.
    public func remove(_ values: InlineArray<labelCount, String>) { storage.remove(Self.list(values)) }

    /// Removes the children that a closure selects by their label values, and makes room for others.
    ///
    /// - Parameter isUnwanted: returns true for label values to remove; it gets one value per label, in the order of the names.
    public func removeAll(where isUnwanted: ([String]) -> Bool) { storage.removeAll(where: isUnwanted) }

    private static func list(_ values: InlineArray<labelCount, String>) -> [String] {
        values.indices.map { values[$0] }
    }
}

extension Family where labelCount == 1 {
    /// Returns the child with this label value, creating it at first use.
    ///
    /// - Parameter value: the label's value; any text.
    /// - Returns: the child, or above the cap the shared one.
    @discardableResult
    public func child(_ value: String) -> Child { storage.child([value]) }

    /// Removes the child with this label value from the page and makes room for another.
    ///
    /// References to the child stay valid, without effect on the page. Asking for it again makes a new child.
    ///
    /// - Parameter value: the label's value.
    public func remove(_ value: String) { storage.remove([value]) }
}

extension Family where Child == Registry.Gauge {
    /// Shows a count from another source.
    ///
    /// A count that falls begins again as a new series, with a new time of creation.
    ///
    /// - Parameters:
    ///   - count: the count now.
    ///   - gauge: the child that shows it.
    ///   - labelValues: the child's label values.
    /// - Returns: the child that shows it from now on.
    package func counting(
        _ count: Double,
        in gauge: Registry.Gauge,
        _ labelValues: InlineArray<labelCount, String>
    ) -> Registry.Gauge {
        var gauge = gauge
        if count < gauge.value {
            remove(labelValues)
            gauge = child(labelValues)
        }
        gauge.set(count)
        return gauge
    }
}
