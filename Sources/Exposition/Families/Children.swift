/// The children of a family, found by their labels' values and sorted by them.
struct Children<Child: Sendable>: Sendable {
    private var byLabelValues: [LabelValues: Child] = [:]
    /// The children as a renderer sees them.
    private(set) var sorted: [Series] = []
    /// How many bytes their lines may take at most.
    private(set) var maxBytes = 0
    private var hasOther = false
    private let maxLabelSets: Int

    init(maxLabelSets: Int) {
        self.maxLabelSets = maxLabelSets
    }

    /// Whether there may be one more; the child that stands for the label sets above the cap does not count.
    var hasRoom: Bool {
        sorted.count - (hasOther ? 1 : 0) < maxLabelSets
    }

    /// The children by their labels' values.
    var all: [LabelValues: Child] { byLabelValues }

    /// The child with these label values, if there is one.
    subscript(labelValues: LabelValues) -> Child? {
        byLabelValues[labelValues]
    }

    /// Adds a child unless one with the same label values is there.
    ///
    /// - Returns: the child that is there now.
    mutating func insert(_ child: Child, _ series: Series) -> Child {
        if let present = byLabelValues[series.labelValues] { return present }
        byLabelValues[series.labelValues] = child
        sorted.insert(series, at: firstIndex(notBelow: series.labelValues))
        maxBytes += series.lines.maxBytes
        if series.labelValues.isOther { hasOther = true }
        return child
    }

    /// Removes the child with these label values, if there is one.
    mutating func remove(_ labelValues: LabelValues) {
        guard byLabelValues.removeValue(forKey: labelValues) != nil else { return }
        maxBytes -= sorted.remove(at: firstIndex(notBelow: labelValues)).lines.maxBytes
        if labelValues.isOther { hasOther = false }
    }

    private func firstIndex(notBelow labelValues: LabelValues) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].labelValues < labelValues { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
