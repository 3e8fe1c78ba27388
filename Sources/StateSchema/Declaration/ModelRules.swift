internal import Myosin
internal import Primitives

/// What a schema must be beyond JSON Schema to declare a model, and the schema that comes of it.
struct ModelRules {
    private let written: JSONObject
    /// The schema with the field `id` and closed.
    let schema: JSONObject
    private(set) var faults: [JSONSchemaError.Fault]

    init(name: String, _ written: JSONObject) {
        self.written = written
        var closed = ClosedObjects(.object(written))
        var result = JSONObject()
        result["$schema"] = .string(JSONSchemaReader.dialect)
        result["title"] = .string(name)
        if case .object(let keywords) = closed.close(.object(written), at: []) {
            for (keyword, argument) in keywords { result[keyword] = argument }
        }
        faults = closed.faults
        result["properties"] = .object(Self.withIdentity(result["properties"]))
        if case .array(let names)? = result["required"] { result["required"] = .array(names.filter { $0 != "id" }) }
        if result["required"] == [] { result["required"] = nil }
        schema = result
        if written["type"] == nil {
            faults.append(.init("/type", "is missing; add \"type\": \"object\", because a model is an object"))
        } else if let type = written["type"], type != "object" {
            faults.append(.init("/type", "must be \"object\", because a model is an object, got \(type)"))
        }
    }

    /// The properties with `id` first, which is read-only.
    private static func withIdentity(_ argument: JSONValue?) -> JSONObject {
        var properties = JSONObject()
        if case .object(let declared)? = argument { properties = declared }
        var identity = JSONObject()
        if case .object(let declared)? = properties["id"] { identity = declared }
        if identity["type"] == nil { identity["type"] = ["string", "integer"] }
        identity["readOnly"] = true
        properties["id"] = .object(identity)
        properties.moveToFront("id")
        return properties
    }

    func number(_ keyword: String) -> Int? {
        if case .number(let number)? = written[keyword] { number.integer(Int.self) } else { nil }
    }

    func flag(_ keyword: String) -> Bool? {
        if case .bool(let flag)? = written[keyword] { flag } else { nil }
    }

    // MARK: What keywords of ours are worth

    /// Notes keywords that would have no effect where they stand.
    mutating func check(_ root: JSONSchema) {
        var seen: Set<ObjectIdentifier> = []
        check(root, at: .field, &seen)
        if let id = root.rules.propertiesByName[ExactText("id")],
            id.rules.types?.contains(where: { ![.string, .integer].contains($0) }) != false
        {
            faults.append(
                .init("\(id.pointer)/type", "must be \"string\", \"integer\" or both: that is what an id can be")
            )
        }
    }

    /// How many values of a node there may be.
    private enum Position {
        /// One: it is reached by the names of fields only.
        case field
        /// One for each element of a collection whose elements have metrics.
        case element
        /// Any number, and a value may be described by another node instead.
        case free
    }

    private mutating func check(_ node: JSONSchema, at position: Position, _ seen: inout Set<ObjectIdentifier>) {
        guard seen.insert(ObjectIdentifier(node)).inserted else { return }
        let rules = node.rules
        if rules.isReadOnly, position != .field {
            faults.append(
                .init(
                    "\(node.pointer)/readOnly",
                    "has no effect inside of arrays, alternatives and free-form objects; take it out"
                )
            )
        }
        if rules.unit != nil, !(rules.types ?? []).contains(where: { $0 == .number || $0 == .integer }) {
            let advice =
                rules.types == nil
                ? "the type is missing here; add \"type\": \"number\"" : "the type here is none; take x-unit out"
            faults.append(.init("\(node.pointer)/x-unit", "is for numbers, and \(advice)"))
        }
        if rules.metricType != nil || rules.metricLabel != nil {
            for (keyword, detail) in DocumentPlace(node).metricFaults where rules.says(keyword) {
                faults.append(.init("\(node.pointer)/\(keyword)", detail))
            }
        }
        if rules.metricType != nil, position == .free {
            faults.append(
                .init(
                    "\(node.pointer)/x-metric-type",
                    "has no effect inside of alternatives, and of collections without x-metric-label; take it out"
                )
            )
        }
        if rules.metricLabel != nil, position != .field {
            faults.append(
                .init(
                    "\(node.pointer)/x-metric-label",
                    "has no effect inside of arrays, alternatives and free-form objects: one level is supported; take it out"
                )
            )
        }
        for part in rules.all + [rules.reference].compactMap(\.self) { check(part, at: position, &seen) }
        for (_, property) in rules.properties { check(property, at: position, &seen) }
        let inner: Position = rules.metricLabel != nil && position == .field ? .element : .free
        for part in [rules.otherProperties, rules.otherElements].compactMap(\.self) { check(part, at: inner, &seen) }
        for part in rules.firstElements + rules.any + rules.exactlyOne { check(part, at: .free, &seen) }
    }
}

extension JSONSchemaRules {
    /// Whether a keyword of metrics stands in this very schema, not only in one that it refers to.
    fileprivate func says(_ keyword: String) -> Bool {
        keyword == "x-metric-type" ? metricType != nil : metricLabel != nil
    }
}
