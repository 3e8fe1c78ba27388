internal import HTTPTypes
internal import Myosin

/// The responses of the OpenAPI document.
enum OpenAPIResponses {
    /// A refusal that many operations give.
    struct Shared: Sendable {
        let name: String
        let status: HTTPResponse.Status
        let description: String
        var headers: [String] = []
    }

    /// What the server, or who stands at its gate, answers to any request.
    static let everywhere = [
        "BadRequest", "Forbidden", "RequestTimeout", "URITooLong", "ExpectationFailed", "MisdirectedRequest",
        "HeadersTooLarge",
        "NotImplemented", "Unavailable",
    ]

    static let shared: [Shared] = [
        Shared(
            name: "BadRequest",
            status: .badRequest,
            description: "The request is malformed: its path or a field; or its content is not JSON."
        ),
        Shared(
            name: "Forbidden",
            status: .forbidden,
            description: "Not allowed at this address, or a write of another site's page."
        ),
        Shared(name: "NotFound", status: .notFound, description: "What was asked for is not there now."),
        Shared(name: "NotAcceptable", status: .notAcceptable, description: "Accept does not take the answer's type."),
        Shared(name: "RequestTimeout", status: .requestTimeout, description: "The request took too long."),
        Shared(
            name: "PreconditionFailed",
            status: .preconditionFailed,
            description: "A condition is not met.",
            headers: ["State-Revision"]
        ),
        Shared(name: "ContentTooLarge", status: .contentTooLarge, description: "The content is too large."),
        Shared(name: "URITooLong", status: .uriTooLong, description: "The path or the query is too long."),
        Shared(
            name: "UnsupportedMediaType",
            status: .unsupportedMediaType,
            description: "The content is not JSON by its type.",
            headers: ["Accept"]
        ),
        Shared(
            name: "UnsupportedPatch",
            status: .unsupportedMediaType,
            description: "The content is not a merge patch by its type.",
            headers: ["Accept-Patch"]
        ),
        Shared(
            name: "ExpectationFailed",
            status: .expectationFailed,
            description: "The Expect field asks for something else than 100-continue."
        ),
        Shared(
            name: "MisdirectedRequest",
            status: .misdirectedRequest,
            description: "The Host field names another server."
        ),
        Shared(name: "Invalid", status: .unprocessableContent, description: "The content is not valid."),
        Shared(
            name: "PreconditionRequired",
            status: .preconditionRequired,
            description: "It is changed only on condition, and If-Match is missing.",
            headers: ["State-Revision"]
        ),
        Shared(
            name: "HeadersTooLarge",
            status: .requestHeaderFieldsTooLarge,
            description: "The header fields are too many or too large."
        ),
        Shared(
            name: "Failed",
            status: .internalServerError,
            description: "The store has failed; nothing visible has changed."
        ),
        Shared(name: "NotImplemented", status: .notImplemented, description: "The transfer coding is not known."),
        Shared(
            name: "Unavailable",
            status: .serviceUnavailable,
            description: "The service is busy, stopping, or without its store.",
            headers: ["Retry-After"]
        ),
        Shared(name: "Full", status: .insufficientStorage, description: "The disk is full; nothing has changed."),
    ]

    /// The shared responses by name.
    static var components: JSONObject {
        let content: JSONValue = ["application/problem+json": ["schema": OpenAPISchemas.to(.problem)]]
        return shared.reduce(into: JSONObject()) { components, response in
            var object = JSONObject()
            object["description"] = .string(response.description)
            if !response.headers.isEmpty { object["headers"] = OpenAPIHeaders.references(response.headers) }
            object["content"] = content
            components[response.name] = .object(object)
        }
    }

    /// A response of an operation's own.
    ///
    /// - Parameters:
    ///   - description: when it is given.
    ///   - headers: the names of its header fields.
    ///   - content: the schemas of its content by their media types.
    ///   - model: the one that it tells the revision of, where that is what it is about.
    /// - Returns: the response object.
    static func make(
        _ description: String,
        _ headers: [String],
        _ content: [(String, JSONValue)] = [],
        linksOf model: String? = nil
    ) -> JSONValue {
        var response = JSONObject()
        response["description"] = .string(description)
        if !headers.isEmpty { response["headers"] = OpenAPIHeaders.references(headers) }
        if !content.isEmpty {
            response["content"] = .object(content.reduce(into: JSONObject()) { $0[$1.0] = ["schema": $1.1] })
        }
        if let model { response["links"] = OpenAPILinks.references(of: model) }
        return .object(response)
    }
}
