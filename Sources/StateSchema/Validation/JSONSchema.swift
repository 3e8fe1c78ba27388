package import Myosin
package import Primitives

/// A JSON Schema, or a part of one, that has been read and checked: what it says of the value in one place.
///
/// It is immutable, and what several references name is one node. No node contains itself.
package final class JSONSchema: Sendable {
    /// Where it stands in its document, as a JSON pointer.
    package let pointer: String
    /// What it says.
    package let rules: JSONSchemaRules
    /// How many rules that are at most.
    let cost: JSONSchemaCost

    init(_ rules: JSONSchemaRules, at pointer: String) {
        (self.rules, self.pointer, cost) = (rules, pointer, JSONSchemaCost(rules))
    }

    /// The kinds of values that JSON has, and whole numbers among them.
    package enum ValueType: String, CaseIterable, Sendable {
        case null, boolean, integer, number, string, array, object

        /// The type with its article, as error messages say it.
        var phrase: String {
            switch self {
            case .null: "null"
            case .boolean: "true or false"
            case .integer, .array, .object: "an \(rawValue)"
            case .number, .string: "a \(rawValue)"
            }
        }

        /// Whether a value is of the type.
        package func has(_ value: JSONValue) -> Bool {
            switch (self, value) {
            case (.null, .null), (.boolean, .bool), (.string, .string), (.array, .array), (.object, .object),
                (.number, .number):
                true
            case (.integer, .number(let number)): number.isInteger
            default: false
            }
        }
    }
}

/// The keywords of a schema; what is not said is nil or empty, and rules nothing out.
package struct JSONSchemaRules: Sendable {
    /// The schema `false`, which accepts nothing.
    var isNever = false

    // MARK: Any value
    package var types: [JSONSchema.ValueType]?
    /// The values of `enum` and `const`, in canonical form for the comparison and as they are written.
    var values: [ChoiceOfValues] = []
    package var format: StringFormat?

    // MARK: Numbers
    var minimum: JSONNumber?
    var maximum: JSONNumber?
    var exclusiveMinimum: JSONNumber?
    var exclusiveMaximum: JSONNumber?
    var multipleOf: JSONNumber?

    // MARK: Strings, arrays, objects: how many characters, elements, fields
    var lengths = CountRule()
    var elementCounts = CountRule()
    var fieldCounts = CountRule()

    // MARK: Arrays
    package var firstElements: [JSONSchema] = []
    package var otherElements: JSONSchema?
    var hasUniqueElements = false

    // MARK: Objects
    package var properties: [(name: String, node: JSONSchema)] = [] {
        didSet {
            propertiesByName = Dictionary(properties.map { (ExactText($0.name), $0.node) }, uniquingKeysWith: { $1 })
        }
    }
    package private(set) var propertiesByName: [ExactText: JSONSchema] = [:]
    package var required: [String] = []
    package var otherProperties: JSONSchema?

    // MARK: The same value again
    package var reference: JSONSchema?
    package var all: [JSONSchema] = []
    package var any: [JSONSchema] = []
    package var exactlyOne: [JSONSchema] = []
    package var not: JSONSchema?

    // MARK: What is told, and rules nothing out
    package var defaultValue: JSONValue?
    package var examples: [JSONValue] = []
    package var title: String?
    package var summary: String?
    package var isReadOnly = false
    package var unit: String?
    package var isMetric: Bool?
    var metricType: MetricType?
    var metricLabel: String?

    /// How many nodes there are from here on, each counted as often as it is reached, and how deep they go.
    var weight = 1
    var depth = 1

    /// How many there must and may be.
    struct CountRule: Sendable {
        var minimum: Int?
        var maximum: Int?
    }

    /// The values of an `enum`, or the one of `const`.
    struct ChoiceOfValues: Sendable {
        let values: [JSONValue]
        let canonical: Set<[UInt8]>

        init(_ values: [JSONValue]) {
            (self.values, canonical) = (values, Set(values.map(\.canonicalBytes)))
        }
    }
}

extension JSONValue {
    /// The one text that all equal values share: fields sorted by their names' bytes, numbers in one spelling.
    var canonicalBytes: [UInt8] { canonical.bytes }

    private var canonical: JSONValue {
        switch self {
        case .number(let number): .number(number.canonical ?? number)
        case .array(let elements): .array(elements.map(\.canonical))
        case .object(let object): .object(object.sorted { $0.canonical })
        case .null, .bool, .string: self
        }
    }
}

extension JSONObject {
    /// The object with its fields in order of their names' bytes.
    func sorted(_ transform: (JSONValue) -> JSONValue) -> JSONObject {
        var result = JSONObject()
        for (name, value) in Array(self).sorted(by: { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }) {
            result[name] = transform(value)
        }
        return result
    }
}
