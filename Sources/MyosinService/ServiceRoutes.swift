internal import Exposition
internal import HTTPTypes
internal import Logging
internal import MicroHTTP
internal import Myosin

/// All routes of the service as one function from request to answer.
final class ServiceRoutes: Sendable {
    private let gatekeeper: Gatekeeper
    let routes: Routes
    let readiness: Readiness
    let hub: WatchHub
    /// Does the slow work for many models in advance.
    let prepare: @Sendable () -> Void

    let accessLog: AccessLog?
    let httpMetrics: HTTPMetrics?
    /// Runs the program's own handlers.
    let handlers: HandlerTasks
    var hasMiddleware: Bool { middleware != nil }
    /// The middleware, or nil if there is none.
    private let middleware: MiddlewareChain?
    /// The fault of the program's own routes, or nil if they are valid.
    let fault: ServerError?

    /// - Parameters:
    ///   - state: the state.
    ///   - configuration: the configuration of the service.
    ///   - own: the routes of the program; none is served if one of them has a fault.
    ///   - middleware: the program's middleware, the outermost first.
    ///   - logger: the logger.
    init(
        state: State,
        configuration: ServiceConfiguration,
        routes own: [Route] = [],
        middleware: [Middleware] = [],
        logger: Logger
    ) {
        let fault = ProgramRoutes.fault(in: own, configuration)
        self.fault = fault
        var configuration = configuration
        // The fault may be that of this path, and nothing is served then.
        if fault != nil { configuration.telemetryPath = "/metrics" }
        handlers = HandlerTasks(state, configuration, logger: logger)
        accessLog = configuration.logsAccess ? AccessLog(logger: logger) : nil
        gatekeeper = Gatekeeper(configuration)
        let urls = ServiceURL(configuration)
        let work = LargeWork()
        readiness = Readiness(of: state)
        let schemas = SchemaCache(of: state, urls, logger: logger)
        let hub = WatchHub(
            of: state,
            maxWatchers: configuration.maxWatchers,
            heartbeatSeconds: configuration.heartbeatSeconds
        )
        self.hub = hub
        let gauges = StateGauges(of: state, schemas: schemas, logger: logger)
        gauges.show()
        let metrics = MetricsRoute(
            state.metrics,
            path: configuration.telemetryPath,
            showsCreated: configuration.showsCreated,
            isQuick: { gauges.isCurrent }
        )
        httpMetrics = Self.httpMetrics(in: state.metrics, readiness, logger)
        // The watchers of a former service have ended with it.
        httpMetrics?.show(watchers: { [weak hub] in hub?.count ?? 0 }, in: state.metrics)
        prepare = { gauges.refresh() }
        let landing = LandingRoute(gatekeeper, configuration)
        let ofService =
            StateReadRoutes(
                state: state,
                schemas: schemas,
                hub: hub,
                configuration: configuration,
                urls: urls,
                work: work
            )
            .routes
            + [
                metrics.route
            ]
            + readiness.routes
            + StateWriteRoutes(state: state, schemas: schemas, urls: urls, work: work).routes
            + [StatePatchRoute(state: state, urls: urls, work: work).route]
            + SchemaRoutes(state: state, schemas: schemas, urls: urls, work: work).routes
            + OpenAPIRoutes(state: state, schemas: schemas, configuration: configuration, work: work).routes
        let ofProgram =
            ProgramRoutes.served(
                fault == nil ? own : [],
                by: handlers,
                landing.route,
                isBehindMiddleware: !middleware.isEmpty
            )
        let notFound = Self.notFound(ofProgram + ofService, configuration)
        let prefix = configuration.pathPrefix
        // Without routes of the program one table is enough.
        let isOne = own.isEmpty || fault != nil
        routes = Routes(
            isOne ? ofProgram + ofService : ofService,
            below: prefix,
            before: isOne
                ? nil : Routes(ofProgram, below: prefix, notFound: notFound, notAllowed: ProgramRoutes.notAllowed),
            notFound: notFound,
            notAllowed: { request, allowed in
                let segments = request.segments.dropFirst(prefix.count)
                if segments.count > 1, segments.first == "state", let model = segments.dropFirst().first,
                    !state.hasModel(named: model)
                {
                    return state.unknownModel(model, urls, request).response
                }
                return Self.notAllowed(request, allowed, urls)
            }
        )
        self.middleware =
            middleware.isEmpty ? nil : MiddlewareChain(middleware, around: routes, handlers)
    }

    /// Answers a request.
    func answer(to request: borrowing Request) -> Answer {
        accessLog?.log(request, respond) ?? respond(to: request)
    }

