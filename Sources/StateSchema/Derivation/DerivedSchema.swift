internal import Myosin

/// What is known about the values that may stand in one place of a document.
struct DerivedSchema {
    /// The keywords without null; none when anything may stand there.
    var keywords = JSONObject()
    /// Whether null may stand there too.
    var isNullable = false

    static var anything: DerivedSchema { DerivedSchema() }
    static var boolean: DerivedSchema { DerivedSchema(type: "boolean") }
    static var string: DerivedSchema { DerivedSchema(type: "string") }
    static var number: DerivedSchema { DerivedSchema(type: "number") }
    static var array: DerivedSchema { DerivedSchema(type: "array") }
    static var object: DerivedSchema { DerivedSchema(type: "object") }

    /// A string, or a whole number that an `Int` holds.
    static var modelID: DerivedSchema {
        var schema = integer(in: Int.self)
        schema.keywords["type"] = ["string", "integer"]
        return schema
    }

    /// A whole number in the range of a type.
    static func integer<Integer: FixedWidthInteger>(in type: Integer.Type) -> DerivedSchema {
        var schema = DerivedSchema(type: "integer")
        schema.keywords["minimum"] = .number(JSONNumber(Integer.min))
        schema.keywords["maximum"] = .number(JSONNumber(Integer.max))
        return schema
    }

    /// The schema of a type that has the same schema for all values, or nil for any other type.
    static func simple(_ type: any Decodable.Type) -> DerivedSchema? {
        switch type {
        case is Bool.Type: return .boolean
        case is String.Type: return .string
        case is Double.Type, is Float.Type, is Float16.Type: return .number
        case let type as any (FixedWidthInteger & Decodable).Type: return .integer(in: type)
        case is ModelID.Type: return .modelID
        case is JSONValue.Type: return .anything
        case is Never.Type: return DerivedSchema.anything.with("not", .object(JSONObject()))
        case let type as any DocumentRepresentable.Type:
            guard case .object(let keywords) = type.documentSchema else { return .anything }
            var schema = DerivedSchema.anything
            schema.keywords = keywords
            return schema
        default: return nil
        }
    }

    /// The schema of one of several strings or whole numbers, or nil for other values.
    static func choice(of values: [JSONValue]) -> DerivedSchema? {
        let areTexts = values.allSatisfy { $0.string != nil }
        let areNumbers = values.allSatisfy { if case .number(let number) = $0 { number.isInteger } else { false } }
        guard !values.isEmpty, areTexts || areNumbers else { return nil }
        var different: [JSONValue] = []
        var seen: Set<[UInt8]> = []
        for value in values where seen.insert(value.bytes).inserted { different.append(value) }
        return DerivedSchema(type: areTexts ? "string" : "integer").with("enum", .array(different))
    }

    /// A schema that accepts the values of each of several schemas, or anything if there are none.
    static func any(of schemas: [DerivedSchema]) -> DerivedSchema {
        var different: [DerivedSchema] = []
        for schema in schemas where !different.contains(where: { $0.keywords == schema.keywords }) {
            different.append(schema)
        }
        let isNullable = schemas.contains(where: \.isNullable)
        if different.contains(where: \.keywords.isEmpty) || different.isEmpty { return .anything }
        var result = different[0]
        if different.count > 1 {
            result = DerivedSchema.anything.with("anyOf", .array(different.map { .object($0.keywords) }))
        }
        result.isNullable = isNullable
        return result
    }

    init() {}

    private init(type: String) { keywords["type"] = .string(type) }

    /// The same schema with one keyword more.
    func with(_ keyword: String, _ value: JSONValue) -> DerivedSchema {
        var schema = self
        schema.keywords[keyword] = value
        return schema
    }

    /// The same schema with null beside what it accepts.
    var orNull: DerivedSchema {
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
