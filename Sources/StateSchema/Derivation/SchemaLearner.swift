internal import Myosin

/// Reads values from documents and records the requests of their types.
///
/// The types get only values of the documents, which the program has written.
final class SchemaLearner {
    /// The number of elements or members to learn from, per array and dictionary.
    static let maxElements = 1_000
    /// The number of values to learn from, without values that their types describe completely.
    private static let maxValues = 20_000
    /// The number of values that each sample may have in any case.
    private static let minValues = 2_000
    /// Enumerations of more cases are known by the cases in documents.
    private static let maxCases = 1_000

    private var valuesLeft = maxValues
    private var places: [ObjectIdentifier: LearnedPlace] = [:]
    private var cases: [ObjectIdentifier: [JSONValue]] = [:]
    /// Types that need no later values, because each type in them has shown a value.
    private var knownTypes: Set<ObjectIdentifier> = []
    /// Collections with a schema that needs no values, such as arrays of numbers.
    private var plainCollections: [ObjectIdentifier: Bool] = [:]
    /// Types with values that were only decoded.
    private var cutTypes: Set<ObjectIdentifier> = []

    /// Begins with another document.
    func beginDocument() { valuesLeft = max(valuesLeft, Self.minValues) }

    /// Whether some values of a type were only decoded, because there were too many.
    func isCut(_ type: ObjectIdentifier) -> Bool { cutTypes.contains(type) }

    /// The requests of all values of a type, or nil if there was no value.
    func place(of type: any Decodable.Type) -> LearnedPlace? { places[ObjectIdentifier(type)] }

    /// Reads a value.
    ///
    /// If there are too many values, nothing is learned from further ones, except from the possible first one of a type.
    ///
    /// - Parameters:
    ///   - type: its type.
    ///   - value: the value in the document.
    ///   - path: its path.
    ///   - place: the place that requests it.
    ///   - number: its position among the elements or members of its collection.
    /// - Returns: the value.
    /// - Throws: the error that prevents the reading.
    func take<Value: Decodable>(
        _ type: Value.Type,
        from value: JSONValue,
        at path: [any CodingKey],
        for place: LearnedPlace,
        number: Int = 0
    ) throws -> Value {
        place.ask(type)
        do {
            if isPlain(type) { return try value.decoded(as: type) }
            if number >= Self.maxElements || valuesLeft <= 0, isKnown(type) {
                cutTypes.insert(ObjectIdentifier(type))
                return try value.decoded(as: type)
            }
            valuesLeft -= 1
            let run = LearnedPlace()
            let result = try read(type, from: value, at: path, for: run)
            // A type that requests nothing, one without properties for example.
            if run.isBlank, case .object = value { run.ignoresFields = true }
            if !(type is any CollectionType.Type) {
                let all = places[ObjectIdentifier(type)] ?? LearnedPlace()
                all.merge(run)
                places[ObjectIdentifier(type)] = all
            }
            return result
        } catch {
            // The requesting type may try something else; if it does not, all of its requests are dropped.
            place.hasFailed = true
            throw error
        }
    }

    /// Whether the schema of a type needs no values.
    private func isPlain(_ type: any Decodable.Type) -> Bool {
        guard let collection = type as? any CollectionType.Type else { return DerivedSchema.simple(type) != nil }
        if let answer = plainCollections[ObjectIdentifier(type)] { return answer }
        let answer = collection.heldTypes.allSatisfy(isPlain)
        plainCollections[ObjectIdentifier(type)] = answer
        return answer
    }

    /// Whether a type has shown a value, and so have all types that it holds if it is a collection.
    private func isKnown(_ type: any Decodable.Type) -> Bool {
        if knownTypes.contains(ObjectIdentifier(type)) { return true }
        let answer =
            if let collection = type as? any CollectionType.Type {
                collection.heldTypes.allSatisfy { isPlain($0) || isKnown($0) }
            } else {
                places[ObjectIdentifier(type)] != nil
            }
        if answer { knownTypes.insert(ObjectIdentifier(type)) }
        return answer
    }

    private func read<Value: Decodable>(
        _ type: Value.Type,
        from value: JSONValue,
        at path: [any CodingKey],
        for place: LearnedPlace
    ) throws -> Value {
        guard let dictionary = type as? any RepresentedKeys.Type, dictionary.isObject, case .object(let fields) = value
        else { return try Value(from: LearningDecoder(learner: self, place: place, value: value, codingPath: path)) }
        var (refusal, count): (ValidationError?, Int) = (nil, 0)
        func take(_ name: String, _ held: any Decodable.Type) throws -> Any {
            count += 1
            return try self.take(held, from: fields[name] ?? .null, at: path, for: LearnedPlace(), number: count - 1)
        }
        let result = try dictionary.decodeFields(fields.keys, take) { refusal = refusal ?? $1 }
        if let refusal { throw refusal }
        guard let result = result as? Value else {
            throw DecodingError.typeMismatch(type, .init(codingPath: path, debugDescription: "is another type"))
        }
        return result
    }

    /// The documents of all cases of an enumeration that lists them, or nil for any other type.
    ///
    /// At first use they are read, too, to record their requests.
    func caseDocuments<Value: Decodable>(of type: Value.Type) -> [JSONValue]? {
        guard let enumeration = type as? any CaseIterable.Type else { return nil }
        if let known = cases[ObjectIdentifier(type)] { return known }
        // A case that cannot be written has no document.
        let documents = (enumeration.cases(upTo: Self.maxCases) ?? [])
            .compactMap { element in try? (element as? any Encodable).map { try JSONValue(encoding: $0) } }
        cases[ObjectIdentifier(type)] = documents
        beginDocument()
        for document in documents {
            // A case that does not read back shows nothing.
            _ = try? take(type, from: document, at: [], for: LearnedPlace())
        }
        return documents
    }
}
