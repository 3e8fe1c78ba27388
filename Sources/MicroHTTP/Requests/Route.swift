public import HTTPTypes

/// A method and a path template with the handler that answers them.
public struct Route: Sendable {
    /// Answers a request at once or later; called on the server's thread, so it must not wait for anything.
    ///
    /// A service of the product `MyosinService` with middleware calls it on a middleware thread, which other requests need too.
    public typealias Handler = @Sendable (_ request: borrowing Request, _ parameters: PathParameters) -> Answer

    /// Answers a request from its header, before the body comes, or returns the function that answers the whole request.
    public typealias HeaderHandler =
        @Sendable (_ request: borrowing Request, _ parameters: PathParameters) -> HeaderAnswer

    /// Answers a request in a task, and may wait.
    public typealias AsyncHandler = @Sendable (_ request: OwnedRequest) async throws -> Response

    /// The method.
    public let method: HTTPRequest.Method
    /// The template as it was written.
    public let path: String
    /// The handler.
    public let handler: Handler
    /// The handler of headers, or nil if the handler gets each request when it is complete.
    public let headerHandler: HeaderHandler?
    /// The original handler, if it runs in a task.
    package let asyncHandler: AsyncHandler?
    let template: PathTemplate
    /// The fault of the template, or nil if it is valid.
    public var fault: String? { template.fault }
    /// The template without the names of its parameters.
    package var shape: String { template.shape }
    /// The first segment of the template, unless it is a parameter.
    package var firstSegment: String? { template.firstLiteral }

    /// The methods of the requests that the server takes; it refuses others with 501.
    package static let methods = RequestMethod.all

    /// Makes a route with a handler that runs in a task, off the server's thread, so it may wait.
    ///
    /// The task is cancelled one second after the client closes its side of the connection. An error answers 500. A service of
    /// the product `MyosinService` also limits the number and the time of such tasks, and answers errors with problem details.
    ///
    /// - Parameters:
    ///   - method: the method; a route for GET serves HEAD too.
    ///   - path: the template, such as `/state/{model}`. A parameter is a whole segment in braces; `{field*}` at the end
    ///     is one or more segments. A template without a leading slash, or with one parameter twice, has a ``fault``.
    ///     ``OwnedRequest/parameters`` has the values.
    ///   - handler: answers the requests, when they are complete.
    public init(_ method: HTTPRequest.Method, _ path: String, handler: @escaping AsyncHandler) {
        self.init(method, path, handler: { Self.answer($0, $1, handler) }, headerHandler: nil, asyncHandler: handler)
    }

    /// Makes a route with a handler that runs at once, on the server's thread, so it must not wait for anything.
    ///
    /// The handler answers at once, later or with a stream.
    ///
    /// - Parameters:
    ///   - method: the method; a route for GET serves HEAD too.
    ///   - path: the template, as of the other routes.
    ///   - handler: answers the requests, when they are complete.
    /// - Returns: the route.
    public static func atOnce(_ method: HTTPRequest.Method, _ path: String, handler: @escaping Handler) -> Route {
        Route(method, path, handler: handler, headerHandler: nil)
    }

    /// The same route with another handler, which is called on the server's thread.
    package func handled(by handler: @escaping Handler) -> Route {
        Route(method, path, handler: handler, headerHandler: nil, asyncHandler: asyncHandler)
    }

    private static func answer(
        _ request: borrowing Request,
        _ parameters: PathParameters,
        _ handler: @escaping AsyncHandler
    ) -> Answer {
        var owned = request.owned()
        owned.parameters = parameters
        return .later { [owned] responder in
            let task = Task {
                // Dropping the error is right: a released responder answers 500.
                if let response = try? await handler(owned) { responder.send(response) }
            }
            responder.whenClientLeaves { task.cancel() }
        }
    }

    /// Makes a route that decides from the header whether to read the body.
    ///
    /// If the header decides the answer, for example a refusal, the server sends it before the client sends the body.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - path: the template, as of the other routes.
    ///   - handler: answers the requests; it gets each request without its body.
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
        headerHandler: HeaderHandler?,
        asyncHandler: AsyncHandler? = nil
    ) {
        self.method = method
        self.path = path
        self.handler = handler
        self.headerHandler = headerHandler
        self.asyncHandler = asyncHandler
        template = PathTemplate(path)
    }
}
