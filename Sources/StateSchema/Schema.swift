internal import Myosin

/// What is known about the values that may stand in one place of a document.
struct Schema {
    /// The keywords without null; none when anything may stand there.
    var keywords = JSONObject()
    /// Whether null may stand there too.
    var isNullable = false

    static var anything: Schema { Schema() }
    static var boolean: Schema { Schema(type: "boolean") }
    static var string: Schema { Schema(type: "string") }
    static var number: Schema { Schema(type: "number") }
    static var array: Schema { Schema(type: "array") }
    static var object: Schema { Schema(type: "object") }

    /// A string, or a whole number that an `Int` holds.
    static var modelID: Schema {
        var schema = integer(in: Int.self)
        schema.keywords["type"] = ["string", "integer"]
        return schema
    }

    /// A whole number in the range of a type.
    static func integer<Integer: FixedWidthInteger>(in type: Integer.Type) -> Schema {
        var schema = Schema(type: "integer")
        schema.keywords["minimum"] = .number(JSONNumber(Integer.min))
        schema.keywords["maximum"] = .number(JSONNumber(Integer.max))
        return schema
    }

    init() {}

    private init(type: String) { keywords["type"] = .string(type) }

    /// The same schema with one keyword more.
    func with(_ keyword: String, _ value: JSONValue) -> Schema {
        var schema = self
        schema.keywords[keyword] = value
        return schema
    }

    /// The same schema with null beside what it accepts.
    var orNull: Schema {
        var schema = self
        schema.isNullable = true
        return schema
    }

    /// The schema as JSON.
    var document: JSONObject {
        guard isNullable, !keywords.isEmpty else { return keywords }
        var result = keywords
        switch keywords["type"] {
        case .array(let types)?: result["type"] = .array(types + [.string("null")])
        case let type?: result["type"] = [type, "null"]
        case nil:
            result = JSONObject()
            result["anyOf"] = [.object(keywords), ["type": "null"]]
            return result
        }
        if case .array(let values)? = keywords["enum"] { result["enum"] = .array(values + [.null]) }
        return result
    }
}
