internal import Myosin

/// Reads values from documents and keeps what their types have asked for on the way.
///
/// The types get what stands in the documents, which the program has written, and nothing else.
final class SchemaLearner {
    /// The maximum number of values to learn from; later values are only decoded.
    private static let maxValues = 20_000
    /// Enumerations of more cases are known by the cases that there are in documents.
    private static let maxCases = 1_000

    private var valuesLeft = maxValues
    private var places: [ObjectIdentifier: LearnedPlace] = [:]
    private var cases: [ObjectIdentifier: [JSONValue]] = [:]

    /// What all values of a type have shown; nil where there was none.
    func place(of type: any Decodable.Type) -> LearnedPlace? { places[ObjectIdentifier(type)] }

    /// Reads a value.
    ///
    /// - Parameters:
    ///   - type: its type.
    ///   - value: what stands in the document.
    ///   - path: where.
    ///   - place: the place that asks for it.
    /// - Returns: the value.
    /// - Throws: what keeps it from being read.
    func take<Value: Decodable>(
        _ type: Value.Type,
        from value: JSONValue,
        at path: [any CodingKey],
        for place: LearnedPlace
    ) throws -> Value {
        place.ask(type)
        do {
            valuesLeft -= 1
            if DerivedSchema.simple(type) != nil || valuesLeft < 0 { return try value.decoded(as: type) }
            let run = LearnedPlace()
            let result = try read(type, from: value, at: path, for: run)
            // A type that asks for nothing, one without properties for example.
            if run.isBlank, case .object = value { run.ignoresFields = true }
            if !(type is any CollectionType.Type) {
                let all = places[ObjectIdentifier(type)] ?? LearnedPlace()
                all.merge(run)
                places[ObjectIdentifier(type)] = all
            }
            return result
        } catch {
            // The type that has asked may try something else; if it does not, all that it has shown is dropped.
            place.hasFailed = true
            throw error
        }
    }

    private func read<Value: Decodable>(
        _ type: Value.Type,
        from value: JSONValue,
        at path: [any CodingKey],
        for place: LearnedPlace
    ) throws -> Value {
        guard let dictionary = type as? any RepresentedKeys.Type, dictionary.isObject, case .object(let fields) = value
        else { return try Value(from: LearningDecoder(learner: self, place: place, value: value, codingPath: path)) }
        var refusal: ValidationError?
        func take(_ name: String, _ held: any Decodable.Type) throws -> Any {
            try self.take(held, from: fields[name] ?? .null, at: path, for: LearnedPlace())
        }
        let result = try dictionary.decodeFields(fields.keys, take) { refusal = refusal ?? $1 }
        if let refusal { throw refusal }
        guard let result = result as? Value else {
            throw DecodingError.typeMismatch(type, .init(codingPath: path, debugDescription: "is another type"))
        }
        return result
    }

    /// The documents of all cases of an enumeration that lists them; nil for any other type.
    ///
    /// The first time they are read, too, to see what they ask for.
    func caseDocuments<Value: Decodable>(of type: Value.Type) -> [JSONValue]? {
        guard let enumeration = type as? any CaseIterable.Type else { return nil }
        if let known = cases[ObjectIdentifier(type)] { return known }
        // A case that cannot be written has no document.
        let documents = (enumeration.cases(upTo: Self.maxCases) ?? [])
            .compactMap { element in try? (element as? any Encodable).map { try JSONValue(encoding: $0) } }
        cases[ObjectIdentifier(type)] = documents
        for document in documents {
            // One that is not read back shows nothing.
            _ = try? take(type, from: document, at: [], for: LearnedPlace())
        }
        return documents
    }
}
