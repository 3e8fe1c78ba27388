import Myosin
import Testing

/// A field of one type, for tests of one type at a time.
struct Field<Value: Codable & Sendable & Equatable>: StateModel {
    static var modelName: String { "Field" }
    var id: ModelID = "f"
    var value: Value

    init(_ value: Value) { self.value = value }

    /// The field in the document.
    var json: JSONValue? {
        get throws { try document()["value"] }
    }

    /// Reads a document with this field.
    static func read(_ value: String) throws -> Value {
        guard case .object(let object) = try JSONValue(parsing: #"{"id":"f","value":\#(value)}"#) else {
            throw ValidationError("", "is no object")
        }
        return try Field(document: object).value
    }

    /// The fault of a field, as pointer and sentence.
    static func fault(_ value: String) -> String? {
        #expect(throws: ValidationError.self) { try read(value) }?.description
    }

    /// Commits the value and reads it back.
    func returned() throws -> Value {
        let state = try State()
        try state.load(self)
        guard case .object(let object) = try JSONValue(parsing: state.json("Field")) else {
            throw ValidationError("", "is no object")
        }
        return try Field(document: object).value
    }
}

extension State {
    /// The document of a model, as clients read it.
    func json(_ model: String) throws -> String {
        guard let bytes = snapshot(of: model)?.document else { throw ValidationError("", "is not loaded") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
