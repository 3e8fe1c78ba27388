internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import StateSchema

/// `/schema` and `/schema/{model}`: what the documents may contain, as JSON Schema.
struct SchemaRoutes: Sendable {
    let state: State

    var routes: [Route] {
        [
            Route(.get, "/schema") { _, _ in .now(list()) },
            Route(.get, "/schema/{model}") { request, parameters in
                .now(schema(of: parameters["model"] ?? "", request))
            },
        ]
    }

    /// The models with the paths of their schemas.
    private func list() -> Response {
        var body = JSONObject()
        for name in state.modelNames { body[name] = .string("/schema/\(name)") }
        return json(.object(body), "application/json")
    }

    private func schema(of name: String, _ request: borrowing Request) -> Response {
        guard let type = state.modelType(named: name) else {
            return Problem.unknownModel(name, among: state.modelNames, at: "\(request.authority)/schema").response
        }
        return json(.object(ModelSchema(of: type).document), "application/schema+json")
    }

    private func json(_ body: JSONValue, _ type: String) -> Response {
        let fields: HTTPFields = [.contentType: type, .cacheControl: "no-cache"]
        return Response(status: .ok, fields: fields, body: .bytes(body.bytes + [UInt8(ascii: "\n")]))
    }
}
