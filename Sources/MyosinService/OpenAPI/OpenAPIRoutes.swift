internal import HTTPTypes
internal import Locking
internal import MicroHTTP
internal import Myosin

/// `/openapi.json`: what the service serves.
final class OpenAPIRoutes: Sendable {
    private let state: State
    private let schemas: ModelSchemas
    private let telemetryPath: String
    /// The last answer, with the names of the models that it tells of; they are all that can change.
    private let last = Lock<(names: [String], answer: SharedResponse)?>(nil)

    init(state: State, schemas: ModelSchemas, telemetryPath: String) {
        (self.state, self.schemas, self.telemetryPath) = (state, schemas, telemetryPath)
    }

    var routes: [Route] { [Route(.get, "/openapi.json") { [self] request, _ in answer(request) }] }

    private func answer(_ request: borrowing Request) -> Answer {
        if let problem = Problem.notAcceptable(request) { return .now(problem.response) }
        let names = state.modelNames
        if let last = last.withLock({ $0 }), last.names == names { return .shared(last.answer) }
        let answer = SharedResponse(response(of: names))
        last.withLock { $0 = (names, answer) }
        return .shared(answer)
    }

    private func response(of names: [String]) -> Response {
        let models = names.compactMap { name in
            schemas.schema(of: name)
                .map {
                    OpenAPIModel(name: name, schema: $0, requiresIfMatch: state.requiresIfMatch(name))
                }
        }
        let document = OpenAPIDocument(models: models, telemetryPath: telemetryPath)
        let fields: HTTPFields = [.contentType: "application/json", .cacheControl: "no-cache"]
        return Response(status: .ok, fields: fields, body: .bytes(document.json.bytes + [UInt8(ascii: "\n")]))
    }
}
