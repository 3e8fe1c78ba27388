internal import Myosin
internal import StateSchema

/// A schema, cut into shared schemas that have names and refer to each other.
///
/// Generators make a class of each shared schema, and name it after that. They follow references to whole shared schemas only,
/// so every place that an operation or another place refers to is one. Together they accept what the schema accepts.
struct OpenAPIModelSchemas: Sendable {
    /// A place in the schema.
    struct Place: Sendable {
        let pointer: String
        let schema: JSONValue
        /// The words that lead to it.
        let words: [String]
    }

    /// Marks a place of a patch that takes the same values as a place of the document, to which its argument is the pointer.
    static let leaf = "$document"

    let whole: JSONObject
    /// Words at the end of every name.
    let suffix: [String]
    /// What stands for the places of the document, where this is a patch's schema; nil for the document's own.
    private let document: [String: JSONValue]?
    /// The names of the model's parts.
    private(set) var names: OpenAPINames.Parts
    private var places: [Place] = []
    /// The parts and choices of places.
    private var parts: [Place] = []
    private var placeNames: [String: String] = [:]
    private var words: [String: [String]] = [:]
    /// The names of further shared schemas by what they are made of.
    private var furtherNames: [String: String] = [:]
    private var targets: [LocalReference] = []
    /// What stands for a place where it is used, by its pointer.
    private(set) var uses: [String: JSONValue] = [:]
    /// The shared schemas by name.
    private(set) var components = JSONObject()

    /// Cuts a schema.
    ///
    /// - Parameters:
    ///   - schema: the schema.
    ///   - names: the names of the model's parts that are not given yet.
    ///   - document: where it is of patches, their name, and what stands for the places of the document.
    init(
        of schema: JSONObject,
        names: OpenAPINames.Parts,
        patchOf document: (name: String, uses: [String: JSONValue])? = nil
    ) {
        (whole, self.names, self.document) = (schema, names, document?.uses)
        suffix = document == nil ? [] : ["Patch"]
        let root = JSONValue.object(schema)
        if let document {
            placeNames[""] = document.name
        } else {
            // A class that has a field of its own name would be confused with it.
            let isConfused = Self.fields(of: schema).contains { OpenAPINames.areAlike($0, names.noun) }
            placeNames[""] = isConfused ? self.names.name(["Model"], of: "Model") : names.noun
        }
        places.append(Place(pointer: "", schema: root, words: []))
        note(root, at: "", [])
        while !targets.isEmpty {
            let target = targets.removeFirst()
            guard let schema = target.target(in: whole) else { continue }
            note(Place(pointer: target.pointer, schema: schema, words: [target.steps.last ?? ""]))
        }
        for place in places { uses[place.pointer] = use(place.schema, at: place.pointer) }
        for place in places {
            guard let name = placeNames[place.pointer], components[name] == nil else { continue }
            components[name] = .object(content(of: place))
        }
        for place in parts where document == nil {
            let types = JSONTypes(acceptedBy: place.schema, in: whole)
            uses[place.pointer] = choice(place.schema, at: place.pointer, types, with: JSONObject())
        }
    }

    /// What stands in operations for a value that fits one of several places.
    ///
    /// - Parameters:
    ///   - pointers: the places.
    ///   - words: what the value is called.
    /// - Returns: the schema, which needs no name.
    mutating func use(ofOneOf pointers: [String], _ words: [String]) -> JSONValue {
        var schemas: [JSONValue] = []
        for schema in pointers.map({ uses[$0] ?? [:] }) where !schemas.contains(schema) { schemas.append(schema) }
        if schemas.count == 1 { return schemas[0] }
        return share(["anyOf": .array(schemas)], words, of: pointers.joined(separator: " "))
    }

    // MARK: Names

