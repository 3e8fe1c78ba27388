/// A type with its own form in documents, in place of the form that `Codable` gives it.
///
/// The engine uses this form wherever a document contains such a value. Other encoders and decoders use `Codable` as before.
public protocol DocumentRepresentable: Codable, Sendable {
    /// A schema that accepts the forms of all values, `["type": "string", "format": "uri"]` for example.
    static var documentSchema: JSONValue { get }

    /// Makes the form of this value.
    ///
    /// - Returns: the form in a document.
    /// - Throws: ``ValidationError`` for a value without such a form; its pointers begin at this value.
    func documentValue() throws(ValidationError) -> JSONValue

    /// Reads a value from its form.
    ///
    /// - Parameter documentValue: the form in a document.
    /// - Throws: ``ValidationError`` when it is not the form of a value; its pointers begin at this value.
    init(documentValue: JSONValue) throws(ValidationError)
}
