/// A type with its own form in documents, in place of its `Codable` form.
///
/// The engine uses this form wherever a container of `Codable` encodes or decodes such a value. It may be a field, an element, a
/// key or value of a dictionary, or the wrapped value of an optional. Other encoders and decoders use `Codable` as before. So
/// does code that calls `encode(to:)` or `init(from:)` of the value itself.
///
/// A dictionary with keys of such a type is an object if ``documentSchema`` has the type `string`.
public protocol DocumentRepresentable: Codable, Sendable {
    /// A schema that accepts the forms of all values, `["type": "string", "format": "uri"]` for example.
    static var documentSchema: JSONValue { get }

    /// A placeholder for a value that cannot be read, while the decoder looks for further faults of the document.
    ///
    /// It never leaves the decoder. With nil, the default, a fault here may hide others of the same object.
    static var documentPlaceholder: Self? { get }

    /// Makes the form of this value.
    ///
    /// - Returns: the form in a document.
    /// - Throws: ``ValidationError`` for a value without such a form; its pointers begin at this value.
    func documentValue() throws(ValidationError) -> JSONValue

    /// Reads a value from its form.
    ///
    /// - Parameter documentValue: the form in a document.
    /// - Throws: ``ValidationError`` if it is not the form of a value; its pointers begin at this value.
    init(documentValue: JSONValue) throws(ValidationError)
}

extension DocumentRepresentable {
    /// Nil: no placeholder.
    public static var documentPlaceholder: Self? { nil }
}

extension DocumentRepresentable {
    /// The form of this value at a place in a document.
    ///
    /// - Parameter path: the place.
    /// - Returns: the form.
    /// - Throws: ``ValidationError`` with pointers from the top of the document.
    func documentValue(at path: [any CodingKey]) throws(ValidationError) -> JSONValue {
        do throws(ValidationError) {
            return try documentValue()
        } catch {
            throw error.below(path.pointer)
        }
    }
}

extension ValidationError {
    /// The same faults of a value at a place in a document.
    ///
    /// - Parameter pointer: the place of the value.
    /// - Returns: the error with pointers from the top of the document.
    func below(_ pointer: String) -> ValidationError {
        var error = self
        for index in error.faults.indices { error.faults[index].pointer = pointer + error.faults[index].pointer }
        return error
    }
}
