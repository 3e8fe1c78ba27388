public import HTTPTypes

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
