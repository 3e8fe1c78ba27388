internal import Primitives

/// The values of a family's labels, in the order of their names: they distinguish its children.
///
/// Values are compared and ordered by their UTF-8 bytes as scrapers do; to `String` a letter with an accent and the same
/// letter followed by a combining accent are equal.
struct LabelValues: Hashable, Comparable, Sendable {
    let values: [String]

    private static let other = "_other"

    init(_ values: [String]) {
        self.values = values
    }

    /// The label values of the child that stands for the label sets above a family's cap.
    static func others(count: Int) -> LabelValues {
        LabelValues(Array(repeating: other, count: count))
    }

    /// Whether these are the label values of that child; a family without labels has none.
    var isOther: Bool {
        !values.isEmpty && values.allSatisfy { $0 == Self.other }
    }

    /// The first value alone, by which ``LabelSetCap/firstLabel`` counts.
    var first: LabelValues { LabelValues(Array(values.prefix(1))) }

    static func == (left: LabelValues, right: LabelValues) -> Bool {
        left.values.elementsEqual(right.values) { $0.isSpelled(as: $1) }
    }

    static func < (left: LabelValues, right: LabelValues) -> Bool {
        for (one, another) in zip(left.values, right.values) where !one.isSpelled(as: another) {
            return one.utf8.lexicographicallyPrecedes(another.utf8)
        }
        return left.values.count < right.values.count
    }

    func hash(into hasher: inout Hasher) {
        for value in values { hasher.combine(ExactText(value)) }
    }
}
