internal import Myosin

/// Puts the parts of a schema together that are all to hold, into one without `allOf` as far as possible.
///
/// Generators take `allOf` for inheritance, and know little of what else it is for.
struct SchemaConjunction {
    /// The keywords that are beside the parts.
    var own: JSONObject
    private var parts: [JSONObject] = []

    init(_ own: JSONObject) { self.own = own }

    /// Adds a part.
    mutating func add(_ part: JSONObject) { if !part.isEmpty { parts.append(part) } }

    /// The schema of it all.
    var schema: JSONObject {
        var result = own
        for part in parts { Self.merge(part, into: &result) }
        return result
    }

    private static func merge(_ part: JSONObject, into result: inout JSONObject) {
        var rest = part
        // The types are known beforehand.
        rest["type"] = Optional<JSONValue>.none
        // The keywords of other fields and elements depend on those beside them.
        var tied: Set<String> = []
        if isClosedApart(part, result) { tied.formUnion(["properties", "additionalProperties"]) }
        let ofElements: Set = ["prefixItems", "items"]
        if ofElements.contains(where: { result[$0] != nil }) { tied.formUnion(ofElements) }
        for (keyword, argument) in rest where !tied.contains(keyword) || result[keyword] == argument {
            guard let present = result[keyword] else {
                result[keyword] = argument
                rest[keyword] = Optional<JSONValue>.none
                continue
            }
            if let merged = merged(keyword, present, argument) {
                result[keyword] = merged
                rest[keyword] = Optional<JSONValue>.none
            }
        }
        if !rest.isEmpty { result.restrict(rest) }
    }

    /// Whether one of two schemas says something of fields that only the other one has.
    private static func isClosedApart(_ part: JSONObject, _ result: JSONObject) -> Bool {
        func names(_ schema: JSONObject) -> Set<String> {
            if case .object(let properties)? = schema["properties"] { Set(properties.keys) } else { [] }
        }
        if result["additionalProperties"] != nil, !names(part).isSubset(of: names(result)) { return true }
        return part["additionalProperties"] != nil && !names(result).isSubset(of: names(part))
    }

    /// Two arguments of a keyword as one; nil where that cannot be said.
    private static func merged(_ keyword: String, _ first: JSONValue, _ second: JSONValue) -> JSONValue? {
        if first == second || JSONObject.isAnnotation(keyword) { return first }
        switch (keyword, first, second) {
        case ("properties", .object(var properties), .object(let others)):
            for (name, other) in others {
                let present = properties[name]
                properties[name] =
                    present == nil || present == [:] ? other : other == [:] ? present : both(present ?? [:], other)
            }
            return .object(properties)
        case ("required", .array(let names), .array(let others)):
            return .array(names + others.filter { !names.contains($0) })
        case ("minimum", .number(let one), .number(let other)),
            ("exclusiveMinimum", .number(let one), .number(let other)),
            ("minLength", .number(let one), .number(let other)), ("minItems", .number(let one), .number(let other)),
            ("minProperties", .number(let one), .number(let other)):
            return .number(one < other ? other : one)
        case ("maximum", .number(let one), .number(let other)),
            ("exclusiveMaximum", .number(let one), .number(let other)),
            ("maxLength", .number(let one), .number(let other)), ("maxItems", .number(let one), .number(let other)),
            ("maxProperties", .number(let one), .number(let other)):
            return .number(other < one ? other : one)
        default: return nil
        }
    }

    /// What fits two schemas; generators take the first for it.
    private static func both(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
        guard first != second, case .object(var result) = first, case .object(let condition) = second else {
            return first
        }
        result.restrict(condition)
        return .object(result)
    }
}

extension JSONObject {
    /// Whether a keyword has no effect on what a schema accepts.
    static func isAnnotation(_ keyword: String) -> Bool {
        ["$comment", "default", "description", "examples", "readOnly", "title"].contains(keyword)
            || keyword.hasPrefix("x-")
    }

    /// Adds a condition, beside the schema's own keywords, where generators make nothing of it.
    mutating func restrict(_ condition: JSONObject) {
        var all: [JSONValue] = []
        if case .array(let present)? = self["allOf"] { all = present }
        self["allOf"] = .array(all + [.object(condition)])
    }

    /// Adds a condition of one keyword.
    ///
    /// - Parameters:
    ///   - keyword: the keyword.
    ///   - argument: its argument.
    ///   - isOwn: whether it is one of the schema's own keywords, unless there is such a one already.
    mutating func restrict(_ keyword: String, _ argument: JSONValue, isOwn: Bool = false) {
        if isOwn, self[keyword] == nil {
            self[keyword] = argument
        } else {
            var condition = JSONObject()
            condition[keyword] = argument
            restrict(condition)
        }
    }
}
