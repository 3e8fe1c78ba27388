public import HTTPTypes

/// Where a server listens, what it tolerates and how it refuses.
public struct ServerConfiguration: Sendable {
    /// The addresses to listen on.
    public var addresses: [ListenAddress]
    /// The limits.
    public var limits: ServerLimits
    /// Makes the response for what the server refuses itself, from the status and a detail in plain text.
    ///
    /// The statuses are 400, 408, 411, 413, 414, 417, 431, 500, 501, 503 and 505. It is called on the server's thread.
    public var makeRefusal: @Sendable (_ status: HTTPResponse.Status, _ detail: String) -> Response
    /// Is told of each request and connection that the server has refused itself, on the server's thread; nil by default.
    public var didRefuse: (@Sendable (RefusedClient) -> Void)?
    /// Is told of each request whose connection was closed in the midst of its body, on the server's thread; nil by default.
    public var didAbort: (@Sendable (AbortedRequest) -> Void)?

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - addresses: the addresses to listen on.
    ///   - limits: the limits.
    ///   - makeRefusal: makes the response for what the server refuses; plain text by default.
    public init(
        addresses: [ListenAddress],
        limits: ServerLimits = ServerLimits(),
        makeRefusal: @escaping @Sendable (HTTPResponse.Status, String) -> Response = { .text(status: $0, $1) }
    ) {
        self.addresses = addresses
        self.limits = limits
        self.makeRefusal = makeRefusal
    }
}

extension ServerConfiguration {
    /// The response for a refusal.
    func response(to refusal: Refusal) -> Response {
        var response = makeRefusal(refusal.status, refusal.detail)
        if refusal.status == .serviceUnavailable, response.fields[.retryAfter] == nil {
            response.fields[.retryAfter] = "1"
        }
        return response
    }
}
