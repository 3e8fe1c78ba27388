internal import Myosin

/// A type of the standard library that holds others, so its schema follows from theirs even if it is empty.
protocol CollectionType {
    /// The schema of the type.
    ///
    /// - Parameter learn: returns the schema of the type that this one holds; it gets the step to it.
    /// - Returns: the schema of the values of this type.
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema
}

extension CollectionType {
    /// The types that this one holds.
    static var heldTypes: [any Decodable.Type] {
        var types: [any Decodable.Type] = []
        _ = schema { type, _ in
            types.append(type)
            return .anything
        }
        return types
    }
}

extension Optional: CollectionType where Wrapped: Decodable {
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema {
        learn(Wrapped.self, nil).orNull
    }
}

/// A collection that is an array in documents.
protocol ListType: CollectionType, Sequence where Element: Decodable {}

extension ListType {
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema {
        .array.with("items", .object(learn(Element.self, .element).document))
    }
}

extension Array: CollectionType, ListType where Element: Decodable {}
extension ContiguousArray: CollectionType, ListType where Element: Decodable {}
// An element that comes twice in the document is accepted, so there is no `uniqueItems`.
extension Set: CollectionType, ListType where Element: Decodable {}

extension Dictionary: CollectionType where Key: Decodable, Value: Decodable {
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema {
        if let type = Self.self as? any RepresentedKeys.Type, type.isObject {
            return .object.with("propertyNames", type.keyType.documentSchema)
                .with("additionalProperties", .object(learn(Value.self, .member).document))
        }
        if Key.self == String.self || Key.self == Int.self || Key.self is any CodingKeyRepresentable.Type {
            return .object.with("additionalProperties", .object(learn(Value.self, .member).document))
        }
        // Keys of other types precede their values.
        let (key, value) = (learn(Key.self, .element), learn(Value.self, .element))
        return .array.with("items", .object(DerivedSchema.any(of: [key, value]).document))
    }
}

extension ClosedRange: CollectionType where Bound: Decodable {
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema {
        bounds(learn(Bound.self, .element), 2)
    }
}

extension Range: CollectionType where Bound: Decodable {
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema {
        bounds(learn(Bound.self, .element), 2)
    }
}

extension PartialRangeFrom: CollectionType where Bound: Decodable {
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema {
        bounds(learn(Bound.self, .element), 1)
    }
}

extension PartialRangeThrough: CollectionType where Bound: Decodable {
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema {
        bounds(learn(Bound.self, .element), 1)
    }
}

extension PartialRangeUpTo: CollectionType where Bound: Decodable {
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema {
        bounds(learn(Bound.self, .element), 1)
    }
}

/// A vector, in documents an array with a fixed number of numbers.
protocol VectorType: CollectionType, SIMD where Scalar: Decodable {}

extension VectorType {
    static func schema(learningBy learn: (any Decodable.Type, LearnedPlace.Step?) -> DerivedSchema) -> DerivedSchema {
        bounds(learn(Scalar.self, .element), scalarCount).with("maxItems", .number(JSONNumber(scalarCount)))
    }
}

extension SIMD2: CollectionType, VectorType where Scalar: Decodable {}
extension SIMD3: CollectionType, VectorType where Scalar: Decodable {}
extension SIMD4: CollectionType, VectorType where Scalar: Decodable {}
extension SIMD8: CollectionType, VectorType where Scalar: Decodable {}
extension SIMD16: CollectionType, VectorType where Scalar: Decodable {}
extension SIMD32: CollectionType, VectorType where Scalar: Decodable {}
extension SIMD64: CollectionType, VectorType where Scalar: Decodable {}

/// An array with a fixed number of bounds.
private func bounds(_ schema: DerivedSchema, _ count: Int) -> DerivedSchema {
    .array.with("items", .object(schema.document)).with("minItems", .number(JSONNumber(count)))
}

extension RawRepresentable {
    /// The type of the raw values in which such a type encodes itself.
    static var rawType: (any Decodable.Type)? { RawValue.self as? any Decodable.Type }
}

extension CaseIterable {
    /// All cases, or nil if there are more than the limit.
    static func cases(upTo limit: Int) -> [Any]? {
        let some = allCases.prefix(limit + 1)
        return some.count > limit ? nil : Array(some)
    }
}
