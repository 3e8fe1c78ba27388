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

extension [QueryItem] {
    /// The value of the first item with a name.
    ///
    /// - Parameter name: the name, decoded.
    /// - Returns: the decoded value, empty for an item without `=`, or nil if there is no such item.
    public subscript(name: String) -> String? { first { $0.name == name }.map { $0.value ?? "" } }

    /// The values of all items with a name.
    ///
    /// - Parameter name: the name, decoded.
    /// - Returns: the decoded values in order, at most `ServerLimits.maxQueryParameters`. The subscript returns the
    ///   first of them.
    public func values(of name: String) -> [String] { filter { $0.name == name }.map { $0.value ?? "" } }
}

/// A request as a value that may be kept, for handlers that answer later and for tests.
public struct OwnedRequest: Sendable {
    /// The method.
    public var method: HTTPRequest.Method
    /// The raw path without the query.
    public var path: String
    /// The parameters of the path, by the template of the matching route; empty until a route matches.
    public var parameters = PathParameters()
    /// The query, in order; `query["name"]` is the first value with a name.
    public var query: [QueryItem]
    /// The header fields, in order.
    public var headers: HTTPFields
    /// The body.
    public var body: [UInt8]
    /// The body as text, or nil if it is not UTF-8.
    public var text: String? { String(validating: body, as: UTF8.self) }
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
