internal import Myosin

/// Makes explicit in a schema what a model's schema need not say: objects have no fields but those that are declared.
///
/// JSON Schema has it the other way round, so `additionalProperties: false` is added wherever an object may stand and nothing
/// is said. Parts that concern the same value (`allOf`, `anyOf`, `oneOf`, `$ref`) belong together: what one of them declares may be
/// there, so its name is added to the properties beside the `false`. What stands below `not` is left as it is.
struct ClosedObjects {
    /// The schema as its author wrote it.
    let root: JSONValue
    private(set) var faults: [JSONSchemaError.Fault] = []

    init(_ root: JSONValue) { self.root = root }

    /// The schema of a place, closed.
    mutating func close(_ schema: JSONValue, at path: [String]) -> JSONValue {
        guard case .object(var keywords) = closeBelow(schema, at: path) else { return schema }
        let parts = parts(of: schema)
        guard keywords["additionalProperties"] == nil, parts.contains(where: Self.concernsObjects) else {
            return .object(keywords)
        }
        if parts.contains(where: { $0["additionalProperties"] ?? false != false }) { return .object(keywords) }
        var properties = JSONObject()
        if case .object(let own)? = keywords["properties"] { properties = own }
        for case .object(let declared)? in parts.map({ $0["properties"] }) {
            for name in declared.keys where properties[name] == nil { properties[name] = [:] }
        }
        if properties.isEmpty {
            let advice = "add properties, or \"additionalProperties\": true where anything may stand in it"
            faults.append(.init(path.pointer, "describes objects without any field; \(advice)"))
        }
        keywords["properties"] = .object(properties)
        keywords["additionalProperties"] = false
        return .object(keywords)
    }

    /// Closes the places inside of a schema, and leaves the place of its own value as it is.
    private mutating func closeBelow(_ schema: JSONValue, at path: [String]) -> JSONValue {
        guard case .object(var keywords) = schema else { return schema }
        for (name, argument) in keywords {
            let place = path + [name]
            switch (name, argument) {
            case ("properties", .object(let schemas)):
                keywords[name] = .object(map(schemas, place) { $0.close($1, at: $2) })
            case ("$defs", .object(let schemas)):
                keywords[name] = .object(map(schemas, place) { $0.closeBelow($1, at: $2) })
            case ("items", _), ("additionalProperties", _): keywords[name] = close(argument, at: place)
            case ("prefixItems", .array(let schemas)):
                keywords[name] = .array(map(schemas, place) { $0.close($1, at: $2) })
            case ("allOf", .array(let schemas)), ("anyOf", .array(let schemas)), ("oneOf", .array(let schemas)):
                keywords[name] = .array(map(schemas, place) { $0.closeBelow($1, at: $2) })
            default: break
            }
        }
        return .object(keywords)
    }

    private typealias Step = (inout ClosedObjects, JSONValue, [String]) -> JSONValue

    private mutating func map(_ schemas: JSONObject, _ path: [String], _ step: Step) -> JSONObject {
        var result = JSONObject()
        for (name, schema) in schemas { result[name] = step(&self, schema, path + [name]) }
        return result
    }

    private mutating func map(_ schemas: [JSONValue], _ path: [String], _ step: Step) -> [JSONValue] {
        var result: [JSONValue] = []
        for (index, schema) in schemas.enumerated() { result.append(step(&self, schema, path + ["\(index)"])) }
        return result
    }

    /// All parts that concern the value of a schema, the schema itself first; it was read before, so references end.
    private func parts(of schema: JSONValue) -> [JSONObject] {
        guard case .object(let keywords) = schema else { return [] }
        var parts = [keywords]
        for name in ["allOf", "anyOf", "oneOf"] {
            if case .array(let schemas)? = keywords[name] { parts += schemas.flatMap(self.parts) }
        }
        if case .string(let reference)? = keywords["$ref"], let path = LocalReference(reference)?.steps,
            let target = root.value(at: path)
        {
            parts += self.parts(of: target)
        }
        return parts
    }

    private static func concernsObjects(_ keywords: JSONObject) -> Bool {
        if keywords["properties"] != nil { return true }
        return switch keywords["type"] {
        case .string(let type)?: type == "object"
        case .array(let types)?: types.contains("object")
        default: false
        }
    }
}
