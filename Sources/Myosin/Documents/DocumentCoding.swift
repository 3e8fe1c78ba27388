/// Reads and writes values other than models in their form in documents.
package enum DocumentCoding {
    /// Encodes a value of any type.
    ///
    /// - Parameter value: the value; a model is written as its document.
    /// - Returns: the compact text, UTF-8.
    /// - Throws: ``ValidationError`` with the pointer of a number that JSON does not have (NaN, an infinity), or the error of the
    ///   type's own `encode(to:)`.
    package static func text(of value: some Encodable) throws -> [UInt8] {
        let text: [UInt8]? = try DocumentWriter.with { writer in
            do {
                try writer.put(value)
                return writer.text.pointee.finishedValue()
            } catch  where writer.text.pointee.isTangled {
                // The tree has the exact error.
                return nil
            }
        }
        return try text ?? DocumentEncoder.encode(value).bytes
    }

    /// Decodes a value of any type strictly, and reports all faults.
    ///
    /// - Parameters:
    ///   - type: the type.
    ///   - json: the value as JSON.
    /// - Returns: the value.
    /// - Throws: ``ValidationError`` with the pointer and the reason of each fault.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        from json: JSONValue
    ) throws(ValidationError) -> Value {
        try DocumentDecoder.decode(type, from: json)
    }
}
