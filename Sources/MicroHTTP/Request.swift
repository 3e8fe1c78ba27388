public import HTTPTypes

/// A request, lent to a handler while it runs.
///
/// It reads from the connection's memory and cannot be copied, so the compiler keeps a handler from holding on to it; make an
/// ``OwnedRequest`` of it with ``owned()`` to answer later.
public struct Request: ~Copyable {
    private enum Source {
        case connection(ConnectionFields)
        case values(query: [QueryItem], headers: HTTPFields)
    }

    /// The method.
    public let method: HTTPRequest.Method
    /// The raw path without the query.
    public let path: String
    /// The percent-decoded segments of the path; `/` has none, and a slash at the end makes an empty last one.
    public let segments: [String]
    /// The body.
    public let body: [UInt8]
    /// The listening address at which the request came in.
    public let listener: BoundAddress
    private let source: Source

    /// Lends a request that was made by hand, so that tests can call handlers without a socket.
    ///
    /// - Parameter owned: the request.
    public init(_ owned: OwnedRequest) {
        method = owned.method
        path = owned.path
        segments = PathSegments.parse(owned.path.utf8) ?? []
        body = owned.body
        listener = owned.listener
        source = .values(query: owned.query, headers: owned.headers)
    }

    /// Lends a request of a connection, whose head ``RequestHead`` has accepted.
    init(
        method: HTTPRequest.Method,
        path: String,
        segments: [String],
        body: [UInt8],
        listener: BoundAddress,
        fields: ConnectionFields
    ) {
        self.method = method
        self.path = path
        self.segments = segments
        self.body = body
        self.listener = listener
        source = .connection(fields)
    }

    /// The decoded query, in order; decoded anew at each use.
    public var query: [QueryItem] {
        switch source {
        case .connection(let fields): fields.query()
        case .values(let query, _): query
        }
    }

    /// All header fields, in order; read anew at each use.
    public var headers: HTTPFields {
        switch source {
        case .connection(let fields): fields.headers()
        case .values(_, let headers): headers
        }
    }

    /// The value of a header field.
    ///
    /// - Parameter name: the field's name.
    /// - Returns: the value, those of several fields joined with `, `; nil if there is none.
    public func header(_ name: HTTPField.Name) -> String? {
        switch source {
        case .connection(let fields):
            return fields.header(name)
        case .values(_, let headers):
            let values = headers[values: name]
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }
    }

    /// Copies the request, to keep it beyond the handler.
    ///
    /// - Returns: the copy.
    public func owned() -> OwnedRequest {
        OwnedRequest(method: method, path: path, query: query, headers: headers, body: body, listener: listener)
    }
}
