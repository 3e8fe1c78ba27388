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

    init() {}

    private init(type: String) { keywords["type"] = .string(type) }

    /// The schema of a type that has its own form in documents.
    init(of type: any DocumentRepresentable.Type) {
        if case .object(let schema) = type.documentSchema { keywords = schema }
    }

    /// The schema of a dictionary whose keys are the names of an object.
    init(of type: any RepresentedKeys.Type, learningBy learn: (any Decodable.Type) -> DerivedSchema) {
        self = .object.with("propertyNames", type.keyType.documentSchema)
            .with("additionalProperties", .object(learn(type.heldType).document))
    }

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
