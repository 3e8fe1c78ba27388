/// Turns JSON into `Decodable` values, strictly, and finds all faults of a document in one go.
///
/// Unlike Foundation's decoder it refuses fields that the type does not read and numbers that would lose digits, and
/// it does not stop at the first fault: where a value can't be read it notes why, goes on with a placeholder and
/// throws everything it noted at the end. A placeholder therefore never leaves the decoder.
enum DocumentDecoder {
    /// How many faults are told at most.
    static let faultsMax = 100

    /// Decodes a model, or anything else that decodes itself: no number, string or boolean.
    ///
    /// - Throws: ``ValidationError`` with the pointer and the reason of every fault.
    static func decode<Value: Decodable>(_ type: Value.Type, from document: JSONValue) throws(ValidationError) -> Value
    {
        let faults = DecodingFaults()
        let decoded: Value?
        do {
            decoded = try DecodingNode(document, path: [], faults: faults).takeComposite(type)
        } catch {
            if faults.isEmpty { faults.note("", faultText(error)) }
            decoded = nil
        }
        guard let decoded, faults.isEmpty else { throw ValidationError(faults.list) }
        return decoded
    }

    /// What keeps a value from being decoded.
    static func faults<Value: Decodable>(of type: Value.Type, in document: JSONValue) -> [ValidationError.Fault] {
        do {
            _ = try decode(type, from: document)
            return []
        } catch {
            return error.faults
        }
    }
}

/// The faults noted so far.
final class DecodingFaults {
    private(set) var list: [ValidationError.Fault] = []
    var isEmpty: Bool { list.isEmpty }
    /// Whether no further one is taken.
    var isFull: Bool { list.count >= DocumentDecoder.faultsMax }

    func note(_ pointer: String, _ detail: String) {
        if !isFull { list.append(.init(pointer: pointer, detail: detail)) }
    }
}

/// What a type's own decoding has to say, without the parts that only a Swift programmer understands.
func faultText(_ error: any Error) -> String {
    switch error {
    case let error as ValidationError: error.faults.map(\.detail).joined(separator: "; ")
    case DecodingError.dataCorrupted(let context): "is not valid: \(context.debugDescription)"
    case DecodingError.typeMismatch(_, let context): "is not valid: \(context.debugDescription)"
    case DecodingError.valueNotFound(_, let context): "is not valid: \(context.debugDescription)"
    case DecodingError.keyNotFound(let key, _): "lacks \(key.stringValue.quoted)"
    default: "is not valid: \(error)"
    }
}

/// Thrown to leave a type whose placeholder can't be made, after the fault was noted.
struct Abandoned: Error {}

/// What is said of fields that are too many or too few.
package enum DocumentFault {
    /// A field that a type does not read; a suggestion may follow.
    package static let unknown = "is not a field of this model"
    /// A field that a type needs.
    package static let missing = "is missing"
    /// A number that is none.
    static func notFinite(_ value: some BinaryFloatingPoint & LosslessStringConvertible) -> String {
        "is \(value), which JSON cannot tell; use a finite number"
    }
}
