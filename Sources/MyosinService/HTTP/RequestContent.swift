internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// How the content of a write is read, and which command a refusal shows.
struct RequestContent: Sendable {
    enum Kind: Sendable {
        /// A whole model.
        case document
        /// A value of a field.
        case value
        /// A merge patch.
        case patch
        /// The content of a route of the program.
        case other
    }

    let kind: Kind
    /// What was asked for.
    let place: ServiceURL.Place

    private static let mergePatch = "application/merge-patch+json"

    private var method: String { kind == .patch ? "PATCH" : "PUT" }

    /// The media types that say what the content is, beside those that say it is JSON.
    private var acceptable: HTTPFields {
        kind == .patch
            ? [.acceptPatch: "\(Self.mergePatch), application/json"] : [.accept: "application/json"]
    }

    /// The command that would have been right, but for the values.
    private var command: String {
        switch kind {
        case .document, .patch:
            "Type curl -X \(method) -d '{…}' \(place.url) with the fields as {\"name\": value, …}."
        case .value: "Type curl -X PUT -d 21.5 \(place.url), or -d '\"text\"' for a string."
        case .other: "Send JSON."
        }
    }

    /// Why the content of a request cannot be taken, as its header describes it; nil if it can.
    ///
    /// `curl -d` says that it sends a form, whatever it sends, so that type is taken where the body is JSON.
    func refusal(of request: borrowing Request) -> Problem? {
        wrongRange(request) ?? wrongCoding(request) ?? wrongType(request)
    }

    /// The fields by which a client describes its content.
    static let names: [HTTPField.Name] = [.contentType, .contentRange, .contentEncoding]

    /// A part of something is no value of it (RFC 9110, section 14.5).
    private func wrongRange(_ request: borrowing Request) -> Problem? {
        guard request.header(.contentRange) != nil else { return nil }
        let advice = kind != .document ? "" : ", or use PATCH to change some fields"
        return Problem(
            .badRequest,
            "Content-Range says that the body is a part. Send all of it without that field\(advice)."
        )
    }

    /// RFC 9110, section 8.4: Accept-Encoding names the codings that are taken.
    private func wrongCoding(_ request: borrowing Request) -> Problem? {
        guard let field = request.header(.contentEncoding) else { return nil }
        let codings = field.split(separator: ",").map { String($0).trimmed.lowercased() }
        if codings.allSatisfy({ $0.isEmpty || $0 == "identity" }) { return nil }
        var fields = acceptable
        fields[.acceptEncoding] = "identity"
        return Problem(
            .unsupportedMediaType,
            "The body's coding is \(field). Send JSON as it is, without Content-Encoding.",
            fields: fields
        )
    }

    private func wrongType(_ request: borrowing Request) -> Problem? {
        guard let field = request.header(.contentType), field != "application/json" else { return nil }
        let type = String(field.prefix { $0 != ";" }).trimmed.lowercased()
        if ["application/json", "application/x-www-form-urlencoded", ""].contains(type) { return nil }
        if kind == .patch, type == Self.mergePatch { return nil }
        let reason: String
        switch type {
        case Self.mergePatch where kind != .other:
            reason = ", but PUT takes the whole \(kind == .value ? "value" : "document"), not a patch"
        case "application/json-patch+json" where kind == .patch: reason = ", but only merge patches are taken"
        case "application/json-patch+json" where kind != .other:
            reason = ", but PUT takes the whole \(kind == .value ? "value" : "document"), not a patch"
        default:
            if type.hasPrefix("application/"), type.hasSuffix("+json") { return nil }
            reason = ""
        }
        return Problem(
            .unsupportedMediaType,
            "The body's type is \(type)\(reason). "
                + "Send JSON: -H 'Content-Type: application/json', or leave the type out.",
            fields: acceptable
        )
    }

    /// Reads the content.
    ///
    /// - Throws: `Problem` for what is not JSON.
    func value(of request: borrowing Request) throws(Problem) -> JSONValue {
        do {
            return try JSONValue(parsing: request.body)
        } catch {
            if Self.looksLikeForm(request) {
                throw Problem(
                    .unsupportedMediaType,
                    "The body is a form, not JSON. \(command)",
                    fields: acceptable
                )
            }
            let advice = kind == .value && Self.looksLikeText(request) ? " \(command)" : ""
            throw Problem(.badRequest, "The body is not JSON: it \(error).\(advice)")
        }
    }

    /// Reads content that must be an object.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - name: the model that is to be changed; empty for the whole state.
    /// - Returns: the object.
    /// - Throws: `Problem` for what is not JSON, or no object.
    func object(of request: borrowing Request, changing name: String) throws(Problem) -> JSONObject {
        let value = try value(of: request)
        if case .object(let object) = value { return object }
        let fault = ValidationError.Fault(pointer: "", detail: "must be an object, got \(value.kind)", code: .type)
        let what = name.isEmpty ? "the models" : "the model's fields"
        let subject = name.isEmpty ? "The state" : name
        let command = name.isEmpty ? "Type curl -X PATCH -d '{\"Model\": {…}, …}' \(place.url)." : command
        throw Problem(
            .unprocessableContent,
            "\(subject) was not changed: the body must be an object with \(what). \(command)",
            faults: [fault]
        )
    }

    private static func looksLikeForm(_ request: borrowing Request) -> Bool {
        guard let type = request.header(.contentType), type.lowercased().contains("form") else { return false }
        let body = request.body
        let name = body.prefix { $0 != UInt8(ascii: "=") }
        return !name.isEmpty && name.count < body.count
            && name.allSatisfy { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "\"") }
    }

    /// A word without quotes, as shells leave of one with quotes.
    private static func looksLikeText(_ request: borrowing Request) -> Bool {
        guard let first = request.body.first else { return false }
        return !"{[\"-0123456789".utf8.contains(first)
    }
}
