internal import Myosin

/// How many rules a schema holds a value against at most.
///
/// A schema has rules for the value itself, those of its alternatives among them, and for the values below it. Rules of a single
/// place, such as a property, count once. Rules of repeated places, such as elements, count for each.
struct JSONSchemaCost {
    /// The rules for the value itself.
    private var own = 1
    /// The rules for the value and for the single places below it.
    private var once = 1
    /// The most rules that are for one value of those that can have many places below it.
    private var repeated = 0
    /// The most rules that are for one value below it, wherever it is.
    private var below = 0

    /// The cost of a whole document.
    var total: CheckCost { CheckCost(once: once, repeated: repeated) }

    /// Makes the cost of a schema of those of its parts.
    init(_ rules: JSONSchemaRules) {
        // Each is looked for in an object, whether it is there or not.
        own += rules.properties.count + rules.required.count
        once = own
        for part in rules.properties.map(\.node) + rules.firstElements {
            once += part.cost.once
            repeated = max(repeated, part.cost.repeated)
            below = max(below, part.cost.most)
        }
        for part in [rules.otherElements, rules.otherProperties].compactMap(\.self) {
            repeated = max(repeated, part.cost.most)
            below = max(below, part.cost.most)
        }
        for part in rules.all + rules.any + rules.exactlyOne + [rules.reference, rules.not].compactMap(\.self) {
            own += part.cost.own
            once += part.cost.once
            repeated += part.cost.repeated
            below += part.cost.below
        }
    }

    /// The most rules that are for one value: this one, or one below it.
    private var most: Int { max(own, below) }
}