    /// Answers a request with a body from its header, before the body comes.
    func answer(toHeaderOf request: borrowing Request) -> HeaderAnswer {
        var route: String?
        let answer =
            gatekeeper.refusal(of: request).map { HeaderAnswer.now($0.response) }
            ?? middleware?.answer(toHeaderOf: request, by: &route)
            ?? routes.answer(toHeaderOf: request, by: &route)
        let path = route
        switch answer {
        case .now(let response):
            _ = noted(request, by: path) { _ in .now(response) }
            return answer
        case .afterBody(let finish):
            return .afterBody { [self] request in noted(request, by: path, finish) }
        }
    }

    /// The answer of a route, counted and logged.
    private func noted(
        _ request: borrowing Request,
        by path: String?,
        _ make: (borrowing Request) -> Answer
    ) -> Answer {
        func counted(_ request: borrowing Request) -> Answer {
            guard let httpMetrics else { return make(request) }
            return httpMetrics.observe(request) { request, route in
                route = path
                return make(request)
            }
        }
        return accessLog?.log(request, counted) ?? counted(request)
    }

    private func respond(to request: borrowing Request) -> Answer {
        guard let httpMetrics else {
            var route: String?
            return respond(to: request, by: &route)
        }
        return httpMetrics.observe(request, respond)
    }

    private func respond(to request: borrowing Request, by route: inout String?) -> Answer {
        if let problem = gatekeeper.refusal(of: request) { return .now(problem.response) }
        return middleware?.answer(to: request, by: &route) ?? routes.answer(to: request, by: &route)
    }

    /// The metrics, or nil if the program has other metrics of these names; then the error is logged and the service still
    /// answers.
    private static func httpMetrics(in registry: Registry, _ readiness: Readiness, _ logger: Logger) -> HTTPMetrics? {
        do throws(MetricError) {
            try registry.addProcessMetrics()
            try readiness.show(in: registry)
            return try HTTPMetrics(registry)
        } catch {
            logger.error("The service has no metrics", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Answers paths without a route: 404, or a redirect to the page from the root of the host and from the prefix without a slash.
    private static func notFound(_ routes: [Route], _ configuration: ServiceConfiguration) -> Routes.NotFound {
        let prefix = configuration.pathPrefix
        // Behind a proxy that changes the path, clients know only that of the external URL.
        let shown = configuration.externalURL?.path ?? prefix.description
        let paths = Set(routes.map(\.path).filter { !$0.contains("{") }).sorted()
        let all = paths.map { "\(shown)\($0)" }.joined(separator: ", ")
        return { request in
            let path = request.path
            // A proxy passes the prefix on or adds it, so a client that asks for the root is not behind one.
            let page = path == "/" ? prefix.description : prefix.rest(of: "\(path)/") == "/" ? shown : nil
            if !prefix.isEmpty, let page {
                switch request.method {
                case .get, .head: return Response(status: .temporaryRedirect, fields: [.location: "\(page)/"])
                // Load balancers ask the root with it whether the service is alive.
                case .options: return Response(status: .noContent, fields: [.allow: "GET, HEAD, OPTIONS"])
                default: break
                }
            }
            guard let rest = prefix.rest(of: path) else {
                let root = request.segments.first
                let meant = routes.contains { $0.firstSegment == root } ? " Did you mean \(prefix)\(path)?" : ""
                let detail = "There is nothing at \(path), because all paths begin with \(prefix).\(meant)"
                return Problem(.notFound, detail).response
            }
            // The prefix, which is right, says nothing of what is meant.
            let advice = didYouMean(rest, among: paths).map { "Did you mean \(shown)\($0)?" } ?? "There are: \(all)."
            return Problem(.notFound, "There is nothing at \(shown)\(rest). \(advice)").response
        }
    }

    private static func notAllowed(
        _ request: borrowing Request,
        _ allowed: [HTTPRequest.Method],
        _ urls: ServiceURL
    ) -> Response {
        let place = urls.url(of: request)
        let advice =
            switch (allowed.contains(.put), allowed.contains(.patch)) {
            case (true, true):
                "Type curl -X PUT -d '{…}' \(place) to replace it, or -X PATCH to change some of its fields."
            case (true, false): "Type curl -X PUT -d 21.5 \(place) to change it."
            case (false, true): "Type curl -X PATCH -d '{\"Model\": {…}}' \(place) to change several models at once."
            case (false, false): "It can only be read; leave -X and -d out."
            }
        return Problem(.methodNotAllowed, "\(notAllowedSentence(request, allowed)) \(advice)").response
    }

    /// The sentence for a method that a path does not take, with the methods that it takes.
    static func notAllowedSentence(_ request: borrowing Request, _ allowed: [HTTPRequest.Method]) -> String {
        let methods = allowed.map(\.rawValue).joined(separator: ", ")
        return "\(request.path) does not take \(request.method); it takes \(methods)."
    }
}
