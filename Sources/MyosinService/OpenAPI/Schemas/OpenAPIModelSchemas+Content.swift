internal import Myosin
internal import StateSchema

/// How a schema is written, so that generators can make classes and types of it; it accepts the same values.
extension OpenAPIModelSchemas {
    /// What belongs to objects, and goes with them where a schema is of several types.
    private static let ofObjects = ["properties", "required", "additionalProperties", "minProperties", "maxProperties"]

    /// The schema of a place, with references to the shared schemas of the places in it.
    ///
    /// - Parameters:
    ///   - schema: the schema.
    ///   - pointer: its place.
    ///   - types: the types of the values that it is to accept.
    /// - Returns: the schema, without a default: that belongs to where a place is used.
    mutating func content(of schema: JSONObject, at pointer: String, _ types: JSONTypes) -> JSONObject {
        var conjunction = SchemaConjunction(annotations(of: schema))
        if types.isEmpty {
            conjunction.own["not"] = [:]
            return conjunction.own
        }
        var choices: [(keyword: String, schemas: [(JSONValue, String)])] = []
        for (keyword, argument) in schema {
            let place = pointer.appendingPointer(to: keyword)
            switch (keyword, argument) {
            case ("$ref", .string(let text)):
                guard let reference = LocalReference(text), let target = reference.target(in: whole) else { continue }
                conjunction.add(part(target, at: reference.pointer))
            case ("allOf", .array(let parts)):
                for (index, part) in parts.enumerated() {
                    let pointer = place.appendingPointer(to: "\(index)")
                    conjunction.add(self.part(part, at: pointer))
                }
            case ("anyOf", .array(let schemas)), ("oneOf", .array(let schemas)):
                let all = schemas.enumerated().map { ($1, place.appendingPointer(to: "\($0)")) }
                // A choice that takes none of the types cannot be chosen.
                let open = all.filter { !JSONTypes(acceptedBy: $0.0, in: whole).isDisjoint(with: types) }
                if open.count == 1 {
                    conjunction.add(part(open[0].0, at: open[0].1))
                } else {
                    choices.append((keyword, open.isEmpty ? all : open))
                }
            case ("properties", .object(let properties)):
                var uses = JSONObject()
                for (name, child) in properties { uses[name] = property(child, at: place.appendingPointer(to: name)) }
                conjunction.own[keyword] = .object(uses)
            case ("additionalProperties", .object): conjunction.own[keyword] = use(argument, at: place)
            case ("items", .object): conjunction.own[keyword] = use(argument, at: place)
            case ("items", true): conjunction.own[keyword] = [:]
            case ("prefixItems", .array(let schemas)):
                let uses = schemas.enumerated().map { use($1, at: place.appendingPointer(to: "\($0)")) }
                conjunction.own[keyword] = .array(uses)
            case ("not", _): conjunction.own[keyword] = plain(argument)
            case ("$schema", _), ("$id", _), ("$defs", _), ("default", _), ("type", _): break
            default: if !JSONObject.isAnnotation(keyword) { conjunction.own[keyword] = argument }
            }
        }
        var result = conjunction.schema
        var areSaid = false
        for choice in choices where choose(choice.keyword, choice.schemas, types, in: &result) { areSaid = true }
        arrange(&result, types, at: pointer, areSaid: areSaid)
        result.setApartAlikeNames()
        for keyword in ["type", "description"] where result[keyword] != nil { result.moveToFront(keyword) }
        return result
    }

    /// A part of a schema, for a conjunction.
    private mutating func part(_ value: JSONValue, at pointer: String) -> JSONObject {
        guard case .object(let schema) = value else { return Self.part(of: value) }
        if schema[Self.leaf] != nil, case .object(let use) = use(value, at: pointer) { return use }
        return content(of: schema, at: pointer, JSONTypes(acceptedBy: value, in: whole))
    }

    private static func part(of value: JSONValue) -> JSONObject {
        var part = JSONObject()
        if value == false { part["not"] = [:] }
        return part
    }

