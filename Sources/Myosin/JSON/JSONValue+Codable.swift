extension JSONValue: Codable {
    /// Reads any JSON: with the engine's own decoder as it stands in the document, with others by trial.
    ///
    /// - Throws: the decoder's error when it offers none of the kinds that JSON has.
    public init(from decoder: any Decoder) throws {
        if let document = decoder as? any JSONSource {
            self = document.takeEverything()
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .number(JSONNumber(number))
        } else if let number = (try? container.decode(Double.self)).flatMap({ JSONNumber($0) }) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let elements = try? container.decode([JSONValue].self) {
            self = .array(elements)
        } else {
            // The last kind there is: its error is the one to tell, the trials before it say nothing.
            let fields = try container.decode([String: JSONValue].self)
            var object = JSONObject()
            for key in fields.keys.sorted() { object[key] = fields[key] }
            self = .object(object)
        }
    }

    /// Writes the value; the engine's own encoder keeps digits and order as they are.
    ///
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        if let document = encoder as? any JSONTarget {
            document.put(self)
            return
        }
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .string(let text): try container.encode(text)
        case .array(let elements): try container.encode(elements)
        case .object(let object):
            try container.encode(Dictionary(object.map { ($0, $1) }, uniquingKeysWith: { $1 }))
        case .number(let number):
            if let whole = number.integer(Int.self) {
                try container.encode(whole)
            } else {
                try container.encode(Double(number.description) ?? 0)
            }
        }
    }
}

extension JSONValue {
    /// Makes the document of any value.
    ///
    /// - Throws: ``ValidationError`` for numbers that JSON does not have; the error of the value's own `encode(to:)`.
    package init(encoding value: any Encodable) throws { self = try DocumentEncoder.encode(value) }
}

/// A decoder that can hand out what it reads as it is.
package protocol JSONSource {
    func takeEverything() -> JSONValue
}

/// An encoder that can take JSON as it is.
protocol JSONTarget {
    func put(_ value: JSONValue)
}
