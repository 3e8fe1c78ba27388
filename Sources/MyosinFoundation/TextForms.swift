public import Myosin

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// In documents data is text in base64 (RFC 4648 section 4).
extension Data: DocumentRepresentable {
    /// A string with the encoding `base64`.
    public static var documentSchema: JSONValue { ["type": "string", "contentEncoding": "base64"] }

    /// No bytes.
    public static var documentPlaceholder: Data? { Data() }

    /// Makes the text in base64.
    ///
    /// - Returns: the text, padded by `=`.
    public func documentValue() -> JSONValue { .string(base64EncodedString()) }

    /// Reads text in base64.
    ///
    /// - Parameter documentValue: the text, padded and without spaces.
    /// - Throws: ``ValidationError`` for anything else.
    public init(documentValue: JSONValue) throws(ValidationError) {
        guard case .string(let text) = documentValue else {
            throw .notText(documentValue, "bytes in base64, such as SGVsbG8=")
        }
        // Compared with the text written again, because decoders differ on bits that belong to no byte.
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else {
            throw ValidationError("", "must be bytes in base64, padded, such as SGVsbG8=", code: .format)
        }
        self = data
    }
}

/// In documents a UUID is text in lower case, as RFC 9562 recommends and as in `ModelID`.
extension UUID: DocumentRepresentable {
    /// A string with the format `uuid`.
    public static var documentSchema: JSONValue { ["type": "string", "format": "uuid"] }

    /// The UUID of zeros.
    public static var documentPlaceholder: UUID? {
        UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    }

    /// Makes the text.
    ///
    /// - Returns: the text, in lower case.
    public func documentValue() -> JSONValue { .string(uuidString.lowercased()) }

    /// Reads the text.
    ///
    /// - Parameter documentValue: the text, in any case.
    /// - Throws: ``ValidationError`` for anything else.
    public init(documentValue: JSONValue) throws(ValidationError) {
        let example = "a UUID such as f72c1643-fe23-4e82-ab47-4791f0713c47"
        guard case .string(let text) = documentValue else { throw .notText(documentValue, example) }
        guard let uuid = UUID(uuidString: text) else {
            throw ValidationError("", "must be \(example)", code: .format)
        }
        self = uuid
    }
}

/// In documents a URL is its text.
extension URL: DocumentRepresentable {
    /// A string with the format `uri-reference`, because a URL need not have a scheme.
    public static var documentSchema: JSONValue { ["type": "string", "format": "uri-reference"] }

    /// The URL `about:blank`.
    public static var documentPlaceholder: URL? { URL(string: "about:blank") }

    /// Makes the text.
    ///
    /// - Returns: the text.
    /// - Throws: ``ValidationError`` for a URL with a base, which the text would lose.
    public func documentValue() throws(ValidationError) -> JSONValue {
        if baseURL != nil {
            throw ValidationError("", "is relative to another URL, which its text loses; use its absoluteURL")
        }
        return .string(absoluteString)
    }

    /// Reads the text.
    ///
    /// - Parameter documentValue: the text, percent-encoded as RFC 3986 has it.
    /// - Throws: ``ValidationError`` for anything else.
    public init(documentValue: JSONValue) throws(ValidationError) {
        self = try readURL(documentValue) { URL(string: $0, encodingInvalidCharacters: false) }
    }
}

/// Reads the text of a URL.
///
/// - Parameters:
///   - documentValue: the text, percent-encoded as RFC 3986 has it.
///   - make: makes the value, or returns nil for another text.
/// - Returns: the value.
/// - Throws: ``ValidationError`` for anything else.
private func readURL<Value>(
    _ documentValue: JSONValue,
    _ make: (String) -> Value?
) throws(ValidationError) -> Value {
    guard case .string(let text) = documentValue else {
        throw .notText(documentValue, "a URL such as https://example.com/")
    }
    guard let value = make(text) else {
        throw ValidationError("", "must be a URL such as https://example.com/, percent-encoded", code: .format)
    }
    return value
}

/// In documents the components of a URL are its text.
extension URLComponents: DocumentRepresentable {
    /// A string with the format `uri-reference`.
    public static var documentSchema: JSONValue { URL.documentSchema }

    /// No components.
    public static var documentPlaceholder: URLComponents? { URLComponents() }

    /// Makes the text.
    ///
    /// - Returns: the text.
    /// - Throws: ``ValidationError`` for components that do not form a URL.
    public func documentValue() throws(ValidationError) -> JSONValue {
        guard let string, URLComponents(string: string, encodingInvalidCharacters: false) == self else {
            throw ValidationError("", "has components that are no URL together")
        }
        return .string(string)
    }

    /// Reads the text.
    ///
    /// - Parameter documentValue: the text, percent-encoded as RFC 3986 has it.
    /// - Throws: ``ValidationError`` for anything else.
    public init(documentValue: JSONValue) throws(ValidationError) {
        self = try readURL(documentValue) { URLComponents(string: $0, encodingInvalidCharacters: false) }
    }
}

/// In documents a time zone is its identifier, `Europe/Berlin` for example.
extension TimeZone: DocumentRepresentable {
    /// A string.
    public static var documentSchema: JSONValue { ["type": "string"] }

    /// GMT.
    public static var documentPlaceholder: TimeZone? { TimeZone(secondsFromGMT: 0) }

    /// Makes the identifier.
    ///
    /// - Returns: the identifier.
    /// - Throws: ``ValidationError`` for a zone that follows the system's settings.
    public func documentValue() throws(ValidationError) -> JSONValue {
        guard TimeZone(identifier: identifier) == self else {
            throw ValidationError("", "follows the system's settings; use TimeZone(identifier: \(identifier.quoted))")
        }
        return .string(identifier)
    }

    /// Reads the identifier.
    ///
    /// - Parameter documentValue: the identifier of a zone that this system has.
    /// - Throws: ``ValidationError`` for anything else.
    public init(documentValue: JSONValue) throws(ValidationError) {
        guard case .string(let text) = documentValue else { throw .notText(documentValue, "a time zone such as GMT") }
        guard let zone = TimeZone(identifier: text) else {
            throw ValidationError("", "must be a time zone that this system has, such as GMT", code: .choice)
        }
        self = zone
    }
}

/// In documents a locale is its identifier, `de_DE` for example.
extension Locale: DocumentRepresentable {
    /// A string.
    public static var documentSchema: JSONValue { ["type": "string"] }

    /// The locale without language and region.
    public static var documentPlaceholder: Locale? { Locale(identifier: "") }

    /// Makes the identifier.
    ///
    /// - Returns: the identifier.
    /// - Throws: ``ValidationError`` for a locale that follows the system's settings.
    public func documentValue() throws(ValidationError) -> JSONValue {
        guard Locale(identifier: identifier) == self else {
            throw ValidationError("", "follows the system's settings; use Locale(identifier: \(identifier.quoted))")
        }
        return .string(identifier)
    }

    /// Reads the identifier.
    ///
    /// - Parameter documentValue: the identifier.
    /// - Throws: ``ValidationError`` for anything else.
    public init(documentValue: JSONValue) throws(ValidationError) {
        guard case .string(let text) = documentValue else { throw .notText(documentValue, "a locale such as de_DE") }
        let locale = Locale(identifier: text)
        // Without the data of ICU in the program all locales are the same.
        guard locale.identifier == text else {
            throw ValidationError(
                "",
                "must be a locale that this program has, such as \(locale.identifier)",
                code: .choice
            )
        }
        self = locale
    }
}
