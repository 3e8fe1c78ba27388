internal import Myosin

/// A field with a schema that could not be learned.
package struct UnlearnedField: Sendable, Equatable {
    /// The reason why it could not be learned.
    package enum Reason: Sendable, Equatable {
        /// The defaults and samples have no value there: nil, or an empty collection.
        case noValue
        /// As ``noValue``, among the first of many values; the later values were not read.
        case noEarlyValue
        /// The type tries one type after the other, or reads the value in a way that a schema cannot express.
        case severalTypes
        /// The schema has grown too large.
        case tooLarge
    }

    /// The place as a JSON pointer; `{index}` and `{name}` stand for any element and any member.
    package let pointer: String
    package let reason: Reason
    /// The names of the path to the place in the schema.
    let schemaPath: [String]
}

/// Builds a schema from a learner's records.
struct LearnedSchema {
    private let learner: SchemaLearner
    private(set) var unlearned: [UnlearnedField] = []
    private var typesAbove: [ObjectIdentifier] = []
    private var pointer = ""
    private var schemaPath: [String] = []
    private var schemasLeft = 20_000
    private static let (maxDepth, maxUnlearned) = (64, 100)

    init(_ learner: SchemaLearner) { self.learner = learner }

    /// The schema of a type.
    ///
    /// A type that occurs again inside itself accepts anything there, so that the schema ends.
    mutating func schema<Value: Decodable>(of type: Value.Type) -> DerivedSchema {
        if let simple = DerivedSchema.simple(type) { return simple }
        if typesAbove.contains(ObjectIdentifier(type)) { return .anything }
        schemasLeft -= 1
        guard typesAbove.count < Self.maxDepth, schemasLeft > 0 else { return note(.tooLarge) }
        typesAbove.append(ObjectIdentifier(type))
        defer { typesAbove.removeLast() }
        if let collection = type as? any CollectionType.Type {
            return collection.schema { held, step in schema(of: held, step) }
        }
        let cases = learner.caseDocuments(of: type)
        if let choice = cases.flatMap(DerivedSchema.choice) { return choice }
        if let place = learner.place(of: type) {
            // It was read, and has requested nothing.
            if place.isBlank { return place.ignoresFields ? .object : .anything }
            let schema = schema(of: place)
            let isClosed = cases?.isEmpty == false && schema.keywords["properties"] != nil
            return isClosed ? schema.with("additionalProperties", false) : schema
        }
        if let raw = (type as? any RawRepresentable.Type)?.rawType { return schema(of: raw) }
        return note(.noValue)
    }

    private mutating func schema(of type: any Decodable.Type, _ step: LearnedPlace.Step?) -> DerivedSchema {
        guard let step else { return schema(of: type) }
        return inside(step) { $0.schema(of: type) }
    }

    /// The schema of a place.
    private mutating func schema(of place: LearnedPlace) -> DerivedSchema {
        if place.takesAnything { return .anything }
        if place.hasFailed { return note(.severalTypes) }
        if place.isBlank { return note(.noValue) }
        var schemas: [DerivedSchema] = []
        if place.isObject {
            // Other values that are read here may consist of the fields.
            let isAll = place.types.isEmpty
            schemas.append(isAll ? fields(of: place) : fields(of: place).with("additionalProperties", true))
        } else {
            for type in place.types { schemas.append(schema(of: type)) }
        }
        if place.elements != nil { schemas.append(array(of: place)) }
        var schema = DerivedSchema.any(of: schemas)
        schema.isNullable = schema.isNullable || place.isNullable
        return schema
    }

    private mutating func fields(of place: LearnedPlace) -> DerivedSchema {
        var (properties, required) = (JSONObject(), [JSONValue]())
        for field in place.fields where !place.isFree(field) {
            var schema = inside(.field(field.name)) { $0.schema(of: field.place) }
            schema.isNullable = schema.isNullable || field.isNullable
            properties[field.name] = .object(schema.document)
            if field.isRequired, !place.isChoice(field) { required.append(.string(field.name)) }
        }
        let takesAny = !place.freeKeyTypes.isEmpty
        var others = JSONValue.bool(takesAny)
        if let member = place.anyMember {
            let schema = inside(.member) { $0.schema(of: member) }
            if !schema.keywords.isEmpty { others = .object(schema.document) }
        } else if takesAny, place.hasBeenEmpty, properties.isEmpty {
            _ = inside(.member) { $0.note(.noValue) }
        }
        var schema = DerivedSchema.object
        if !takesAny || !properties.isEmpty { schema = schema.with("properties", .object(properties)) }
        if !required.isEmpty { schema = schema.with("required", .array(required)) }
        return schema.with("additionalProperties", others)
    }

    private mutating func array(of place: LearnedPlace) -> DerivedSchema {
        let elements = place.elements ?? []
        if place.isList {
            guard let element = place.anyElement else {
                _ = inside(.element) { $0.note(.noValue) }
                return .array
            }
            let schema = inside(.element) { $0.schema(of: element) }
            return schema.keywords.isEmpty ? .array : .array.with("items", .object(schema.document))
        }
        if elements.isEmpty { return .array }
        var schemas: [JSONValue] = []
        for (index, element) in elements.enumerated() {
            schemas.append(.object(inside(.position(index)) { $0.schema(of: element) }.document))
        }
        return .array.with("prefixItems", .array(schemas))
            .with("minItems", .number(JSONNumber(schemas.count)))
    }

    // MARK: Places

    private mutating func note(_ reason: UnlearnedField.Reason) -> DerivedSchema {
        let isCut = reason == .noValue && typesAbove.contains(where: learner.isCut)
        let reason = isCut ? .noEarlyValue : reason
        if unlearned.count < Self.maxUnlearned, !unlearned.contains(where: { $0.pointer == pointer }) {
            unlearned.append(UnlearnedField(pointer: pointer, reason: reason, schemaPath: schemaPath))
        }
        return .anything
    }

    private mutating func inside<Result>(
        _ step: LearnedPlace.Step,
        _ body: (inout LearnedSchema) -> Result
    ) -> Result {
        let (outerPointer, outerPath) = (pointer, schemaPath)
        defer { (pointer, schemaPath) = (outerPointer, outerPath) }
        switch step {
        case .field(let name):
            pointer = pointer.appendingPointer(to: name)
            schemaPath += ["properties", name]
        case .element:
            pointer += "/{index}"
            schemaPath += ["items"]
        case .position(let index):
            pointer += "/\(index)"
            schemaPath += ["prefixItems", "\(index)"]
        case .member:
            pointer += "/{name}"
            schemaPath += ["additionalProperties"]
        }
        return body(&self)
    }
}