    /// Keywords without any effect on the values that a schema accepts; a title would be taken for the name of a class.
    private func annotations(of schema: JSONObject) -> JSONObject {
        var result = JSONObject()
        var texts: [String] = []
        for keyword in ["title", "description"] {
            // The title of a model is its name, unless it has another one.
            if case .string(let text)? = schema[keyword], !["", names.model].contains(text) { texts.append(text) }
        }
        if !texts.isEmpty { result["description"] = .string(texts.joined(separator: "\n\n")) }
        for (keyword, value) in schema where JSONObject.isAnnotation(keyword) {
            if !["title", "description", "default"].contains(keyword) { result[keyword] = value }
        }
        return result
    }

    /// A property: with its default, and what a reference says of the place itself.
    private mutating func property(_ value: JSONValue, at pointer: String) -> JSONValue {
        guard case .object(let schema) = value, case .object(var result) = use(value, at: pointer) else {
            return use(value, at: pointer)
        }
        if schema["$ref"] != nil, !hasName(pointer) {
            for (keyword, text) in annotations(of: schema) where result[keyword] == nil { result[keyword] = text }
        }
        for keyword in ["default", "readOnly"] { if let argument = schema[keyword] { result[keyword] = argument } }
        return .object(result)
    }

    // MARK: Choices

    /// Adds a choice to a schema.
    ///
    /// - Parameters:
    ///   - keyword: `anyOf` or `oneOf`.
    ///   - schemas: the schemas, each with its place.
    ///   - types: the types of the values that the whole is to accept.
    ///   - result: the schema.
    /// - Returns: whether the choice accepts no other types.
    private mutating func choose(
        _ keyword: String,
        _ schemas: [(JSONValue, String)],
        _ types: JSONTypes,
        in result: inout JSONObject
    ) -> Bool {
        let all = schemas.map { JSONTypes(acceptedBy: $0.0, in: whole) }
        let sayTypes = !zip(all, schemas).allSatisfy { $0 == .all && !Self.hasShape($1.0) }
        let isScalar =
            types.isOne && types.isDisjoint(with: [.object, .array]) && !schemas.allSatisfy { Self.isValue($0.0) }
        if !sayTypes || isScalar || result["anyOf"] != nil || result["oneOf"] != nil {
            result.restrict(keyword, .array(schemas.map { plain($0.0) }))
            return false
        }
        var common = JSONObject()
        if all.contains(where: { $0.contains(.object) }) {
            for keyword in ["properties", "required", "additionalProperties"] {
                if let argument = result[keyword] { common[keyword] = argument }
                result[keyword] = Optional<JSONValue>.none
            }
        }
        result[keyword] = .array(
            zip(all, schemas).map { choice($1.0, at: $1.1, $0.intersection(types), with: common) }
        )
        return types.isSuperset(of: JSONTypes(all))
    }

    /// One of several schemas.
    ///
    /// - Parameters:
    ///   - value: the schema.
    ///   - pointer: its place.
    ///   - types: the types of the values that it is to accept.
    ///   - common: the keywords of the fields beside it.
    /// - Returns: a reference to a shared schema, or a schema that needs no name.
    mutating func choice(
        _ value: JSONValue,
        at pointer: String,
        _ types: JSONTypes,
        with common: JSONObject
    ) -> JSONValue {
        if value == false { return ["not": [:]] }
        // One that is true adds nothing to the keywords beside it.
        let schema: JSONObject = if case .object(let keywords) = value { keywords } else { JSONObject() }
        let isObject = types.contains(.object)
        if schema[Self.leaf] != nil { return use(value, at: pointer) }
        if common.isEmpty || !isObject, let reference = reference(of: value), Self.isAlias(schema),
            let target = reference.target(in: whole)
        {
            return use(target, at: reference.pointer)
        }
        let isNullable = types.contains(.null) && types.subtracting(.null) == .object
        var conjunction = SchemaConjunction(
            content(of: schema, at: pointer, isNullable ? types.subtracting(.null) : types)
        )
        if isObject { conjunction.add(common) }
        let content = JSONValue.object(conjunction.schema)
        guard isObject && (types != .all || !common.isEmpty || Self.hasShape(value)) || schema["enum"] != nil else {
            return content
        }
        return share(content, words(at: pointer), of: "\(pointer) \(JSONValue.object(common))").orNull(if: isNullable)
    }

