internal import Myosin

/// A type of the standard library that holds others, which it would not decode from a placeholder that holds nothing.
protocol CollectionType {
    /// The schema of the type.
    ///
    /// - Parameter learn: gives the schema of the type that this one holds.
    /// - Returns: what may stand in the place of such a value.
    static func schema(learningBy learn: (any Decodable.Type) -> DerivedSchema) -> DerivedSchema
}

extension Optional: CollectionType where Wrapped: Decodable {
    static func schema(learningBy learn: (any Decodable.Type) -> DerivedSchema) -> DerivedSchema {
        learn(Wrapped.self).orNull
    }
}

extension Array: CollectionType where Element: Decodable {
    static func schema(learningBy learn: (any Decodable.Type) -> DerivedSchema) -> DerivedSchema {
        .array.with("items", .object(learn(Element.self).document))
    }
}

// An element that comes twice in the document is accepted, so there is no `uniqueItems`.
extension Set: CollectionType where Element: Decodable {
    static func schema(learningBy learn: (any Decodable.Type) -> DerivedSchema) -> DerivedSchema {
        .array.with("items", .object(learn(Element.self).document))
    }
}

extension Dictionary: CollectionType where Key == String, Value: Decodable {
    static func schema(learningBy learn: (any Decodable.Type) -> DerivedSchema) -> DerivedSchema {
        .object.with("additionalProperties", .object(learn(Value.self).document))
    }
}

extension CaseIterable {
    static var firstCase: Any? { allCases.first }

    /// The raw values, where all of them are strings or all are whole numbers.
    static var rawValues: [JSONValue]? {
        let values = allCases.map { element -> JSONValue? in
            switch (element as? any RawRepresentable)?.rawValue {
            case let text as String: .string(text)
            case let number as any FixedWidthInteger: .number(JSONNumber(number))
            default: nil
            }
        }
        let known = values.compactMap(\.self)
        return known.isEmpty || known.count < values.count ? nil : known
    }
}
