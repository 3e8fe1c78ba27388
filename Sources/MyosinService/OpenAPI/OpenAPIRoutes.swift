internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// `/openapi.json`: what the service serves.
///
/// The document has some twenty kilobytes a model. It is made by a thread of its own, once for all who ask, and made anew when
/// models have come, gone or changed. Where there are more than ``maxModels``, some have to be named: `?model=Pump&model=Tank`.
final class OpenAPIRoutes: Sendable {
    /// Of how many models one document tells.
    static let maxModels = 1_000
    /// How many may be named.
    static let maxNames = 30

    private let state: State
    private let schemas: SchemaCache
    private let configuration: ServiceConfiguration
    private let urls: ServiceURL
    /// The last answer of all models, with the state's count of the changes of its models, which are all that can change.
    private let last = Lock<(generation: Int, answer: SharedResponse)?>(nil)
    private let lastNames = Lock<(generation: Int, names: OpenAPINames)?>(nil)
    private let sharedWork = SharedWork<SharedResponse>()
    private let largeWork: LargeWork

    init(state: State, schemas: SchemaCache, configuration: ServiceConfiguration, work: LargeWork) {
        (self.state, self.schemas, self.configuration, largeWork) = (state, schemas, configuration, work)
        urls = ServiceURL(configuration)
    }

    var routes: [Route] { [Route.atOnce(.get, "/openapi.json") { [self] request, _ in answer(request) }] }

    private func answer(_ request: borrowing Request) -> Answer {
        if let problem = Problem.notAcceptable(request) { return .now(problem.response) }
        let names = request.query.filter { $0.name == "model" }.map { $0.value ?? "" }
        if !names.isEmpty {
            // How long the schemas are shows when they are read.
            return largeWork.answer(to: request, bytes: .max, .toDecision) { [self] in .now(answer(for: names, $0)) }
        }
        let generation = state.modelGeneration
        if let last = last.withLock({ $0 }), last.generation == generation { return .shared(last.answer) }
        let all = state.modelNames
        if all.count > Self.maxModels {
            let example = "curl " + urls.url(["openapi.json"], query: "?model=\(all[0])&model=\(all[1])", for: request)
            let detail =
                "There are \(all.count) models, too many for one document. Name those that you want: \(example)."
            return .now(Problem(.badRequest, detail).response)
        }
        return .later { [self] responder in
            sharedWork.run { [self] in
                let generation = state.modelGeneration
                let answer = SharedResponse(response(of: state.modelNames))
                last.withLock { $0 = (generation, answer) }
                return answer
            } completion: { answer in
                // False when the client has left, who needs no answer.
                _ = responder.send(answer.response)
            }
        }
    }

    private func answer(for names: [String], _ request: borrowing Request) -> Response {
        if names.count > Self.maxNames {
            let detail = "\(names.count) models are named. Name up to \(Self.maxNames) at a time."
            return Problem(.badRequest, detail).response
        }
        for name in names where !state.hasModel(named: name) {
            return state.unknownModel(name, urls, request, in: "schema").response
        }
        return response(of: Set(names).sorted())
    }

    /// The names of all models, also where the document leaves some out: what a model is called there does not depend on that.
    private func currentNames() -> OpenAPINames {
        let generation = state.modelGeneration
        if let last = lastNames.withLock({ $0 }), last.generation == generation { return last.names }
        let names = OpenAPINames(models: state.modelNames)
        lastNames.withLock { $0 = (generation, names) }
        return names
    }

    private func response(of names: [String]) -> Response {
        let models = names.compactMap { name in
            schemas.schema(of: name)
                .map {
                    OpenAPIModel(name: name, schema: $0, requiresRevision: state.requiresRevision(name))
                }
        }
        return .document(
            OpenAPIDocument(
                models: models,
                names: currentNames(),
                telemetryPath: configuration.telemetryPath,
                server: configuration.externalURL?.description ?? configuration.pathPrefix.description
            )
            .json
        )
    }
}
