public import HTTPTypes

/// A name and perhaps a value in the query of a request, decoded.
public struct QueryItem: Sendable, Hashable {
    /// The name.
    public let name: String
    /// What follows the `=`; nil without one.
    public let value: String?

    /// Makes an item.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - value: the value; nil if there is no `=`.
    public init(name: String, value: String?) {
        self.name = name
        self.value = value
    }
}

/// A request as a value that may be kept, for handlers that answer later and for tests.
public struct OwnedRequest: Sendable {
    /// The method.
    public var method: HTTPRequest.Method
    /// The raw path without the query.
    public var path: String
    /// The query, in order.
    public var query: [QueryItem]
    /// The header fields, in order.
    public var headers: HTTPFields
    /// The body.
    public var body: [UInt8]
    /// The listening address at which the request came in.
    public var listener: BoundAddress
    /// The client's IP address; nil on a Unix socket.
    public var clientAddress: String?
    /// The host and port of a target that is a whole URL, in a request without a Host field.
    package var authority: String?
    /// The number of the listening address in the server's configuration; nil for a request that was made by hand.
    package var listenerIndex: Int?

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - path: the raw path without the query; one that a server would refuse has no segments.
    ///   - query: the decoded query.
    ///   - headers: the header fields.
    ///   - body: the body.
    ///   - listener: the listening address.
    public init(
        method: HTTPRequest.Method = .get,
        path: String = "/",
        query: [QueryItem] = [],
        headers: HTTPFields = [:],
        body: [UInt8] = [],
        listener: BoundAddress = BoundAddress(host: "127.0.0.1", port: 0)
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.listener = listener
    }
}
