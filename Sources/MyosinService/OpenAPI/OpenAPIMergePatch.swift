internal import Myosin
internal import StateSchema

/// What merge patches (RFC 7396) of the documents that a schema accepts may contain.
///
/// No field has to be there, and null stands for one that may be removed. What a patch makes of an object depends on the one
/// that is there, so what is said of whole objects, such as `not` or `minProperties`, is left out: the schema accepts all
/// patches that a document may take, and some that a certain document does not.
struct OpenAPIMergePatch: Sendable {
    private let whole: JSONObject

    /// Makes the schema of patches.
    ///
    /// - Parameter schema: of the documents, with local references that do not lead back to themselves.
    init(of schema: JSONObject) { whole = schema }

    /// The schema; its references are still those to the documents' schema.
    var json: JSONObject {
        guard case .object(var patch) = patch(of: .object(whole)) else { return JSONObject() }
        patch["$defs"] = Optional<JSONValue>.none
        return patch
    }

    /// Keywords that say something of an object that its patch need not have, or has in another way.
    private static let ofWholes: Set<String> = [
        "default", "dependentRequired", "dependentSchemas", "else", "examples", "if", "maxProperties", "minProperties",
        "not", "oneOf", "required", "then", "unevaluatedProperties",
    ]

    private func patch(of value: JSONValue) -> JSONValue {
        guard case .object(let schema) = value, mayBeObject(schema) else { return value }
        if case .string(let reference)? = schema["$ref"] {
            var rest = schema
            rest["$ref"] = Optional<JSONValue>.none
            let target = patch(of: target(of: reference))
            return rest.isEmpty ? target : ["allOf": [target, patch(of: .object(rest))]]
        }
        var result = JSONObject()
        for (keyword, argument) in schema {
            switch (keyword, argument) {
            case ("properties", .object(let properties)):
                result[keyword] = .object(fields(properties, required: schema["required"]))
            case ("additionalProperties", .object): result[keyword] = Self.orNull(patch(of: argument))
            case ("allOf", .array(let schemas)), ("anyOf", .array(let schemas)):
                result[keyword] = .array(schemas.map(patch))
            // Patches of two kinds of documents need not differ.
            case ("oneOf", .array(let schemas)) where schema["anyOf"] == nil:
                result["anyOf"] = .array(schemas.map(patch))
            case ("const", _) where Self.isObject(argument): break
            case ("enum", .array(let values)) where values.contains(where: Self.isObject): break
            default: if !Self.ofWholes.contains(keyword) { result[keyword] = argument }
            }
        }
        return .object(result)
    }

    private func fields(_ properties: JSONObject, required: JSONValue?) -> JSONObject {
        var names: [JSONValue] = []
        if case .array(let elements)? = required { names = elements }
        var fields = JSONObject()
        for (name, property) in properties {
            let field = patch(of: property)
            // What clients may not change they cannot remove either.
            let stays = names.contains(.string(name)) || Self.isReadOnly(property)
            fields[name] = stays ? field : Self.orNull(field)
        }
        return fields
    }

    private static func orNull(_ value: JSONValue) -> JSONValue {
        guard case .object(var schema) = value, !acceptsNull(schema) else { return value }
        let isSimple = ["$ref", "allOf", "anyOf", "const", "not", "oneOf"].allSatisfy { schema[$0] == nil }
        guard isSimple, let type = schema["type"] else { return ["anyOf": [value, ["type": "null"]]] }
        if case .array(let types) = type {
            schema["type"] = .array(types + ["null"])
        } else {
            schema["type"] = [type, "null"]
        }
        if case .array(let values)? = schema["enum"] { schema["enum"] = .array(values + [.null]) }
        return .object(schema)
    }

    private static func acceptsNull(_ schema: JSONObject) -> Bool {
        // Where that would take some thought, another null does no harm.
        if ["$ref", "allOf", "const", "not", "oneOf"].contains(where: { schema[$0] != nil }) { return false }
        if case .array(let values)? = schema["enum"], !values.contains(.null) { return false }
        if case .array(let choices)? = schema["anyOf"] {
            return choices.contains { if case .object(let choice) = $0 { acceptsNull(choice) } else { $0 == true } }
        }
        return schema.mayBe("null")
    }

    private func mayBeObject(_ schema: JSONObject) -> Bool {
        if let value = schema["const"], !Self.isObject(value) { return false }
        if case .array(let values)? = schema["enum"], !values.contains(where: Self.isObject) { return false }
        return schema.mayBe("object")
    }

    private func target(of reference: String) -> JSONValue {
        LocalReference(reference)?.target(in: whole) ?? true
    }

    private static func isReadOnly(_ property: JSONValue) -> Bool {
        if case .object(let schema) = property { schema["readOnly"] == true } else { false }
    }

    private static func isObject(_ value: JSONValue) -> Bool { if case .object = value { true } else { false } }
}
