internal import Primitives

/// What the cap of a family counts.
package enum LabelSetCap: Sendable {
    /// Every set of label values, which suits labels that come from outside.
    case labelSets
    /// The values of the first label, for a family whose further labels have a few fixed values: as many models, each with all
    /// reasons, as a family with the label `model` alone has.
    case firstLabel
    /// Nothing, for a family whose children are as many as something else that is bounded.
    case none
}

/// The children of a family, found by their labels' values and sorted by them.
struct Children<Child: Sendable>: Sendable {
    private var byLabelValues: [LabelValues: Child] = [:]
    /// The children as a renderer sees them.
    private(set) var sorted: [Series] = []
    /// How many bytes their lines may take at most.
    private(set) var maxBytes = 0
    private var hasOther = false
    private let maxLabelSets: Int
    private let cap: LabelSetCap
    /// How many children have a value as their first label; empty unless the cap counts these values.
    private var firstValues: [LabelValues: Int] = [:]

    init(maxLabelSets: Int, cap: LabelSetCap) {
        (self.maxLabelSets, self.cap) = (maxLabelSets, cap)
    }

    /// Whether there may be a child with these label values; the one for the label sets above the cap does not count.
    func hasRoom(for labelValues: LabelValues) -> Bool {
        let others = hasOther ? 1 : 0
        switch cap {
        case .labelSets: return sorted.count - others < maxLabelSets
        case .firstLabel: return firstValues[labelValues.first] != nil || firstValues.count - others < maxLabelSets
        case .none: return true
        }
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
        if case .firstLabel = cap { firstValues[series.labelValues.first, default: 0] += 1 }
        return child
    }

    /// Removes the child with these label values, if there is one.
    mutating func remove(_ labelValues: LabelValues) {
        guard byLabelValues.removeValue(forKey: labelValues) != nil else { return }
        maxBytes -= sorted.remove(at: firstIndex(notBelow: labelValues)).lines.maxBytes
        if labelValues.isOther { hasOther = false }
        if case .firstLabel = cap, let count = firstValues[labelValues.first] {
            firstValues[labelValues.first] = count > 1 ? count - 1 : nil
        }
    }

    private func firstIndex(notBelow labelValues: LabelValues) -> Int {
        sorted.partitioningIndex { !($0.labelValues < labelValues) }
    }
}