    /// Names the places in a schema, from the top down, so that places near the top get the plain names.
    private mutating func note(_ value: JSONValue, at pointer: String, _ path: [String]) {
        guard case .object(let schema) = value else { return }
        words[pointer] = path
        for (keyword, argument) in schema {
            let place = pointer.appendingPointer(to: keyword)
            switch (keyword, argument) {
            case ("properties", .object(let properties)):
                for (name, child) in properties {
                    note(Place(pointer: place.appendingPointer(to: name), schema: child, words: path + [name]))
                }
            case ("additionalProperties", .object):
                note(Place(pointer: place, schema: argument, words: path + ["Value"]))
            case ("items", .object): note(Place(pointer: place, schema: argument, words: path + ["Item"]))
            case ("prefixItems", .array(let schemas)):
                for (index, child) in schemas.enumerated() {
                    let pointer = place.appendingPointer(to: "\(index)")
                    note(Place(pointer: pointer, schema: child, words: path + ["Item\(index)"]))
                }
            case ("allOf", .array(let schemas)):
                for (index, child) in schemas.enumerated() {
                    note(part: Place(pointer: place.appendingPointer(to: "\(index)"), schema: child, words: path))
                }
            case ("anyOf", .array(let schemas)), ("oneOf", .array(let schemas)):
                for (index, child) in schemas.enumerated() {
                    let word = reference(of: child)?.steps.last ?? "Choice\(index + 1)"
                    let pointer = place.appendingPointer(to: "\(index)")
                    note(part: Place(pointer: pointer, schema: child, words: path + [word]))
                }
            case ("$ref", .string(let text)): if let target = LocalReference(text) { targets.append(target) }
            default: break
            }
        }
    }

    private mutating func note(_ place: Place) {
        guard words[place.pointer] == nil, case .object(let schema) = place.schema else { return }
        places.append(place)
        if needsName(schema) {
            var name = place.words
            let wish = names.noun + name.joined()
            if Self.fields(of: schema).contains(where: { OpenAPINames.areAlike($0, wish) }) { name.append("Object") }
            placeNames[place.pointer] = names.name(name + suffix, of: (suffix + [place.pointer]).joined())
        }
        if let target = closedTarget(of: schema)?.reference {
            let identity = Self.closure(of: target)
            let name = furtherNames[identity] ?? names.name([target.steps.last ?? ""] + suffix, of: identity)
            furtherNames[identity] = name
        }
        note(place.schema, at: place.pointer, place.words)
    }

    private static func closure(of target: LocalReference) -> String { "\(target.pointer) closed" }

    private mutating func note(part: Place) {
        parts.append(part)
        note(part.schema, at: part.pointer, part.words)
    }

    /// Whether a place gets a shared schema of its own; of patches, only objects do.
    private func needsName(_ schema: JSONObject) -> Bool {
        if schema[Self.leaf] != nil || schema.keys.allSatisfy(JSONObject.isAnnotation) { return false }
        if Self.isAlias(schema) || closedTarget(of: schema) != nil { return false }
        let types = JSONTypes(acceptedBy: .object(schema), in: whole)
        return document == nil || schema["properties"] != nil || types.contains(.object) && types != .all
    }

    /// Shares a schema that is no place of its own.
    ///
    /// - Parameters:
    ///   - schema: the schema.
    ///   - words: what it is called.
    ///   - identity: what it is made of.
    /// - Returns: a reference to it.
    mutating func share(_ schema: JSONValue, _ words: [String], of identity: String) -> JSONValue {
        let name = furtherNames[identity] ?? names.name(words + suffix, of: (suffix + [identity]).joined())
        furtherNames[identity] = name
        components[name] = schema
        return OpenAPIReference.to("schemas", name)
    }

    // MARK: Uses

