internal import HTTPTypes
internal import MicroHTTP

/// The program's own routes: their rules, and the form in which the service serves them.
enum ProgramRoutes {
    /// The first segments of paths that belong to the service with all paths below them.
    private static let roots: Set<String> = ["state", "schema"]
    private static let paths: Set<String> = ["/healthz", "/readyz", "/openapi.json"]

    /// The fault of a path for the metrics, or nil if it is valid.
    private static func fault(inTelemetryPath path: String) -> String? {
        let route = Route.atOnce(.get, path) { _, _ in .now(.text("")) }
        if let fault = route.fault { return "the path of the metrics: \(fault)" }
        let isTaken = path == "/" || paths.contains(path) || route.firstSegment.map { roots.contains($0) } == true
        return isTaken ? "the path of the metrics, \(path), is one of the service already; choose another one" : nil
    }

    /// The fault of routes and a configuration, or nil if they are valid.
    static func fault(in routes: [Route], _ configuration: ServiceConfiguration) -> ServerError? {
        if let fault = fault(inTelemetryPath: configuration.telemetryPath) { return ServerError(.badRoute, fault) }
        var seen: [String: String] = [:]
        for route in routes {
            let name = "\(route.method) \(route.path)"
            if let fault = route.fault { return ServerError(.badRoute, fault) }
            if !Route.methods.contains(route.method) {
                let methods = Route.methods.filter { $0 != .options }.map(\.rawValue).joined(separator: ", ")
                return ServerError(
                    .badRoute,
                    "the route \(name) has a method that the server refuses; use one of \(methods)"
                )
            }
            if route.method == .options {
                let detail = "the route \(name) would have no access rule; answer OPTIONS in middleware instead"
                return ServerError(.badRoute, detail)
            }
            if paths.contains(route.path) || route.path == configuration.telemetryPath {
                return ServerError(.badRoute, "the route \(name) has a path of the service itself; choose another one")
            }
            if let root = route.firstSegment, roots.contains(root) {
                let detail = "the route \(name) is below /\(root), which belongs to the service; choose another path"
                return ServerError(.badRoute, detail)
            }
            if let other = seen.updateValue(name, forKey: "\(route.method) \(route.shape)") {
                let detail = "the routes \(other) and \(name) answer the same requests; leave one of them out"
                return ServerError(.badRoute, detail)
            }
        }
        return nil
    }

    /// The program's routes in the form that the service runs, with its page unless a route replaces `/`.
    ///
    /// - Parameters:
    ///   - routes: the routes.
    ///   - handlers: runs the routes in tasks.
    ///   - page: the page of the service.
    ///   - isBehindMiddleware: whether middleware runs before them, which logs the errors of all responses.
    /// - Returns: the routes.
    static func served(
        _ routes: [Route],
        by handlers: HandlerTasks,
        _ page: Route,
        isBehindMiddleware: Bool
    ) -> [Route] {
        let hasPage = routes.contains { $0.path == page.path && $0.method == page.method }
        return routes.map { serving($0, by: handlers, logsFailures: !isBehindMiddleware) } + (hasPage ? [] : [page])
    }

    private static func serving(_ route: Route, by handlers: HandlerTasks, logsFailures: Bool) -> Route {
        guard let handler = route.asyncHandler else { return watching(route, by: handlers, logsFailures) }
        let path = route.path
        return route.handled { request, parameters in
            var owned = request.owned()
            owned.parameters = parameters
            return handlers.answer(to: owned, by: path) { request, call in
                await handlers.response(for: call) { try await handler(request) }
            }
        }
    }

    /// A route on the server's thread, with the time limit of handlers for its answers.
    private static func watching(_ route: Route, by handlers: HandlerTasks, _ logsFailures: Bool) -> Route {
        let name = "\(route.method) \(route.path)"
        @Sendable func watched(_ answer: Answer) -> Answer {
            handlers.watching(answer, name, logsFailure: logsFailures)
        }
        guard let headerHandler = route.headerHandler else {
            let handler = route.handler
            return route.handled { request, parameters in watched(handler(request, parameters)) }
        }
        return .byHeader(route.method, route.path) { request, parameters in
            switch headerHandler(request, parameters) {
            case .now(let response):
                if logsFailures { handlers.logFailure(of: response, name) }
                return .now(response)
            case .afterBody(let finish): return .afterBody { request in watched(finish(request)) }
            }
        }
    }

    /// Answers a method that a path of the program does not take.
    static let notAllowed: Routes.NotAllowed = { request, allowed in
        Problem(.methodNotAllowed, ServiceRoutes.notAllowedSentence(request, allowed)).response
    }
}
