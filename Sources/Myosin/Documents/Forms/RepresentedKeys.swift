/// A dictionary with keys that have their own form.
package protocol RepresentedKeys {
    /// The type of the keys.
    static var keyType: any DocumentRepresentable.Type { get }
    /// The type of the values.
    static var heldType: any Decodable.Type { get }

    /// Passes on the names and values of the dictionary's object in a document, in the order of the names.
    ///
    /// - Parameters:
    ///   - path: the place of the dictionary.
    ///   - encode: gets a name and its value.
    /// - Throws: ``ValidationError`` for a key that is not a name; the closure's error.
    func encodeFields(at path: [any CodingKey], _ encode: (String, any Encodable) throws -> Void) throws

    /// Reads the names and values of an object.
    ///
    /// - Parameters:
    ///   - names: the names in the object.
    ///   - decode: decodes the value of a name.
    ///   - refuse: notes the fault of a name that is not a key.
    /// - Returns: the dictionary, without the names that are not keys.
    /// - Throws: the error of `decode`.
    static func decodeFields(
        _ names: [String],
        _ decode: (String, any Decodable.Type) throws -> Any,
        refuse: (String, ValidationError) -> Void
    ) throws -> Self
}

extension RepresentedKeys {
    /// Whether such a dictionary is an object, because the keys are strings in documents.
    package static var isObject: Bool {
        if case .object(let schema) = keyType.documentSchema { schema["type"] == "string" } else { false }
    }
}

extension Dictionary: RepresentedKeys where Key: DocumentRepresentable, Value: Codable {
    package static var keyType: any DocumentRepresentable.Type { Key.self }
    package static var heldType: any Decodable.Type { Value.self }

    package func encodeFields(at path: [any CodingKey], _ encode: (String, any Encodable) throws -> Void) throws {
        var fields: [String: Value] = [:]
        for (key, value) in self {
            guard case .string(let name) = try key.documentValue(at: path) else {
                throw ValidationError(path.pointer, "has a key whose form is not a string, as its schema says")
            }
            if fields.updateValue(value, forKey: name) != nil {
                throw ValidationError(path.pointer, "has two keys with the form \(name.quoted)", code: .duplicate)
            }
        }
        for name in fields.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            if let value = fields[name] { try encode(name, value) }
        }
    }

    package static func decodeFields(
        _ names: [String],
        _ decode: (String, any Decodable.Type) throws -> Any,
        refuse: (String, ValidationError) -> Void
    ) throws -> Self {
        var result: Self = [:]
        var spellings: [Key: String] = [:]
        for name in names {
            let value = try decode(name, Value.self) as? Value
            do throws(ValidationError) {
                let key = try Key(documentValue: .string(name))
                if let other = spellings.updateValue(name, forKey: key) {
                    throw ValidationError("", "is the same key as \(other.quoted)", code: .duplicate)
                }
                result[key] = value
            } catch {
                refuse(name, error)
            }
        }
        return result
    }
}
