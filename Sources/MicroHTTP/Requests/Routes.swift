public import HTTPTypes
internal import Primitives

/// A table of routes; the first one that matches answers.
///
/// HEAD is answered by the route for GET and OPTIONS by 204 with `Allow`, unless a route has that method itself. The target
/// `*` of OPTIONS, as load balancers send it to see whether a server answers, gets the methods of all routes.
public struct Routes: Sendable {
    /// Answers a path that no route has.
    public typealias NotFound = @Sendable (_ request: borrowing Request) -> Response
    /// Answers a path that has routes, though none for the method; the methods are what `Allow` lists.
    public typealias NotAllowed = @Sendable (_ request: borrowing Request, _ allowed: [HTTPRequest.Method]) -> Response

    /// The table.
    public let routes: [Route]
    /// The places of the routes of each method: comparing a method with that of every route would be most of the search.
    private let places: [(method: HTTPRequest.Method, indices: [Int])]
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
        places = routes.indices.reduce(into: []) { places, index in
            if let known = places.firstIndex(where: { $0.method == routes[index].method }) {
                places[known].indices.append(index)
            } else {
                places.append((routes[index].method, [index]))
            }
        }
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
        if let response = answerForServer(request, &path) { return .now(response) }
        // Decoded only where there is something to decode.
        let segments = request.withPath { $0.contains(PercentDecoding.percent) } ? request.segments : nil
        func answer(to request: borrowing Request, of method: HTTPRequest.Method, _ path: inout String?) -> Answer? {
            for index in indices(of: method) {
                guard let parameters = parameters(of: request, segments, routes[index].template) else { continue }
                path = routes[index].path
                return routes[index].handler(request, parameters)
            }
            return nil
        }
        if let answer = answer(to: request, of: request.method, &path) { return answer }
        if request.method == .head, let answer = answer(to: request, of: .get, &path) { return answer }
        return .now(refusal(of: request, segments))
    }

    /// The answer to `OPTIONS *`, which is about no resource; nil for any other request.
    private func answerForServer(_ request: borrowing Request, _ path: inout String?) -> Response? {
        guard request.isForServer else { return nil }
        path = Request.serverPath
        return Response(status: .noContent, fields: [.allow: Self.list(Self.complete(routes.map(\.method)))])
    }

    private func indices(of method: HTTPRequest.Method) -> [Int] {
        places.first { $0.method == method }?.indices ?? []
    }

    /// The response to a request that no route answers.
    private func refusal(of request: borrowing Request, _ segments: [String]?) -> Response {
        var allowed = routes.filter { parameters(of: request, segments, $0.template) != nil }.map(\.method)
        guard !allowed.isEmpty else { return notFound(request) }
        allowed = Self.complete(allowed)
        var response =
            request.method == .options ? Response(status: .noContent) : notAllowed(request, allowed)
        response.fields[.allow] = Self.list(allowed)
        return response
    }

    /// Answers a request with a body by its header, before the body comes.
    ///
    /// - Parameter request: the request, without its body.
    /// - Returns: the answer of the route that matches, or one that refuses where none does.
    public func answer(toHeaderOf request: borrowing Request) -> HeaderAnswer {
        var route: String?
        return answer(toHeaderOf: request, by: &route)
    }

    /// Answers a request with a body by its header, and names the route.
    ///
    /// - Parameters:
    ///   - request: the request, without its body.
    ///   - path: the path of the route, as it was given; left as it is where none has matched.
    /// - Returns: the answer of the route that matches, or one that refuses where none does.
    public func answer(toHeaderOf request: borrowing Request, by path: inout String?) -> HeaderAnswer {
        if let response = answerForServer(request, &path) { return .now(response) }
        let segments = request.withPath { $0.contains(PercentDecoding.percent) } ? request.segments : nil
        for index in indices(of: request.method) {
            guard let parameters = parameters(of: request, segments, routes[index].template) else { continue }
            path = routes[index].path
            if let headerHandler = routes[index].headerHandler { return headerHandler(request, parameters) }
            let handler = routes[index].handler
            return .afterBody { handler($0, parameters) }
        }
        // Without a route, the body makes no difference.
        return .now(refusal(of: request, segments))
    }

    private func parameters(
        of request: borrowing Request,
        _ segments: [String]?,
        _ template: PathTemplate
    ) -> PathParameters? {
        segments.map { template.match($0) } ?? request.withPath { template.match($0) }
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

/// A method and a path template with the handler that answers them.
public struct Route: Sendable {
    /// Answers a request; called on the server's thread, so it must not wait for anything.
    public typealias Handler = @Sendable (_ request: borrowing Request, _ parameters: PathParameters) -> Answer

    /// Answers a request with a body by its header, before the body comes, or says what answers it then.
    public typealias HeaderHandler =
        @Sendable (_ request: borrowing Request, _ parameters: PathParameters) -> HeaderAnswer

    /// The method.
    public let method: HTTPRequest.Method
    /// The template as it was written.
    public let path: String
    /// The handler.
    public let handler: Handler
    /// The handler of headers; nil where the handler gets each request when it is complete.
    public let headerHandler: HeaderHandler?
    let template: PathTemplate

    /// Makes a route.
    ///
    /// - Parameters:
    ///   - method: the method; a route for GET serves HEAD too.
    ///   - path: the template, such as `/state/{model}`; a parameter is a whole segment in braces, and `{field*}` at the end
    ///     is one or more. A template that does not begin with a slash, or names a parameter twice, traps.
    ///   - handler: answers the requests, when they are complete.
    public init(_ method: HTTPRequest.Method, _ path: String, handler: @escaping Handler) {
        self.init(method, path, handler: handler, headerHandler: nil)
    }

    /// Makes a route that decides by the header whether it wants the body.
    ///
    /// A request that its header decides, as one that is not allowed, is answered before the client sends the body.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - path: the template, as of the other routes.
    ///   - handler: answers the requests; it gets a request without its body, if that has one.
    /// - Returns: the route.
    public static func byHeader(
        _ method: HTTPRequest.Method,
        _ path: String,
        handler: @escaping HeaderHandler
    ) -> Route {
        Route(
            method,
            path,
            handler: { request, parameters in
                switch handler(request, parameters) {
                case .now(let response): .now(response)
                case .afterBody(let finish): finish(request)
                }
            },
            headerHandler: handler
        )
    }

    private init(
        _ method: HTTPRequest.Method,
        _ path: String,
        handler: @escaping Handler,
        headerHandler: HeaderHandler?
    ) {
        self.method = method
        self.path = path
        self.handler = handler
        self.headerHandler = headerHandler
        template = PathTemplate(path)
    }
}
