internal import Primitives

/// What tells one instance of a model from another: a UUID by default, or a string or whole number of your own.
///
/// In a document it is that bare string or number.
public struct ModelID: Sendable, Hashable {
    private enum Value: Hashable {
        case text(ExactText)
        case number(Int)
    }

    private let value: Value

    /// Makes a new random UUID (RFC 9562 version 4) in lower case, or within ``withSequence(_:)`` the next one of the sequence.
    public init() {
        var bytes =
            IDSequence.current?.nextIdentity()
            ?? (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        bytes.0 = bytes.0 & ~0xF000 | 0x4000
        bytes.1 = bytes.1 & ~(0b11 << 62) | 0b10 << 62
        self.init(
            [
                (bytes.0 >> 32).padded(to: 8, radix: 16), (bytes.0 >> 16 & 0xFFFF).padded(to: 4, radix: 16),
                (bytes.0 & 0xFFFF).padded(to: 4, radix: 16), (bytes.1 >> 48).padded(to: 4, radix: 16),
                (bytes.1 & 0xFFFF_FFFF_FFFF).padded(to: 12, radix: 16),
            ]
            .joined(separator: "-")
        )
    }

    /// Makes an identity of a string.
    public init(_ text: String) { value = .text(ExactText(text)) }

    /// Makes an identity of a whole number.
    public init(_ number: Int) { value = .number(number) }
}

extension ModelID: Codable {
    /// Reads a string or a whole number.
    ///
    /// - Throws: ``ValidationError`` when it is neither.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let value = try container.decode(JSONValue.self)
        guard let identity = ModelID(value) else {
            throw ValidationError("", "must be a string or an integer, got \(value.kind)", code: .type)
        }
        self = identity
    }

    /// Makes an identity of a string or a whole number in a document; nil for anything else.
    package init?(_ json: JSONValue) {
        switch json {
        case .string(let text): self.init(text)
        case .number(let number):
            guard let whole = number.integer(Int.self) else { return nil }
            self.init(whole)
        default: return nil
        }
    }

    /// The bare string or number.
    package var json: JSONValue {
        switch value {
        case .text(let exact): .string(exact.text)
        case .number(let number): .number(JSONNumber(number))
        }
    }

    /// How many bytes it adds to a compact document: `"id":`, itself and a comma.
    var bytesInDocument: Int { #""id":,"#.utf8.count + json.bytes.count }

    /// Writes the bare string or number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .text(let exact): try container.encode(exact.text)
        case .number(let number): try container.encode(number)
        }
    }
}

extension ModelID: CustomStringConvertible, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// The string or the number as text.
    public var description: String {
        switch value {
        case .text(let exact): exact.text
        case .number(let number): "\(number)"
        }
    }

    /// Makes an identity of a string.
    public init(stringLiteral text: String) { self.init(text) }

    /// Makes an identity of a whole number.
    public init(integerLiteral number: Int) { self.init(number) }
}
