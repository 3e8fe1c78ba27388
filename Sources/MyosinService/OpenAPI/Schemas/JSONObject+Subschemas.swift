internal import Myosin

/// The places in a JSON Schema in which other schemas stand (JSON Schema 2020-12, sections 10.2 and 10.3).
extension JSONObject {
    private static let one: Set<String> = [
        "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then", "unevaluatedItems",
        "unevaluatedProperties",
    ]
    private static let several: Set<String> = ["allOf", "anyOf", "oneOf", "prefixItems"]
    private static let named: Set<String> = ["$defs", "dependentSchemas", "patternProperties", "properties"]

    /// The schema with other ones in place of those in it; values that are no schemas, such as defaults, stay.
    ///
    /// - Parameter transform: makes a new schema of an old one.
    /// - Returns: the new schema.
    func mappingSubschemas(_ transform: (JSONValue) -> JSONValue) -> JSONObject {
        var result = JSONObject()
        for (keyword, value) in self {
            switch value {
            case .array(let schemas) where Self.several.contains(keyword):
                result[keyword] = .array(schemas.map(transform))
            case .object(let schemas) where Self.named.contains(keyword):
                var mapped = JSONObject()
                for (name, schema) in schemas { mapped[name] = transform(schema) }
                result[keyword] = .object(mapped)
            default: result[keyword] = Self.one.contains(keyword) ? transform(value) : value
            }
        }
        return result
    }

    /// Whether the schema accepts some value of a type; one that it does not exclude by name is taken for accepted.
    func mayBe(_ type: String) -> Bool {
        switch self["type"] {
        case .string(let one)?: one == type
        case .array(let several)?: several.contains(.string(type))
        default: true
        }
    }
}
