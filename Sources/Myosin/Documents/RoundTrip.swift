/// Checks that a value reads back from its document.
///
/// If `encode(to:)` and `init(from:)` disagree, the program loses the value at its next start.
enum RoundTrip {
    /// Reads a document and compares the result with the written value.
    ///
    /// - Parameters:
    ///   - model: the value.
    ///   - document: the compact text of the value.
    ///   - comparesValues: whether the result itself must equal the value, in addition to its document.
    /// - Throws: ``ValidationError`` with the places that would be lost or changed, and the remedy.
    static func check<Model: StateModel>(
        _ model: Model,
        writtenAs document: [UInt8],
        comparesValues: Bool
    ) throws(ValidationError) {
        let (json, result) = try read(Model.self, document)
        let second: JSONValue
        do {
            second = .object(try result.document())
        } catch {
            throw ValidationError("", "is read from its document as a value that cannot be written: \(error)")
        }
        if let difference = json.firstDifference(from: second) {
            // A set may be written as an array, with another order each time.
            guard result == model, json.sortingArrays() == second.sortingArrays() else {
                throw ValidationError([explanation(difference)])
            }
        }
        if comparesValues, result != model { throw ValidationError(differences(model, result, json)) }
    }

    /// Reads the document of a value.
    ///
    /// - Parameters:
    ///   - type: the type of the value.
    ///   - document: the compact text.
    /// - Returns: the document, and the value read from it.
    /// - Throws: ``ValidationError`` with the places that cannot be read, and the remedy.
    static func read<Model: StateModel>(
        _ type: Model.Type,
        _ document: [UInt8]
    ) throws(ValidationError) -> (json: JSONValue, value: Model) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: document)
        } catch {
            throw ValidationError("", "is written as JSON that cannot be read: it \(error)")
        }
        do throws(ValidationError) {
            return (json, try DocumentDecoder.decode(type, from: json))
        } catch {
            throw ValidationError(error.faults.map(explanation))
        }
    }

    private static let fit = "encode(to:) and init(from:) must fit together"

    /// Explains a fault in a document that the type itself has written.
    private static func explanation(_ fault: ValidationError.Fault) -> ValidationError.Fault {
        let detail =
            switch fault.code {
            case .unknown: "is written by encode(to:), but init(from:) does not read it; read it, or do not write it"
            case .missing:
                "is read by init(from:), but encode(to:) does not write it; write it, or read it with decodeIfPresent"
            default: "is written by encode(to:), but init(from:) refuses it: it \(fault.detail); \(fit)"
            }
        return .init(pointer: fault.pointer, detail: detail, code: fault.code)
    }

    private static func explanation(
        _ difference: (path: [String], one: JSONValue?, other: JSONValue?)
    ) -> ValidationError.Fault {
        let detail =
            switch (difference.one, difference.other) {
            case (let one?, let other?):
                one.kind == other.kind
                    ? "is another \(one.noun) after it was written and read"
                    : "is written as \(one.mention) and comes back as \(other.mention)"
            case (nil, _?): "is not written at first, and is after it was read"
            default: "is lost when it is written and read"
            }
        return .init(pointer: difference.path.pointer, detail: "\(detail); \(fit)")
    }

    /// The properties that differ although the documents are the same.
    private static func differences<Model: StateModel>(
        _ one: Model,
        _ other: Model,
        _ document: JSONValue
    ) -> [ValidationError.Fault] {
        func isEqual<Value: Equatable>(_ one: Value, _ other: Any) -> Bool { one == other as? Value }
        let faults = zip(Mirror(reflecting: one).children, Mirror(reflecting: other).children)
            .compactMap { one, other -> ValidationError.Fault? in
                guard let label = one.label, let value = one.value as? any Equatable, !isEqual(value, other.value)
                else { return nil }
                let isWritten = document.value(at: CollectionOfOne(label)) != nil
                let advice = isWritten ? fit : "add it to the coding keys, or leave it out of =="
                let detail = "has another value after it was written and read; \(advice)"
                return .init(pointer: "".appendingPointer(to: label), detail: detail)
            }
        if !faults.isEmpty { return faults }
        let detail = "is another value after it was written and read, although it has the same document; \(fit)"
        return [.init(pointer: "", detail: detail)]
    }
}

extension JSONValue {
    /// The value with the elements of all arrays in the order of their text.
    fileprivate func sortingArrays() -> JSONValue {
        switch self {
        case .array(let elements):
            let sorted = elements.map { $0.sortingArrays() }.map { (value: $0, bytes: $0.bytes) }
                .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            return .array(sorted.map(\.value))
        case .object(var fields):
            for name in fields.keys { fields[name] = fields[name]?.sortingArrays() }
            return .object(fields)
        case .null, .bool, .number, .string: return self
        }
    }

    /// The kind without its article.
    fileprivate var noun: String {
        switch self {
        case .null, .bool: "value"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
