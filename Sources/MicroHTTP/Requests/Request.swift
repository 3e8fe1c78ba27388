public import HTTPTypes

/// A request, lent to a handler while it runs.
///
/// It reads from the connection's memory and cannot be copied, so the compiler keeps a handler from holding on to it; make an
/// ``OwnedRequest`` of it with ``owned()`` to answer later.
public struct Request: ~Copyable {
    /// The method.
    public let method: HTTPRequest.Method
    /// Where it is a request of a connection; else there is a value.
    private let view: RequestView?
    private let value: OwnedRequest?

    /// Lends a request that was made by hand, so that tests can call handlers without a socket.
    ///
    /// - Parameter owned: the request.
    public init(_ owned: OwnedRequest) {
        method = owned.method
        view = nil
        value = owned
    }

    /// Lends a request of a connection, whose head was accepted.
    init(_ head: RequestHead, of call: MHDRequest, on connection: Connection, _ table: HeaderFieldIndex) {
        method = head.method
        view = RequestView(head, call, on: connection, table)
        value = nil
    }

    /// The raw path without the query.
    public var path: String { withPath { String(decoding: $0, as: UTF8.self) } }

    /// The percent-decoded segments of the path; `/` has none, and a slash at the end makes an empty last one; decoded anew
    /// at each use.
    public var segments: [String] { withPath { PathSegments.parse($0) ?? [] } }

    /// The body.
    public var body: [UInt8] {
        if let view { return view.body }
        return value?.body ?? []
    }

    /// The host and perhaps the port that the client asks for: the Host field, or else that of a target that is a whole URL.
    ///
    /// It is nil where neither names one (RFC 9112, section 3.2).
    public var host: String? {
        if let field = header(.host) { return field.isEmpty ? nil : field }
        return authority
    }

    /// Whether the Host field has just this value, found without making a text of it.
    package func hasHost(_ host: [UInt8]) -> Bool {
        if let view { return host.withUnsafeBufferPointer { view.fields.hasHost($0) } }
        return header(.host).map { $0.utf8.elementsEqual(host) } ?? false
    }

    /// The host and port of a target that is a whole URL, in a request without a Host field.
    private var authority: String? {
        view.map { $0.authority.map { String(decoding: $0, as: UTF8.self) } } ?? value?.authority
    }

    /// The number of the listening address in the server's configuration; nil for a request that was made by hand.
    package var listenerIndex: Int? { view.map(\.listenerIndex) ?? value?.listenerIndex }

    /// The listening address at which the request came in.
    public var listener: BoundAddress {
        if let view { return view.listener }
        return value?.listener ?? BoundAddress(path: "")
    }

    // Apart from the address, whose texts would be copied.
    /// Whether only this machine can reach the listening address.
    package var isOnLoopback: Bool { view.map(\.isOnLoopback) ?? value?.listener.isLoopback ?? true }
    /// Whether the listening address is a Unix socket.
    package var isOnUnixSocket: Bool { view.map(\.isOnUnixSocket) ?? value.map { $0.listener.path != nil } ?? true }

    /// The client's IP address, made at each use; nil on a Unix socket.
    public var clientAddress: String? { view.map(\.clientAddress) ?? value?.clientAddress }

    /// The decoded query, in order; decoded anew at each use.
    public var query: [QueryItem] {
        if let view { return view.fields.query() }
        return value?.query ?? []
    }

    /// All header fields, in order; read anew at each use.
    public var headers: HTTPFields {
        if let view { return view.fields.headers() }
        return value?.headers ?? [:]
    }

    /// The value of a header field.
    ///
    /// - Parameter name: the field's name.
    /// - Returns: the value, those of several fields joined with `, `; nil if there is none.
    public func header(_ name: HTTPField.Name) -> String? {
        if let view { return view.fields.header(name) }
        guard let values = value?.headers[values: name], !values.isEmpty else { return nil }
        return values.joined(separator: ", ")
    }

    /// Whether there is a header field with one of some names.
    ///
    /// - Parameter names: the names.
    /// - Returns: true if there is one, whatever its value.
    public func hasHeader(in names: HTTPFieldNameSet) -> Bool {
        if let view { return view.fields.hasAny(of: names) }
        return value?.headers
            .contains { field in
                var name = field.name.canonicalName
                return name.withUTF8 { names.contain($0) }
            } ?? false
    }

    /// Copies the request, to keep it beyond the handler.
    ///
    /// - Returns: the copy.
    public func owned() -> OwnedRequest {
        var owned = OwnedRequest(
            method: method,
            path: path,
            query: query,
            headers: headers,
            body: body,
            listener: listener
        )
        (owned.clientAddress, owned.listenerIndex, owned.authority) = (clientAddress, listenerIndex, authority)
        return owned
    }

    /// The path of a request that asks what the server can do as a whole (RFC 9112, section 3.2.4).
    package static let serverPath = "*"

    /// Whether it asks what the server can do as a whole: `OPTIONS *`.
    package var isForServer: Bool { withPath { $0.equals("*") } && method == .options }

    /// Lends the bytes of ``path``.
    func withPath<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let view { return body(view.path) }
        var path = value?.path ?? ""
        return path.withUTF8(body)
    }
}

/// A request in the memory of its connection; valid while the handler callback of that connection runs.
private struct RequestView {
    let fields: ConnectionFields
    let path: UnsafeBufferPointer<UInt8>
    let authority: UnsafeBufferPointer<UInt8>?
    // Unretained: libmicrohttpd's reference to the connection is let go of after its last callback.
    private let connection: Unmanaged<Connection>

    init(_ head: RequestHead, _ call: MHDRequest, on connection: Connection, _ table: HeaderFieldIndex) {
        fields = ConnectionFields(of: connection, table: table)
        (path, authority) = (head.path(in: call.start), head.authority(in: call.start))
        self.connection = .passUnretained(connection)
    }

    var body: [UInt8] { connection._withUnsafeGuaranteedRef { $0.exchange?.body ?? [] } }
    var listener: BoundAddress { connection._withUnsafeGuaranteedRef(\.listener) }
    var listenerIndex: Int { connection._withUnsafeGuaranteedRef { $0.listenerIndex } }
    var isOnLoopback: Bool { connection._withUnsafeGuaranteedRef { $0.listener.isLoopback } }
    var isOnUnixSocket: Bool { connection._withUnsafeGuaranteedRef { $0.listener.path != nil } }
    var clientAddress: String? { connection._withUnsafeGuaranteedRef(\.peer.text) }
}
