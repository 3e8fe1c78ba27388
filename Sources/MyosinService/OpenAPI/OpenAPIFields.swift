internal import Myosin
internal import StateSchema

/// A field that a model declares, with the path that it has.
struct OpenAPIField: Sendable {
    /// A parameter of the path: the position of an element, or the name of an entry.
    struct Parameter: Sendable {
        let name: String
        let isPosition: Bool
    }

    /// The path behind the model's, `/place/room` or `/tags/{index}`.
    var path = ""
    /// What it is called.
    var words: [String] = []
    /// The parameters in the path, in their order.
    var parameters: [Parameter] = []
    /// Where its schemas are in the model's, of which one at least accepts its value.
    var pointers: [String] = [""]
    /// Whether it is the server's.
    var isReadOnly = false
    /// Whether it may have no value: below null, or beyond the end of an array, or an optional one.
    var mayBeMissing = false
    /// Whether a value may be refused for want of a place: what should hold it may be something else than an object.
    var mayLackPlace = false
}

/// Finds the fields of a model in its schema.
struct OpenAPIFields: Sendable {
    /// A schema in the model's.
    private struct Subschema {
        let pointer: String
        let schema: JSONObject
    }

    /// Documents are no deeper than this.
    private static let maxDepth = 64
    private let whole: JSONObject

    init(of schema: JSONObject) { whole = schema }

    /// All fields, each behind the one that holds it.
    var all: [OpenAPIField] {
        fields(below: OpenAPIField(), places(at: .init(pointer: "", schema: whole)), depth: 0)
    }

    private func fields(below parent: OpenAPIField, _ places: [Subschema], depth: Int) -> [OpenAPIField] {
        guard depth < Self.maxDepth else { return [] }
        return properties(below: parent, places, depth) + entries(below: parent, places, depth)
            + elements(below: parent, places, depth)
    }

    private func properties(below parent: OpenAPIField, _ places: [Subschema], _ depth: Int) -> [OpenAPIField] {
        var names = JSONObject()
        for case .object(let properties)? in places.map({ $0.schema["properties"] }) {
            // A path cannot have an empty segment, nor a slash in one.
            for name in properties.keys where !name.isEmpty && !name.contains("/") { names[name] = .null }
        }
        return names.keys.flatMap { name -> [OpenAPIField] in
            let found = places.flatMap { schemas(at: ["properties", name], in: $0) }
            // A field that accepts nothing is never there.
            if found.isEmpty { return [] }
            var field = parent
            field.path += "/\(OpenAPIReference.inPath(name))"
            field.words.append(name)
            field.isReadOnly = parent.isReadOnly || found.contains { $0.schema["readOnly"] == true }
            // The identity is never required of a request, and always there.
            let isIdentity = depth == 0 && name == "id"
            let isRequired = places.contains { Self.requires($0, name) }
            field.mayBeMissing = parent.mayBeMissing || !(isRequired || isIdentity)
            field.mayLackPlace = parent.mayLackPlace || !Self.areObjects(places)
            return add(field, found, depth)
        }
    }

    private func entries(below parent: OpenAPIField, _ places: [Subschema], _ depth: Int) -> [OpenAPIField] {
        let found = places.flatMap { place in
            place.schema["additionalProperties"] == false || !place.schema.mayBe("object")
                ? [] : schemas(at: ["additionalProperties"], in: place)
        }
        return templated(parent, found, depth, isPosition: false)
    }

    private func elements(below parent: OpenAPIField, _ places: [Subschema], _ depth: Int) -> [OpenAPIField] {
        let arrays = places.filter { $0.schema.mayBe("array") }
        let first = arrays.map { place -> Int in
            if case .array(let schemas)? = place.schema["prefixItems"] { schemas.count } else { 0 }
        }
        let single = (0..<(first.max() ?? 0))
            .flatMap { index -> [OpenAPIField] in
                let found = arrays.flatMap { schemas(at: ["prefixItems", "\(index)"], in: $0) }
                // No value may stand there.
                if found.isEmpty { return [] }
                var field = parent
                field.path += "/\(index)"
                field.words.append("Item\(index)")
                (field.mayBeMissing, field.mayLackPlace) = (true, true)
                return add(field, found, depth)
            }
        let others = arrays.flatMap { place in
            place.schema["items"] == false ? [] : schemas(at: ["items"], in: place)
        }
        return single + templated(parent, others, depth, isPosition: true)
    }

    private func templated(
        _ parent: OpenAPIField,
        _ found: [Subschema],
        _ depth: Int,
        isPosition: Bool
    ) -> [OpenAPIField] {
        if found.isEmpty { return [] }
        var field = parent
        let kind = isPosition ? "index" : "name"
        let before = parent.parameters.filter { $0.isPosition == isPosition }.count
        let name = before == 0 ? kind : "\(kind)\(before + 1)"
        field.path += "/{\(name)}"
        field.words.append(isPosition ? "Item" : "Value")
        field.parameters.append(.init(name: name, isPosition: isPosition))
        (field.mayBeMissing, field.mayLackPlace) = (true, true)
        return add(field, found, depth)
    }

    private func add(_ field: OpenAPIField, _ found: [Subschema], _ depth: Int) -> [OpenAPIField] {
        var field = field
        // One that says nothing, beside others that do, only says that the field may be there.
        let telling = found.filter { !$0.schema.isEmpty }
        field.pointers = (telling.isEmpty ? found : telling).map(\.pointer)
        return [field] + fields(below: field, found.flatMap(places), depth: depth + 1)
    }

    private static func requires(_ place: Subschema, _ name: String) -> Bool {
        if case .array(let names)? = place.schema["required"] { names.contains(.string(name)) } else { false }
    }

    /// Whether a value that all these say something of is an object or null.
    private static func areObjects(_ places: [Subschema]) -> Bool {
        let types = places.flatMap { place -> [JSONValue] in
            switch place.schema["type"] {
            case .array(let several)?: several
            case let one?: [one]
            case nil: []
            }
        }
        return !types.isEmpty && types.allSatisfy { $0 == "object" || $0 == "null" }
    }

    /// The schema at a way from a place, if there is one.
    private func schemas(at way: [String], in place: Subschema) -> [Subschema] {
        guard let value = JSONValue.object(place.schema).value(at: way) else { return [] }
        let pointer = place.pointer + way.pointer
        if case .object(let schema) = value { return [Subschema(pointer: pointer, schema: schema)] }
        return value == true ? [Subschema(pointer: pointer, schema: JSONObject())] : []
    }

    /// The schemas that say something of the value in a place, that one first.
    private func places(at place: Subschema) -> [Subschema] {
        var places = [place]
        if case .string(let text)? = place.schema["$ref"], let reference = LocalReference(text),
            case .object(let target)? = reference.target(in: whole)
        {
            places += self.places(at: Subschema(pointer: reference.pointer, schema: target))
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            guard case .array(let choices)? = place.schema[keyword] else { continue }
            places += choices.indices.flatMap { schemas(at: [keyword, "\($0)"], in: place) }.flatMap(self.places)
        }
        return places
    }
}