    /// Whether a schema of any type still says which fields or elements there are.
    private static func hasShape(_ value: JSONValue) -> Bool {
        guard case .object(let schema) = value else { return false }
        return ["properties", "additionalProperties", "items", "prefixItems"].contains { schema[$0] != nil }
    }

    private static func isValue(_ value: JSONValue) -> Bool {
        if case .object(let schema) = value { schema["const"] != nil || schema["enum"] != nil } else { false }
    }

    /// A schema without references or names, for what generators make nothing of.
    private func plain(_ value: JSONValue) -> JSONValue {
        guard case .object(var schema) = value else { return value == false ? ["not": [:]] : [:] }
        let reference = reference(of: value)
        schema["$ref"] = Optional<JSONValue>.none
        schema["$defs"] = Optional<JSONValue>.none
        if let constant = schema["const"] {
            schema["const"] = Optional<JSONValue>.none
            schema.restrict("enum", [constant], isOwn: true)
        }
        let result = JSONValue.object(
            schema.mappingSubschemas { child in
                if case .object = child { plain(child) } else { child == false ? ["not": [:]] : [:] }
            }
        )
        guard let target = reference?.target(in: whole) else { return result }
        return schema.isEmpty ? plain(target) : ["allOf": [plain(target), result]]
    }

    // MARK: Types

    /// Says the types, and divides what generators can have in several classes only.
    private mutating func arrange(
        _ result: inout JSONObject,
        _ types: JSONTypes,
        at pointer: String,
        areSaid: Bool
    ) {
        let hasChoices = result["anyOf"] != nil || result["oneOf"] != nil
        if let values = EnumeratedValues(of: &result, types) {
            return arrange(&result, values, at: pointer)
        }
        if types == .all { return }
        if !hasChoices, types.contains(.array) { Self.sayElements(&result) }
        if !hasChoices, types.contains(.object), !types.isOne {
            var object = JSONObject()
            object["type"] = "object"
            for keyword in Self.ofObjects {
                if let argument = result[keyword] { object[keyword] = argument }
                result[keyword] = Optional<JSONValue>.none
            }
            let shared = share(.object(object), words(at: pointer) + ["Object"], of: "\(pointer) object")
            var others = JSONObject()
            others["type"] = types.subtracting(.object).argument
            for (keyword, argument) in result
            where !JSONObject.isAnnotation(keyword) && !["allOf", "not"].contains(keyword) {
                others[keyword] = argument
                result[keyword] = Optional<JSONValue>.none
            }
            result["anyOf"] = [shared, .object(others)]
        } else if types.isOne || !hasChoices {
            result["type"] = types.argument
        } else if !areSaid, !JSONTypes(acceptedBy: .object(result), in: JSONObject()).isSubset(of: types) {
            result.restrict("type", types.argument)
        }
    }

    private mutating func arrange(_ result: inout JSONObject, _ values: EnumeratedValues, at pointer: String) {
        let groups = values.groups
        if groups.count == 1 {
            for (keyword, argument) in groups[0].schema { result.restrict(keyword, argument, isOwn: true) }
            return
        }
        let schemas = groups.map { group -> JSONValue in
            guard group.isClass else { return .object(group.schema) }
            return share(.object(group.schema), words(at: pointer) + [group.word], of: "\(pointer) \(group.word)")
        }
        result.restrict("anyOf", .array(schemas), isOwn: result["oneOf"] == nil)
    }

    /// Says of arrays what their elements are, also where they may be anything.
    private static func sayElements(_ result: inout JSONObject) {
        if result["items"] == false {
            var count = 0
            if case .array(let first)? = result["prefixItems"] { count = first.count }
            if case .number(let most)? = result["maxItems"], most < JSONNumber(count) { return }
            result["maxItems"] = .number(JSONNumber(count))
            result["items"] = Optional<JSONValue>.none
            if count > 0 { return }
        }
        if result["items"] == nil { result["items"] = [:] }
    }
}
