internal import Myosin
internal import StateSchema

/// What merge patches (RFC 7396) of the documents that a schema accepts may contain.
///
/// No field has to be there, and null stands for one that may be removed. What a patch makes of an object depends on the one
/// that is there, so what is said of whole objects, such as `not` or `minProperties`, is left out: the schema accepts all
/// patches that a document may take, and some that a certain document does not.
struct OpenAPIMergePatch: Sendable {
    private let whole: JSONObject
    private let hasLeaves: Bool

    /// Makes the schema of patches.
    ///
    /// - Parameters:
    ///   - schema: of the documents, with local references that do not lead back to themselves.
    ///   - hasLeaves: whether a value that is replaced as a whole has a ``OpenAPIModelSchemas/leaf`` as its schema.
    init(of schema: JSONObject, hasLeaves: Bool = false) { (whole, self.hasLeaves) = (schema, hasLeaves) }

    /// The schema; its references are still those to the documents' schema.
    var json: JSONObject {
        guard case .object(var patch) = patch(of: .object(whole), at: "") else { return JSONObject() }
        patch["$defs"] = Optional<JSONValue>.none
        return patch
    }

    /// Keywords that say something of an object that its patch need not have, or has in another way.
    private static let ofWholes: Set<String> = [
        "default", "dependentRequired", "dependentSchemas", "else", "examples", "if", "maxProperties", "minProperties",
        "not", "oneOf", "required", "then", "unevaluatedProperties",
    ]

    private func patch(of value: JSONValue, at pointer: String) -> JSONValue {
        guard case .object(let schema) = value else { return value }
        guard mayBeObject(schema) else { return hasLeaves ? leaf(schema, at: pointer) : value }
        if case .string(let text)? = schema["$ref"] {
            var rest = schema
            rest["$ref"] = Optional<JSONValue>.none
            let reference = LocalReference(text)
            let target = patch(of: reference?.target(in: whole) ?? true, at: reference?.pointer ?? "")
            let saysMore = rest.keys.contains { !hasLeaves || !JSONObject.isAnnotation($0) }
            return saysMore ? ["allOf": [target, patch(of: .object(rest), at: pointer)]] : target
        }
        var result = JSONObject()
        for (keyword, argument) in schema {
            let place = pointer.appendingPointer(to: keyword)
            func patches(_ schemas: [JSONValue]) -> JSONValue {
                .array(schemas.enumerated().map { patch(of: $1, at: place.appendingPointer(to: "\($0)")) })
            }
            switch (keyword, argument) {
            case ("properties", .object(let properties)):
                result[keyword] = .object(fields(properties, required: schema["required"], at: place))
            case ("additionalProperties", .object):
                let other = patch(of: argument, at: place)
                result[keyword] = acceptsNull(argument) ? other : Self.orNull(other)
            case ("allOf", .array(let schemas)), ("anyOf", .array(let schemas)): result[keyword] = patches(schemas)
            // Patches of two kinds of documents need not differ.
            case ("oneOf", .array(let schemas)) where schema["anyOf"] == nil: result["anyOf"] = patches(schemas)
            case ("const", _) where Self.isObject(argument): break
            case ("enum", .array(let values)) where values.contains(where: Self.isObject): break
            default: if !Self.ofWholes.contains(keyword) { result[keyword] = argument }
            }
        }
        return .object(result)
    }

    private func leaf(_ schema: JSONObject, at pointer: String) -> JSONValue {
        let types = JSONTypes(acceptedBy: .object(schema), in: whole)
        if types.isEmpty { return ["not": [:]] }
        var leaf = JSONObject()
        leaf[OpenAPIModelSchemas.leaf] = .string(pointer)
        leaf["type"] = types.argument
        leaf["readOnly"] = schema["readOnly"]
        return .object(leaf)
    }

    private func fields(_ properties: JSONObject, required: JSONValue?, at place: String) -> JSONObject {
        var names: [JSONValue] = []
        if case .array(let elements)? = required { names = elements }
        var fields = JSONObject()
        for (name, property) in properties {
            let field = patch(of: property, at: place.appendingPointer(to: name))
            // What clients may not change they cannot remove either.
            let stays = names.contains(.string(name)) || Self.isReadOnly(property) || acceptsNull(property)
            fields[name] = stays ? field : Self.orNull(field)
        }
        return fields
    }

    private static func orNull(_ value: JSONValue) -> JSONValue {
        guard case .object(var schema) = value else { return value }
        let isSimple = [OpenAPIModelSchemas.leaf, "$ref", "allOf", "anyOf", "const", "not", "oneOf"]
            .allSatisfy { schema[$0] == nil }
        guard isSimple, let type = schema["type"] else { return ["anyOf": [value, ["type": "null"]]] }
        if case .array(let types) = type {
            schema["type"] = .array(types.contains("null") ? types : types + ["null"])
        } else {
            schema["type"] = type == "null" ? type : [type, "null"]
        }
        if case .array(let values)? = schema["enum"], !values.contains(.null) {
            schema["enum"] = .array(values + [.null])
        }
        return .object(schema)
    }

    private func acceptsNull(_ value: JSONValue) -> Bool {
        guard case .object(let schema) = value else { return value == true }
        // Where that would take some thought, another null does no harm.
        if ["const", "not", "oneOf"].contains(where: { schema[$0] != nil }) { return false }
        if case .string(let text)? = schema["$ref"] {
            guard let target = LocalReference(text)?.target(in: whole), acceptsNull(target) else { return false }
        }
        if case .array(let values)? = schema["enum"], !values.contains(.null) { return false }
        if case .array(let choices)? = schema["anyOf"], !choices.contains(where: acceptsNull) { return false }
        if case .array(let parts)? = schema["allOf"], !parts.allSatisfy(acceptsNull) { return false }
        return schema.mayBe("null")
    }

    private func mayBeObject(_ schema: JSONObject) -> Bool {
        JSONTypes(acceptedBy: .object(schema), in: whole).contains(.object)
    }

    private static func isReadOnly(_ property: JSONValue) -> Bool {
        if case .object(let schema) = property { schema["readOnly"] == true } else { false }
    }

    private static func isObject(_ value: JSONValue) -> Bool { if case .object = value { true } else { false } }
}
