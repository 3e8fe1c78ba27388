import Myosin

/// Whether a schema of the keywords that derived schemas use accepts a value (JSON Schema 2020-12).
struct SchemaValidator {
    /// A keyword that this validator does not know, which makes its answers worthless.
    struct UnknownKeyword: Error { let name: String }

    static func accepts(_ value: JSONValue, _ schema: JSONObject) throws -> Bool {
        for (keyword, argument) in schema where try !accepts(value, keyword, argument, in: schema) { return false }
        return true
    }

    private static func accepts(
        _ value: JSONValue,
        _ keyword: String,
        _ argument: JSONValue,
        in schema: JSONObject
    ) throws -> Bool {
        switch (keyword, argument, value) {
        case ("$schema", _, _), ("title", _, _), ("readOnly", _, _): true
        case ("type", .array(let types), _): types.contains { isType($0, value) }
        case ("type", _, _): isType(argument, value)
        case ("enum", .array(let values), _): values.contains(value)
        case ("anyOf", .array(let schemas), _):
            try schemas.contains { try accepts(value, $0.asObject) }
        case ("minimum", .number(let bound), .number(let number)): wholePart(number) >= wholePart(bound)
        case ("maximum", .number(let bound), .number(let number)): wholePart(number) <= wholePart(bound)
        case ("items", .object(let items), .array(let elements)): try elements.allSatisfy { try accepts($0, items) }
        case ("required", .array(let names), .object(let object)):
            names.allSatisfy { name in object.keys.contains { .string($0) == name } }
        case ("properties", .object(let properties), .object(let object)):
            try object.allSatisfy { key, field in try properties[key].map { try accepts(field, $0.asObject) } ?? true }
        case ("additionalProperties", _, .object(let object)):
            try object.allSatisfy { key, field in
                if schema["properties"]?.asObject[key] != nil { return true }
                return argument == false ? false : try accepts(field, argument.asObject)
            }
        case ("minimum", _, _), ("maximum", _, _), ("items", _, _), ("required", _, _), ("properties", _, _),
            ("additionalProperties", _, _):
            true
        default: throw UnknownKeyword(name: keyword)
        }
    }

    private static func isType(_ type: JSONValue, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object): true
        case ("number", .number): true
        case ("integer", .number(let number)): number.isInteger
        default: false
        }
    }

    /// Wide enough for all numbers of the tests; what has a fraction was refused by its type.
    private static func wholePart(_ number: JSONNumber) -> Int128 { number.integer(Int128.self) ?? 0 }
}

extension JSONValue {
    /// The fields of an object, none of anything else.
    var asObject: JSONObject {
        if case .object(let object) = self { object } else { JSONObject() }
    }
}
