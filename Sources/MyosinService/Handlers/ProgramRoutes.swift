internal import HTTPTypes
internal import MicroHTTP

/// The program's own routes: which there may be, and how the service serves them.
enum ProgramRoutes {
    /// The first segments of paths that belong to the service with all that is below them.
    private static let roots: Set<String> = ["state", "schema"]
    private static let paths: Set<String> = ["/healthz", "/readyz", "/openapi.json"]

    /// Why some routes cannot be served; nil if they can.
    static func fault(in routes: [Route], _ configuration: ServiceConfiguration) -> ServerError? {
        var seen: [String: String] = [:]
        for route in routes {
            let name = "\(route.method) \(route.path)"
            if let fault = route.fault { return ServerError(.badRoute, fault) }
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

    /// Routes as the service serves them, with its page where they have none at `/`.
    static func served(_ routes: [Route], by handlers: HandlerTasks, _ page: Route) -> [Route] {
        let hasPage = routes.contains { $0.path == page.path && $0.method == page.method }
        return routes.map { serving($0, by: handlers) } + (hasPage ? [] : [page])
    }

    private static func serving(_ route: Route, by handlers: HandlerTasks) -> Route {
        guard let handler = route.asyncHandler else { return logging(route, by: handlers) }
        let path = route.path
        return route.handled { request, parameters in
            var owned = request.owned()
            owned.parameters = parameters
            return handlers.answer(to: owned, by: path) { request, call in
                await handlers.response(for: call) { try await handler(request) }
            }
        }
    }

    /// A route that answers on the server's thread.
    private static func logging(_ route: Route, by handlers: HandlerTasks) -> Route {
        // One that answers by the header has handled its errors itself.
        guard route.headerHandler == nil else { return route }
        let (name, handler) = ("\(route.method) \(route.path)", route.handler)
        return route.handled { request, parameters in
            let answer = handler(request, parameters)
            handlers.logFailure(of: answer, name)
            return answer
        }
    }

    /// Answers a method that a path of the program does not take.
    static let notAllowed: Routes.NotAllowed = { request, allowed in
        let methods = allowed.map(\.rawValue).joined(separator: ", ")
        return Problem(.methodNotAllowed, "\(request.path) does not take \(request.method); it takes \(methods).")
            .response
    }
}
