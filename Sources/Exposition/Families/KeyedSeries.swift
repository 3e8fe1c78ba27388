internal import Primitives

/// Series of one family that come and go with the elements of a collection, and have the elements' keys as a label.
///
/// An element above the family's cap, or with a key of more than 1,024 bytes, has no series. It counts as dropped once, on
/// arrival. An element above the cap gets its series when there is room.
package final class KeyedSeries: Sendable {
    /// The value of an element.
    package enum Value: Sendable {
        case number(Double)
        case state(String)
    }

    private enum Showing: Sendable {
        case numbers(Family<Registry.Gauge, 1>, isCounter: Bool)
        case states(Family<Registry.StateSet, 1>)

        func countDropped() {
            switch self {
            case .numbers(let family, _): family.storage.countDropped()
            case .states(let family): family.storage.countDropped()
            }
        }

        func remove(_ key: String) {
            switch self {
            case .numbers(let family, _): family.remove(key)
            case .states(let family): family.remove(key)
            }
        }

        func child(_ key: String) -> Child {
            switch self {
            case .numbers(let family, _): .number(family.child(key))
            case .states(let family): .state(family.child(key))
            }
        }
    }

    private enum Child: Sendable {
        case number(Registry.Gauge)
        case state(Registry.StateSet)
    }

    private struct Shown {
        /// The elements that have series, by their keys.
        var children: [LabelValues: Child] = [:]
        /// The keys of elements that have found no room.
        var refused: Set<LabelValues> = []
    }

    private let showing: Showing
    private let maxKeys: Int
    private let shown = Lock(Shown())
    /// A longer key would be on the page for each metric of its element.
    private static let maxKeyBytes = 1_024

    /// Makes series of numbers.
    ///
    /// - Parameters:
    ///   - family: the family, which nothing else gives children.
    ///   - isCounter: whether a number that falls has begun again.
    ///   - maxLabelSets: the family's cap.
    init(_ family: Family<Registry.Gauge, 1>, isCounter: Bool, maxLabelSets: Int) {
        showing = .numbers(family, isCounter: isCounter)
        maxKeys = maxLabelSets
    }

    /// Makes series of states.
    ///
    /// - Parameters:
    ///   - family: the family, which nothing else gives children.
    ///   - stateCount: the number of states; each state is a series.
    ///   - maxLabelSets: the family's cap, which counts series.
    init(_ family: Family<Registry.StateSet, 1>, stateCount: Int, maxLabelSets: Int) {
        showing = .states(family)
        maxKeys = maxLabelSets / max(1, stateCount)
    }

    /// Shows the elements that there are now, and no others.
    ///
    /// - Parameter elements: the elements with their keys; of several with one key the first counts, also if it has no value.
    package func show(_ elements: [(key: String, value: Value?)]) {
        shown.withLock { shown in
            var keys: Set<LabelValues> = []
            var wanted: [(key: String, value: Value)] = []
            var missing: Set<LabelValues> = []
            for (key, value) in elements {
                let entry = LabelValues([key])
                guard keys.insert(entry).inserted else { continue }
                if let value { wanted.append((key, value)) } else { missing.insert(entry) }
            }
            keys.subtract(missing)
            for entry in shown.children.keys where !keys.contains(entry) {
                for key in entry.values { showing.remove(key) }
                shown.children[entry] = nil
            }
            if !shown.refused.isEmpty { shown.refused.formIntersection(keys) }
            for (key, value) in wanted { show(value, of: key, &shown) }
        }
    }

    private func show(_ value: Value, of key: String, _ shown: inout Shown) {
        let entry = LabelValues([key])
        let isShort = key.utf8.count <= Self.maxKeyBytes
        guard shown.children[entry] != nil || isShort && shown.children.count < maxKeys else {
            // Counted when it comes, and not again with every change of the others.
            if shown.refused.insert(entry).inserted { showing.countDropped() }
            return
        }
        shown.refused.remove(entry)
        let child = shown.children[entry] ?? showing.child(key)
        shown.children[entry] = child
        switch (showing, child, value) {
        case (.numbers(let family, isCounter: true), .number(let gauge), .number(let number)):
            shown.children[entry] = .number(family.counting(number, in: gauge, [key]))
        case (_, .number(let gauge), .number(let number)):
            gauge.set(number)
        case (_, .state(let states), .state(let state)):
            states.set(state)
        case (_, .number, .state), (_, .state, .number):
            // The metric of a field has values of one kind, so there is no such element.
            break
        }
    }
}
