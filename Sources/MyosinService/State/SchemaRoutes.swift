internal import HTTPTypes
internal import MicroHTTP
internal import Myosin

/// `/schema` and `/schema/{model}`: what the documents may contain, as JSON Schema.
struct SchemaRoutes: Sendable {
    let state: State
    let schemas: SchemaCache
    let urls: ServiceURL
    let work: LargeWork

    var routes: [Route] {
        [
            Route.atOnce(.get, "/schema") { request, _ in
                work.answer(to: request, bytes: Self.lineBytes * state.modelCount, .toDecision) { .now(list($0)) }
            },
            Route.atOnce(.get, "/schema/{model}") { request, parameters in
                let model = parameters["model"] ?? ""
                // How long it is shows when it is made.
                let bytes = state.hasModel(named: model) ? Int.max : 0
                return work.answer(to: request, bytes: bytes, .toDecision) { .now(schema(of: model, $0)) }
            },
        ]
    }

    /// About how long a line of the list is.
    private static let lineBytes = 40

    /// The models with the URLs of their schemas, relative to that of the list.
    private func list(_ request: borrowing Request) -> Response {
        if let problem = Problem.notAcceptable(request) { return problem.response }
        var body = JSONObject()
        for name in state.modelNames { body[name] = .string("schema/\(name)") }
        return .document(.object(body))
    }

    private func schema(of name: String, _ request: borrowing Request) -> Response {
        guard let schema = schemas.schema(of: name) else {
            return state.unknownModel(name, urls, request, in: "schema").response
        }
        let type = "application/schema+json"
        if let problem = Problem.notAcceptable(request, [type, "application/json"]) { return problem.response }
        return .document(.object(schema), type)
    }
}

extension Response {
    /// JSON that a client may keep, and asks for again.
    static func document(_ body: JSONValue, _ type: String = "application/json") -> Response {
        let fields: HTTPFields = [.contentType: type, .cacheControl: "no-cache", .vary: "Accept"]
        return Response(status: .ok, fields: fields, body: .bytes(body.bytes + [UInt8(ascii: "\n")]))
    }
}
