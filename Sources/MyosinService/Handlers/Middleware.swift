internal import HTTPTypes
public import MicroHTTP

/// A function around all routes, the program's own and those of the service.
///
/// It may look at a request, pass it on, and change what comes back, or answer itself.
///
/// It sees each complete request that the access rules allow, among them OPTIONS from every client, and `next` answers it. `next`
/// throws nothing: an error of a route is a response with a problem by then. The body of a stream, as of `?watch`, is empty in that
/// response. The client gets the stream if the response goes on with this body, whatever its fields.
public typealias Middleware =
    @Sendable (
        _ request: OwnedRequest, _ next: @escaping @Sendable (OwnedRequest) async -> Response
    ) async throws -> Response

/// The middleware of a program with the routes in its midst.
///
/// An early refusal would bypass middleware that authenticates clients, so nothing is answered from the header alone.
struct MiddlewareChain: Sendable {
    private let middleware: [Middleware]
    private let routes: Routes
    private let handlers: HandlerTasks

    init(_ middleware: [Middleware], around routes: Routes, _ handlers: HandlerTasks) {
        (self.middleware, self.routes, self.handlers) = (middleware, routes, handlers)
    }

    /// Answers a request, and names the route of its path.
    func answer(to request: borrowing Request, by path: inout String?) -> Answer {
        let found = routes.route(for: request)
        path = request.isForServer ? Request.serverPath : found?.route.path
        var owned = request.owned()
        owned.parameters = found?.parameters ?? PathParameters()
        return handlers.answerByMiddleware(to: owned, by: path) { request, call in
            await respond(to: request, call, middleware[...])
        }
    }

    /// Answers a request with a body, when that has come.
    func answer(toHeaderOf request: borrowing Request, by path: inout String?) -> HeaderAnswer {
        path = request.isForServer ? Request.serverPath : routes.route(for: request)?.route.path
        return .afterBody { request in
            var path: String?
            return answer(to: request, by: &path)
        }
    }

    /// Has the first middleware answer, which may have the others do so.
    private func respond(
        to request: OwnedRequest,
        _ call: HandlerCall,
        _ middleware: ArraySlice<Middleware>
    ) async -> Response {
        guard let first = middleware.first else { return await respond(to: request, call) }
        return await handlers.response(for: call) {
            try await first(request) { request in await respond(to: request, call, middleware.dropFirst()) }
        }
    }

    /// Has a route answer; only a handler of the program takes a place among the handlers.
    private func respond(to request: OwnedRequest, _ call: HandlerCall) async -> Response {
        if let (route, parameters) = routes.route(for: Request(request)), let handler = route.asyncHandler {
            var request = request
            request.parameters = parameters
            return await handlers.response(for: call) { [request] in
                try await handlers.inTurn { try await handler(request) }
            }
        }
        return await call.response(of: routes.answer(to: Request(request)))
    }
}
