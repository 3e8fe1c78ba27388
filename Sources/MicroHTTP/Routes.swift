public import HTTPTypes

/// A table of routes; the first one that matches answers.
///
/// HEAD is answered by the route for GET and OPTIONS by 204 with `Allow`, unless a route has that method itself.
public struct Routes: Sendable {
    /// Answers a path that no route has.
    public typealias NotFound = @Sendable (_ request: borrowing Request) -> Response
    /// Answers a path that has routes, though none for the method; the methods are what `Allow` lists.
    public typealias NotAllowed = @Sendable (_ request: borrowing Request, _ allowed: [HTTPRequest.Method]) -> Response

    /// The table.
    public let routes: [Route]
    private let notFound: NotFound
    private let notAllowed: NotAllowed

    /// Makes a table.
    ///
    /// - Parameters:
    ///   - routes: the routes; put `/state/schema` before `/state/{model}`.
    ///   - notFound: answers unknown paths; 404 in plain text by default.
    ///   - notAllowed: answers wrong methods; 405 in plain text by default. `Allow` is added to what it returns.
    public init(
        _ routes: [Route],
        notFound: NotFound? = nil,
        notAllowed: NotAllowed? = nil
    ) {
        self.routes = routes
        self.notFound = notFound ?? { .text(status: .notFound, "there is nothing at \($0.path)") }
        self.notAllowed =
            notAllowed ?? { request, allowed in
                let methods = Self.list(allowed)
                return .text(status: .methodNotAllowed, "\(request.path) takes \(methods), not \(request.method)")
            }
    }

    /// Answers a request.
    ///
    /// - Parameter request: the request.
    /// - Returns: the answer of the first route that matches, or one that refuses.
    public func answer(to request: borrowing Request) -> Answer {
        var route: String?
        return answer(to: request, by: &route)
    }

    /// Answers a request, and tells which route did.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - path: the path of the route, as it was given; left as it is where none has matched.
    /// - Returns: the answer of the first route that matches, or one that refuses.
    public func answer(to request: borrowing Request, by path: inout String?) -> Answer {
        // Decoded only where there is something to decode.
        let segments = request.withPath { $0.contains(PercentDecoding.percent) } ? request.segments : nil
        func parameters(of request: borrowing Request, by route: Route) -> PathParameters? {
            segments.map { route.template.match($0) } ?? request.withPath { route.template.match($0) }
        }
        func answer(to request: borrowing Request, of method: HTTPRequest.Method, _ path: inout String?) -> Answer? {
            for index in routes.indices where routes[index].method == method {
                guard let parameters = parameters(of: request, by: routes[index]) else { continue }
                path = routes[index].path
                return routes[index].handler(request, parameters)
            }
            return nil
        }
        if let answer = answer(to: request, of: request.method, &path) { return answer }
        if request.method == .head, let answer = answer(to: request, of: .get, &path) { return answer }
        var allowed = routes.filter { parameters(of: request, by: $0) != nil }.map(\.method)
        guard !allowed.isEmpty else { return .now(notFound(request)) }
        allowed = Self.complete(allowed)
        var response =
            request.method == .options ? Response(status: .noContent) : notAllowed(request, allowed)
        response.fields[.allow] = Self.list(allowed)
        return .now(response)
    }

    /// Each method once, with those that the table answers by itself.
    private static func complete(_ methods: [HTTPRequest.Method]) -> [HTTPRequest.Method] {
        var complete: [HTTPRequest.Method] = []
        for method in methods {
            for method in method == .get ? [.get, .head] : [method] where !complete.contains(method) {
                complete.append(method)
            }
        }
        return complete.contains(.options) ? complete : complete + [.options]
    }

    private static func list(_ methods: [HTTPRequest.Method]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}
