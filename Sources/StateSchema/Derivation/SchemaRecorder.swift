internal import Myosin
internal import Primitives

/// One place of a document that isn't there: a `Decoder` that gives placeholders and notes what a type asks for.
final class SchemaRecorder: Decoder {
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]

    private enum Content {
        case unknown
        case value(DerivedSchema)
        case fields
    }

    /// One field that a type asked for.
    private struct Field {
        let name: String
        var node: SchemaRecorder?
        var isRequired = true
        var isNullable = false
    }

    /// Thrown to leave a type for which there is no placeholder.
    private struct Unlearnable: Error {}

    /// Documents are no deeper than 64; types that nest ever new types in themselves end here.
    private static let maxDepth = 64

    /// The types that are being decoded, from the model down to here.
    private var typesAbove: [ObjectIdentifier]
    /// Null, and no type is asked for: for optionals, whose type was noted already.
    let isNull: Bool
    private var content = Content.unknown
    private var fields: [Field] = []
    private var takesAnyField = false
    private var isNullable = false
    private var placeholder = Placeholder.choices[0]

    init(path: [any CodingKey], typesAbove: [ObjectIdentifier], isNull: Bool = false) {
        (codingPath, self.typesAbove, self.isNull) = (path, typesAbove, isNull)
    }

    /// What was noted.
    var schema: DerivedSchema {
        var schema =
            switch content {
            case .unknown: DerivedSchema.anything
            case .value(let schema): schema
            case .fields: fieldsSchema
            }
        schema.isNullable = schema.isNullable || isNullable
        return schema
    }

    private var fieldsSchema: DerivedSchema {
        var (properties, required) = (JSONObject(), [JSONValue]())
        for field in fields {
            var schema = field.node?.schema ?? .anything
            schema.isNullable = schema.isNullable || field.isNullable
            properties[field.name] = .object(schema.document)
            if field.isRequired { required.append(.string(field.name)) }
        }
        var schema = DerivedSchema.object
        if !takesAnyField || !properties.isEmpty { schema = schema.with("properties", .object(properties)) }
        if !required.isEmpty { schema = schema.with("required", .array(required)) }
        return schema.with("additionalProperties", .bool(takesAnyField))
    }

    // MARK: Types

    /// Notes what a type asks for, where no placeholder of it is needed.
    func learn<Value: Decodable>(_ type: Value.Type) {
        // That there is no placeholder says nothing more than the schema does, which then is `anything`.
        _ = try? take(type)
    }

    /// Notes what a type asks for.
    ///
    /// - Returns: a placeholder.
    /// - Throws: when there is none.
    func take<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // Two steps: "no simple type" cast to an optional type would succeed, as nil.
        if let simple = takeSimple(type), let value = simple as? Value { return value }
        let identity = ObjectIdentifier(type)
        guard !typesAbove.contains(identity), typesAbove.count < Self.maxDepth else { throw Unlearnable() }
        typesAbove.append(identity)
        defer { typesAbove.removeLast() }
        if let own = type as? any DocumentRepresentable.Type {
            let schema = DerivedSchema(of: own)
            content = .value(schema)
            if let value = own.documentPlaceholder as? Value { return value }
            defer { content = .value(schema) }
            return try takeByDecoding(type)
        }
        func learn(_ held: any Decodable.Type) -> DerivedSchema {
            let node = SchemaRecorder(path: codingPath, typesAbove: typesAbove)
            node.learn(held)
            return node.schema
        }
        let object = (type as? any RepresentedKeys.Type).flatMap { $0.isObject ? $0 : nil }
        if let schema = object.map({ DerivedSchema(of: $0, learningBy: learn) })
            ?? (type as? any CollectionType.Type)?.schema(learningBy: learn)
        {
            content = .value(schema)
            return try Value(from: SchemaRecorder(path: codingPath, typesAbove: typesAbove, isNull: true))
        }
        return try takeByDecoding(type)
    }

    private func takeSimple<Value: Decodable>(_ type: Value.Type) -> (any Decodable)? {
        let (schema, value): (DerivedSchema, any Decodable)
        switch type {
        case is JSONValue.Type: (schema, value) = (.anything, JSONValue.null)
        case is ModelID.Type: (schema, value) = (.modelID, ModelID(placeholder.text))
        case is Bool.Type: (schema, value) = (.boolean, false)
        case is String.Type: (schema, value) = (.string, placeholder.text)
        case is Double.Type: (schema, value) = (.number, placeholder.floatingPoint(Double.self))
        case is Float.Type: (schema, value) = (.number, placeholder.floatingPoint(Float.self))
        case let type as any (FixedWidthInteger & Decodable).Type:
            (schema, value) = (.integer(in: type), placeholder.integer(type))
        default: return nil
        }
        content = .value(schema)
        return value
    }

    private func takeByDecoding<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let enumeration = type as? any CaseIterable.Type
        choices: for choice in Placeholder.choices {
            (content, fields, takesAnyField, isNullable, placeholder) = (.unknown, [], false, false, choice)
            do {
                let value = try Value(from: self)
                narrow(to: enumeration)
                return value
            } catch {
                guard enumeration == nil, case .value = content else { break choices }
            }
        }
        if type is any RawRepresentable.Type { narrow(to: enumeration) } else { content = .unknown }
        if let enumeration, let first = enumeration.firstCase as? Value { return first }
        throw Unlearnable()
    }

    /// Replaces the type of an enumeration's raw value by the values that there are.
    private func narrow(to enumeration: (any CaseIterable.Type)?) {
        guard let values = enumeration?.rawValues, case .value(let schema) = content,
            let type = schema.keywords["type"]
        else { return }
        content = .value(DerivedSchema.anything.with("type", type).with("enum", .array(values)))
    }

    // MARK: What containers report

    /// Notes that the type asked for a field.
    ///
    /// - Returns: the place of the field's value.
    func addField(_ key: any CodingKey, isOptional: Bool = false) -> SchemaRecorder {
        let node = SchemaRecorder(path: codingPath + [key], typesAbove: typesAbove)
        change(key) { field in
            field.node = node
            if isOptional { (field.isRequired, field.isNullable) = (false, true) }
        }
        return node
    }

    /// Notes that the type asked whether there is a field.
    func noteMayBeMissing(_ key: any CodingKey) { change(key) { $0.isRequired = false } }

    /// Notes that the type asked whether a field is null or missing, which is one question.
    func noteMayBeNull(_ key: any CodingKey) { change(key) { ($0.isRequired, $0.isNullable) = (false, true) } }

    /// Notes that the type asked which fields there are.
    func noteAnyField() { takesAnyField = true }

    /// Notes that the type asked whether null stands here.
    func noteNull() { isNullable = true }

    private func change(_ key: any CodingKey, _ body: (inout Field) -> Void) {
        let position = fields.firstIndex { $0.name.isSpelled(as: key.stringValue) } ?? fields.count
        if position == fields.count { fields.append(Field(name: key.stringValue)) }
        body(&fields[position])
    }

    // MARK: Containers

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        content = .fields
        return KeyedDecodingContainer(RecordingFields<Key>(node: self))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        content = .value(.array)
        return RecordingElements(node: self)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { RecordingValue(node: self) }

    /// A place inside an array, of which no more is noted than that it is one.
    func makeElement() -> SchemaRecorder { SchemaRecorder(path: codingPath, typesAbove: typesAbove) }
}
