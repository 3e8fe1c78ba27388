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
        if request.isForServer {
            path = Request.serverPath
            let allowed = Self.complete(routes.map(\.method))
            return .now(Response(status: .noContent, fields: [.allow: Self.list(allowed)]))
        }
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

/// A method and a path template with the handler that answers them.
public struct Route: Sendable {
    /// Answers a request; called on the server's thread, so it must not wait for anything.
    public typealias Handler = @Sendable (_ request: borrowing Request, _ parameters: PathParameters) -> Answer

    /// The method.
    public let method: HTTPRequest.Method
    /// The template as it was written.
    public let path: String
    /// The handler.
    public let handler: Handler
    let template: PathTemplate

    /// Makes a route.
    ///
    /// - Parameters:
    ///   - method: the method; a route for GET serves HEAD too.
    ///   - path: the template, such as `/state/{model}`; a parameter is a whole segment in braces, and `{field*}` at the end
    ///     is one or more. A template that does not begin with a slash, or names a parameter twice, traps.
    ///   - handler: answers the requests.
    public init(_ method: HTTPRequest.Method, _ path: String, handler: @escaping Handler) {
        self.method = method
        self.path = path
        self.handler = handler
        template = PathTemplate(path)
    }
}

/// A path with named parameters, such as `/state/{model}` or, for one or more segments, `/state/{model}/{field*}`.
struct PathTemplate: Sendable {
    private enum Part: Sendable {
        case literal([UInt8])
        case parameter(String)
        /// All segments that are left, of which none is empty.
        case rest(String)
    }

    private let parts: [Part]

    /// Reads a template; one that makes no sense is a mistake in the program and traps.
    init(_ text: String) {
        precondition(text.hasPrefix("/"), "the template \"\(text)\" must begin with a slash")
        let segments = text == "/" ? [] : text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        parts = segments.map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else {
                precondition(
                    !segment.contains("{") && !segment.contains("}"),
                    "a parameter must be a whole segment of the template \"\(text)\""
                )
                return .literal(Array(segment.utf8))
            }
            let name = segment.dropFirst().dropLast()
            precondition(!name.isEmpty && name != "*", "a parameter of the template \"\(text)\" has no name")
            return name.hasSuffix("*") ? .rest(String(name.dropLast())) : .parameter(String(name))
        }
        precondition(
            !parts.dropLast().contains { if case .rest = $0 { true } else { false } },
            "nothing may follow the parameter for the rest of the template \"\(text)\""
        )
        let names = parameterNames
        precondition(Set(names).count == names.count, "two parameters of the template \"\(text)\" have the same name")
    }

    /// The parameters of a path that the template matches; nil if it does not.
    ///
    /// A parameter is never empty. The path is a raw one without escapes, which `PathSegments` accepts.
    func match(_ path: UnsafeBufferPointer<UInt8>) -> PathParameters? {
        var parameters = PathParameters()
        // Behind the slash before a segment; beyond the end when no segment is left.
        var start = path.count > 1 ? 1 : path.count + 1
        for index in parts.indices {
            guard start <= path.count else { return nil }
            if case .rest(let name) = parts[index] {
                let rest = UnsafeBufferPointer(rebasing: path[start...])
                return parameters.append(rest: rest, name: name) ? parameters : nil
            }
            var end = start
            while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
            let segment = UnsafeBufferPointer(rebasing: path[start..<end])
            guard match(segment, index, &parameters) else { return nil }
            start = end + 1
        }
        return start > path.count ? parameters : nil
    }

    /// The same for decoded segments.
    func match(_ segments: [String]) -> PathParameters? {
        var parameters = PathParameters()
        var segments = segments
        if case .rest(let name)? = parts.last, segments.count >= parts.count {
            // No decoded segment has a slash.
            var rest = segments[(parts.count - 1)...].joined(separator: "/")
            guard rest.withUTF8({ parameters.append(rest: $0, name: name) }) else { return nil }
            segments.removeSubrange((parts.count - 1)...)
        } else if segments.count != parts.count {
            return nil
        }
        for (index, segment) in segments.enumerated() {
            var segment = segment
            guard segment.withUTF8({ match($0, index, &parameters) }) else { return nil }
        }
        return parameters
    }

    private func match(_ segment: UnsafeBufferPointer<UInt8>, _ index: Int, _ parameters: inout PathParameters) -> Bool
    {
        switch parts[index] {
        case .literal(let literal):
            return literal.withUnsafeBufferPointer { segment.equals($0) }
        case .parameter(let name):
            guard !segment.isEmpty else { return false }
            parameters.append(name: name, value: String(decoding: segment, as: UTF8.self))
            return true
        case .rest: return false
        }
    }

    private var parameterNames: [String] {
        parts.compactMap { part in
            switch part {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }
}

/// The values of the parameters in a route's template, percent-decoded.
public struct PathParameters: Sendable {
    /// Most templates have one parameter, for which no array is made.
    private var first: (name: String, value: String)?
    private var others: [(name: String, value: String)] = []

    /// The value of a parameter.
    ///
    /// - Parameter name: its name in the template, without the braces.
    /// - Returns: the value, never empty; that of `{name*}` has the segments with a slash between them. Nil if the template has
    ///   no such parameter.
    public subscript(name: String) -> String? {
        if let first, first.name == name { return first.value }
        return others.first { $0.name == name }?.value
    }

    /// - Returns: false, and nothing is appended, if one of the segments is empty.
    fileprivate mutating func append(rest: UnsafeBufferPointer<UInt8>, name: String) -> Bool {
        let slash = UInt8(ascii: "/")
        guard rest.first ?? slash != slash, rest.last != slash,
            !zip(rest, rest.dropFirst()).contains(where: { ($0, $1) == (slash, slash) })
        else { return false }
        append(name: name, value: String(decoding: rest, as: UTF8.self))
        return true
    }

    mutating func append(name: String, value: String) {
        if first == nil { first = (name, value) } else { others.append((name, value)) }
    }
}
