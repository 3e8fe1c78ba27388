internal import Primitives

/// Series of one family that come and go with the elements of a collection, and have the elements' keys as a label.
///
/// An element above the family's cap, or with a key of more than 1,024 bytes, has no series at all, rather than some of its states. It counts as dropped once, when it comes,
/// and gets its series when there is room.
package final class KeyedSeries: Sendable {
    /// What an element has.
    package enum Value: Sendable {
        case number(Double)
        case state(String)
    }

    private struct Shown {
        /// By the key: one gauge for a number, one per state for a state.
        var gauges: [LabelValues: [Gauge]] = [:]
        /// The keys of elements that have found no room.
        var refused: Set<LabelValues> = []
    }

    private let family: Family<Gauge>
    private let states: [String]
    private let isCounter: Bool
    private let maxKeys: Int
    private let shown = Lock(Shown())
    /// A longer key would be on the page for each metric of its element.
    private static let maxKeyBytes = 1_024

    /// - Parameters:
    ///   - family: the family, which nothing else gives children; its labels are the key and, with states, the state.
    ///   - states: the states; none for numbers.
    ///   - isCounter: whether a number that falls has begun again.
    ///   - maxLabelSets: the family's cap.
    init(_ family: Family<Gauge>, states: [String], isCounter: Bool, maxLabelSets: Int) {
        (self.family, self.states, self.isCounter) = (family, states, isCounter)
        maxKeys = maxLabelSets / max(1, states.count)
    }

    /// Shows the elements that there are now, and no others.
    ///
    /// - Parameter elements: the elements with their keys; of several with one key the first counts, also if it has no value.
    package func show(_ elements: [(key: String, value: Value?)]) {
        shown.withLock { shown in
            var keys: Set<LabelValues> = []
            var wanted: [(key: LabelValues, value: Value)] = []
            var missing: Set<LabelValues> = []
            for (key, value) in elements {
                let key = LabelValues([key])
                guard keys.insert(key).inserted else { continue }
                if let value { wanted.append((key, value)) } else { missing.insert(key) }
            }
            keys.subtract(missing)
            for key in shown.gauges.keys where !keys.contains(key) {
                for labelValues in labelValues(of: key) { family.remove(labelValues) }
                shown.gauges[key] = nil
            }
            if !shown.refused.isEmpty { shown.refused.formIntersection(keys) }
            for (key, value) in wanted { show(value, of: key, &shown) }
        }
    }

    private func show(_ value: Value, of key: LabelValues, _ shown: inout Shown) {
        let isShort = key.values.allSatisfy { $0.utf8.count <= Self.maxKeyBytes }
        guard shown.gauges[key] != nil || isShort && shown.gauges.count < maxKeys else {
            // Counted when it comes, and not again with every change of the others.
            if shown.refused.insert(key).inserted { family.countDropped() }
            return
        }
        shown.refused.remove(key)
        let gauges = shown.gauges[key] ?? labelValues(of: key).map { family.child($0) }
        shown.gauges[key] = gauges
        switch value {
        case .number(let number):
            guard let gauge = gauges.first else { return }
            shown.gauges[key] = [isCounter ? family.counting(number, in: gauge, key.values) : gauge]
            if !isCounter { gauge.set(number) }
        case .state(let state):
            for (other, gauge) in zip(states, gauges) {
                gauge.set(other.isSpelled(as: state) ? 1 : 0)
            }
        }
    }

    private func labelValues(of key: LabelValues) -> [[String]] {
        states.isEmpty ? [key.values] : states.map { key.values + [$0] }
    }
}

extension Family<Gauge> {
    /// Shows a count that is kept elsewhere.
    ///
    /// A count that has fallen begins again as a new series, with a new time of creation.
    ///
    /// - Parameters:
    ///   - count: the count now.
    ///   - gauge: the child that shows it.
    ///   - labelValues: the child's label values.
    /// - Returns: the child that shows it from now on.
    package func counting(_ count: Double, in gauge: Gauge, _ labelValues: [String]) -> Gauge {
        var gauge = gauge
        if count < gauge.value {
            remove(labelValues)
            gauge = child(labelValues)
        }
        gauge.set(count)
        return gauge
    }
}
