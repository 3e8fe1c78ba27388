internal import HTTPTypes
public import MicroHTTP

/// A function around all routes, the program's own and those of the service.
///
/// It may inspect a request, pass it on, and change the response, or answer the request itself.
///
/// It sees each complete request that the access rules allow, among them OPTIONS from every client, and `next` answers it. `next`
/// throws nothing: an error of a route has become a response with a problem. The body of a stream, such as that of `?watch`, is
/// empty in that response. The client gets the stream if you return a response with this body, with any fields.
public typealias Middleware =
    @Sendable (
        _ request: OwnedRequest, _ next: @escaping @Sendable (OwnedRequest) async -> Response
    ) async throws -> Response

/// The middleware of a program around its routes.
///
/// An early refusal would bypass middleware that authenticates clients, so nothing is answered from the header alone.
struct MiddlewareChain: Sendable {
    private let middleware: [Middleware]
    private let routes: Routes
    private let handlers: HandlerTasks

    init(_ middleware: [Middleware], around routes: Routes, _ handlers: HandlerTasks) {
        (self.middleware, self.routes, self.handlers) = (middleware, routes, handlers)
    }

    /// Answers a request, and returns the path of its route.
    func answer(to request: borrowing Request, by path: inout String?) -> Answer {
        let found = routes.route(for: request)
        path = request.isForServer ? Request.serverPath : found?.route.path
        var owned = request.owned()
        owned.parameters = found?.parameters ?? PathParameters()
        return handlers.answerByMiddleware(to: owned, by: path) { request, call in
            await respond(to: request, call, middleware[...])
        }
    }

    /// Answers a request with a body, after the body has come.
    func answer(toHeaderOf request: borrowing Request, by path: inout String?) -> HeaderAnswer {
        path = request.isForServer ? Request.serverPath : routes.route(for: request)?.route.path
        return .afterBody { request in
            var path: String?
            return answer(to: request, by: &path)
        }
    }

    /// Answers by the first middleware, which may call the others.
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

    /// Answers by a route; only a handler of the program takes a place among the handlers.
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
