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
    /// The table for paths without a route in this one; at most one.
    private let next: [Routes]
    /// What precedes every path of the table; nil for nothing, which most tables have, so that no request pays for it.
    private let prefix: PathPrefix?

    /// Makes a table.
    ///
    /// A route with a ``Route/fault`` traps.
    ///
    /// - Parameters:
    ///   - routes: the routes; put `/state/schema` before `/state/{model}`.
    ///   - prefix: what precedes the path of each route in a request. Requests keep it in their path.
    ///   - notFound: answers unknown paths, and those outside the prefix; 404 in plain text by default.
    ///   - notAllowed: answers wrong methods; 405 in plain text by default. `Allow` is added to what it returns.
    public init(
        _ routes: [Route],
        below prefix: PathPrefix = .none,
        notFound: NotFound? = nil,
        notAllowed: NotAllowed? = nil
    ) {
        self.init(routes, below: prefix, before: nil, notFound: notFound, notAllowed: notAllowed)
    }

    /// Makes a table with another one behind it, which gets paths without a route in this one, with any method.
    ///
    /// - Parameters:
    ///   - routes: the routes.
    ///   - prefix: what precedes the path of each route in a request.
    ///   - next: the other table, which answers unknown paths, or nil for none.
    ///   - notFound: answers unknown paths if there is no other table.
    ///   - notAllowed: answers wrong methods.
    package init(
        _ routes: [Route],
        below prefix: PathPrefix = .none,
        before next: Routes?,
        notFound: NotFound?,
        notAllowed: NotAllowed?
    ) {
        for route in routes { if let fault = route.fault { preconditionFailure(fault) } }
        self.prefix = prefix.isEmpty ? nil : prefix
        self.routes = routes
        self.next = next.map { [$0] } ?? []
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

    /// Answers a request and returns the path of its route.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - path: the path of the route, as it was given; left as it is where none has matched.
    /// - Returns: the answer of the first route that matches, or one that refuses.
    public func answer(to request: borrowing Request, by path: inout String?) -> Answer {
        if let response = answerForServer(request, &path) { return .now(response) }
        let place = place(of: request)
        let found =
            match(request, request.method, at: place)
            ?? (request.method == .head ? match(request, .get, at: place) : nil)
        if let found {
            path = routes[found.index].path
            return routes[found.index].handler(request, found.parameters)
        }
        let allowed = allowed(at: request, place)
        if allowed.isEmpty, let next = next.first { return next.answer(to: request, by: &path) }
        return .now(refusal(of: request, allowed))
    }

    /// The route that answers a request, and the parameters of its path, or nil if none does.
    ///
    /// - Parameter request: the request.
    /// - Returns: the route.
    package func route(for request: borrowing Request) -> (route: Route, parameters: PathParameters)? {
        if request.isForServer { return nil }
        let place = place(of: request)
        for method in request.method == .head ? [.head, .get] : [request.method] {
            if let found = match(request, method, at: place) { return (routes[found.index], found.parameters) }
        }
        guard let next = next.first, allowed(at: request, place).isEmpty else { return nil }
        return next.route(for: request)
    }

    /// The answer to `OPTIONS *`, which is about no resource; nil for any other request.
    private func answerForServer(_ request: borrowing Request, _ path: inout String?) -> Response? {
        guard request.isForServer else { return nil }
        path = Request.serverPath
        let all = routes + next.flatMap(\.routes)
        return Response(status: .noContent, fields: [.allow: Self.list(Self.complete(all.map(\.method)))])
    }

    private func indices(of method: HTTPRequest.Method) -> [Int] {
        places.first { $0.method == method }?.indices ?? []
    }

    /// The methods that have routes with the path of a request.
    private func allowed(at request: borrowing Request, _ place: Place) -> [HTTPRequest.Method] {
        var allowed: [HTTPRequest.Method] = []
        for index in routes.indices where match(request, index..<index + 1, at: place) != nil {
            allowed.append(routes[index].method)
        }
        return allowed
    }

    /// The response to a request that no route answers.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - methods: the methods that have routes with its path.
    /// - Returns: the response.
    private func refusal(of request: borrowing Request, _ methods: [HTTPRequest.Method]) -> Response {
        guard !methods.isEmpty else { return notFound(request) }
        let allowed = Self.complete(methods)
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
        let place = place(of: request)
        if let (index, parameters) = match(request, request.method, at: place) {
            path = routes[index].path
            if let headerHandler = routes[index].headerHandler { return headerHandler(request, parameters) }
            let handler = routes[index].handler
            return .afterBody { handler($0, parameters) }
        }
        let allowed = allowed(at: request, place)
        if allowed.isEmpty, let next = next.first { return next.answer(toHeaderOf: request, by: &path) }
        // Without a route, the body makes no difference.
        return .now(refusal(of: request, allowed))
    }

    /// The part of a request's path that templates are compared with.
    private enum Place {
        /// The path as it came, without so many bytes at its beginning.
        case raw(Int)
        /// The decoded segments after the prefix.
        case decoded([String])
        /// The path is not below the prefix.
        case outside
    }

    private func place(of request: borrowing Request) -> Place {
        // Decoded only where there is something to decode.
        if request.withPath({ $0.contains(PercentDecoding.percent) }) {
            guard let prefix else { return .decoded(request.segments) }
            return prefix.rest(of: request.segments).map { .decoded($0) } ?? .outside
        }
        guard let prefix else { return .raw(0) }
        return request.withPath { path in prefix.rest(of: path).map { .raw(path.count - $0.count) } ?? .outside }
    }

    private func match(
        _ request: borrowing Request,
        _ method: HTTPRequest.Method,
        at place: Place
    ) -> (index: Int, parameters: PathParameters)? {
        match(request, indices(of: method), at: place)
    }

    /// The first of some routes with the path of a request.
    private func match(
        _ request: borrowing Request,
        _ indices: some Collection<Int>,
        at place: Place
    ) -> (index: Int, parameters: PathParameters)? {
        func first(_ match: (PathTemplate) -> PathParameters?) -> (index: Int, parameters: PathParameters)? {
            for index in indices { if let parameters = match(routes[index].template) { return (index, parameters) } }
            return nil
        }
        switch place {
        case .raw(let skipped):
            return request.withPath { path in
                let rest = UnsafeBufferPointer(rebasing: path[skipped...])
                return first { $0.match(rest) }
            }
        case .decoded(let segments): return first { $0.match(segments) }
        case .outside: return nil
        }
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