    /// What stands for the value of a place where it is used.
    ///
    /// - Parameters:
    ///   - value: its schema.
    ///   - pointer: the place.
    /// - Returns: a reference to a shared schema, or a schema that needs no name.
    mutating func use(_ value: JSONValue, at pointer: String) -> JSONValue {
        if let known = uses[pointer] { return known }
        guard case .object(let schema) = value else { return value == false ? ["not": [:]] : [:] }
        if case .string(let origin)? = schema[Self.leaf] { return document?[origin] ?? [:] }
        if let name = placeNames[pointer] {
            let types = JSONTypes(acceptedBy: value, in: whole)
            return OpenAPIReference.to("schemas", name).orNull(if: Self.isNullableClass(schema, types))
        }
        if let reference = reference(of: value), let target = reference.target(in: whole) {
            if Self.isAlias(schema) { return use(target, at: reference.pointer) }
        }
        if let (target, isNullable) = closedTarget(of: schema) {
            let essence = schema.reduce(into: JSONObject()) { if !JSONObject.isAnnotation($1.0) { $0[$1.0] = $1.1 } }
            let types = JSONTypes(acceptedBy: value, in: whole)
            let closed = content(of: essence, at: pointer, isNullable ? types.subtracting(.null) : types)
            return share(.object(closed), [target.steps.last ?? ""], of: Self.closure(of: target))
                .orNull(if: isNullable)
        }
        return .object(content(of: schema, at: pointer, JSONTypes(acceptedBy: value, in: whole)))
    }

    /// The content of a shared schema; null is no part of a class, but stands beside it where it is used.
    private mutating func content(of place: Place) -> JSONObject {
        guard case .object(let schema) = place.schema else { return JSONObject() }
        let types = JSONTypes(acceptedBy: place.schema, in: whole)
        let isNullable = Self.isNullableClass(schema, types)
        return content(of: schema, at: place.pointer, isNullable ? types.subtracting(.null) : types)
    }

    /// Whether a place has a shared schema of its own.
    func hasName(_ pointer: String) -> Bool { placeNames[pointer] != nil }

    /// The words of a place.
    func words(at pointer: String) -> [String] { words[pointer] ?? [] }

    // MARK: References

    func reference(of value: JSONValue) -> LocalReference? {
        if case .object(let schema) = value, case .string(let text)? = schema["$ref"] {
            LocalReference(text)
        } else {
            nil
        }
    }

    /// Whether a schema says only what another one does.
    static func isAlias(_ schema: JSONObject) -> Bool {
        schema["$ref"] != nil && schema.keys.allSatisfy { $0 == "$ref" || JSONObject.isAnnotation($0) }
    }

    /// What a schema refers to that says nothing more but that there are no other fields than those of its target, or null.
    private func closedTarget(of schema: JSONObject) -> (reference: LocalReference, isNullable: Bool)? {
        guard schema["additionalProperties"] == false, case .object(let properties)? = schema["properties"],
            properties.allSatisfy({ $1 == [:] })
        else { return nil }
        let others = schema.keys.filter {
            !JSONObject.isAnnotation($0) && !["properties", "additionalProperties"].contains($0)
        }
        guard others.count == 1, let argument = schema[others[0]] else { return nil }
        if others[0] == "$ref" { return reference(of: .object(schema)).map { ($0, false) } }
        guard ["anyOf", "oneOf"].contains(others[0]), case .array(let choices) = argument, choices.count == 2,
            case .object(let choice)? = choices.first(where: { $0 != ["type": "null"] }), Self.isAlias(choice),
            choices.contains(["type": "null"]), let reference = reference(of: .object(choice)),
            let target = reference.target(in: whole), JSONTypes(acceptedBy: target, in: whole) == .object
        else { return nil }
        return (reference, true)
    }

    private static func fields(of schema: JSONObject) -> [String] {
        if case .object(let properties)? = schema["properties"] { properties.keys } else { [] }
    }

    /// Whether a schema is of objects, or of a choice of texts or numbers, or null.
    private static func isNullableClass(_ schema: JSONObject, _ types: JSONTypes) -> Bool {
        let others = types.subtracting(.null)
        return types.contains(.null)
            && (others == .object || schema["enum"] != nil && (others == .string || others == .integer))
    }
}

extension JSONValue {
    /// A schema that null fits too.
    func orNull(if isNullable: Bool = true) -> JSONValue { isNullable ? ["anyOf": [self, ["type": "null"]]] : self }
}
