public import HTTPTypes

/// A request, lent to a handler while it runs.
///
/// It reads from the connection's memory and cannot be copied, so the compiler keeps a handler from holding on to it; make an
/// ``OwnedRequest`` of it with ``owned()`` to answer later.
public struct Request: ~Copyable {
    private enum Source {
        case connection(RequestView)
        case value(OwnedRequest)
    }

    /// The method.
    public let method: HTTPRequest.Method
    private let source: Source

    /// Lends a request that was made by hand, so that tests can call handlers without a socket.
    ///
    /// - Parameter owned: the request.
    public init(_ owned: OwnedRequest) {
        method = owned.method
        source = .value(owned)
    }

    /// Lends a request of a connection, whose head ``RequestHead`` has accepted; nil if it was not.
    init?(_ call: RequestCall, on connection: Connection) {
        guard let method = RequestMethod.parse(call.methodBytes) else { return nil }
        self.method = method
        source = .connection(RequestView(call, on: connection))
    }

    /// The raw path without the query.
    public var path: String { withPath { String(decoding: $0, as: UTF8.self) } }

    /// The percent-decoded segments of the path; `/` has none, and a slash at the end makes an empty last one; decoded anew
    /// at each use.
    public var segments: [String] { withPath { PathSegments.parse($0) ?? [] } }

    /// The body.
    public var body: [UInt8] {
        switch source {
        case .connection(let view): view.body
        case .value(let owned): owned.body
        }
    }

    /// The listening address at which the request came in.
    public var listener: BoundAddress {
        switch source {
        case .connection(let view): view.listener
        case .value(let owned): owned.listener
        }
    }

    /// The decoded query, in order; decoded anew at each use.
    public var query: [QueryItem] {
        switch source {
        case .connection(let view): view.fields.query()
        case .value(let owned): owned.query
        }
    }

    /// All header fields, in order; read anew at each use.
    public var headers: HTTPFields {
        switch source {
        case .connection(let view): view.fields.headers()
        case .value(let owned): owned.headers
        }
    }

    /// The value of a header field.
    ///
    /// - Parameter name: the field's name.
    /// - Returns: the value, those of several fields joined with `, `; nil if there is none.
    public func header(_ name: HTTPField.Name) -> String? {
        switch source {
        case .connection(let view):
            return view.fields.header(name)
        case .value(let owned):
            let values = owned.headers[values: name]
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }
    }

    /// Copies the request, to keep it beyond the handler.
    ///
    /// - Returns: the copy.
    public func owned() -> OwnedRequest {
        OwnedRequest(method: method, path: path, query: query, headers: headers, body: body, listener: listener)
    }

    /// Lends the bytes of ``path``.
    func withPath<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        switch source {
        case .connection(let view):
            return body(view.path)
        case .value(let owned):
            var path = owned.path
            return path.withUTF8(body)
        }
    }
}

/// A request in the memory of its connection; valid while the handler callback of that connection runs.
private struct RequestView {
    let fields: ConnectionFields
    let path: UnsafeBufferPointer<UInt8>
    private let connection: Connection

    init(_ call: RequestCall, on connection: Connection) {
        fields = ConnectionFields(wire: call.wire)
        path = RequestTarget(call.target).path
        self.connection = connection
    }

    var body: [UInt8] { connection.exchange?.body ?? [] }
    var listener: BoundAddress { connection.listener }
}
