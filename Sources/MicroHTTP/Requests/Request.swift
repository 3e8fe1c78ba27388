internal import CMicrohttpd
public import HTTPTypes
internal import Primitives

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

    /// The client's IP address, looked up at each use; nil on a Unix socket, and for a client that has left.
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
        fields = ConnectionFields(mhdConnection: call.mhdConnection, table: table)
        (path, authority) = (head.path(in: call.start), head.authority(in: call.start))
        self.connection = .passUnretained(connection)
    }

    var body: [UInt8] { connection._withUnsafeGuaranteedRef { $0.exchange?.body ?? [] } }
    var listener: BoundAddress { connection._withUnsafeGuaranteedRef(\.listener) }
    var listenerIndex: Int { connection._withUnsafeGuaranteedRef { $0.listenerIndex } }
    var isOnLoopback: Bool { connection._withUnsafeGuaranteedRef { $0.listener.isLoopback } }
    var isOnUnixSocket: Bool { connection._withUnsafeGuaranteedRef { $0.listener.path != nil } }
    var clientAddress: String? {
        connection._withUnsafeGuaranteedRef { SocketAddress.clientAddress(of: $0.descriptor) }
    }
}

/// The header fields and the query in the memory of a connection, read through libmicrohttpd.
///
/// Valid while the handler callback of that connection runs; ``Request`` is what keeps it from escaping.
struct ConnectionFields {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    private let mhdConnection: OpaquePointer
    // Unretained: the loop that calls the handler has it.
    private let table: Unmanaged<HeaderFieldIndex>

    /// - Parameters:
    ///   - mhdConnection: the connection.
    ///   - table: where its header fields are kept, or will be.
    init(mhdConnection: OpaquePointer, table: HeaderFieldIndex) {
        (self.mhdConnection, self.table) = (mhdConnection, .passUnretained(table))
    }

    /// A name and its value, which is missing when the query has a name without `=`.
    typealias Pair = (name: Bytes, value: Bytes?)

    /// Some of the pairs, from one of them on.
    struct Window {
        let first: Int
        let pairs: UnsafeMutableBufferPointer<Pair>
        /// How many pairs there are in all, once all were seen.
        var count = 0

        /// Sees the next pair, and keeps it where it is among those that are wanted.
        mutating func see(_ pair: Pair) {
            let place = count - first
            if pairs.indices.contains(place) { pairs.initializeElement(at: place, to: pair) }
            count += 1
        }

        /// Fills a window.
        ///
        /// - Returns: how many pairs of the kind there are in all.
        static func fill(
            _ room: UnsafeMutableBufferPointer<Pair>,
            from first: Int,
            _ kind: MHD_ValueKind,
            of mhdConnection: OpaquePointer
        ) -> Int {
            var window = Window(first: first, pairs: room)
            _ = withUnsafeMutablePointer(to: &window) { MHD_get_connection_values_n(mhdConnection, kind, seePair, $0) }
            return window.count
        }
    }

    private var fields: UnsafeBufferPointer<Pair> { table._withUnsafeGuaranteedRef { $0.fields(of: mhdConnection) } }

    func headers() -> HTTPFields {
        var headers = HTTPFields()
        for (name, value) in fields {
            // The head was accepted, so every name is a token.
            guard let name = HTTPField.Name(String(decoding: name, as: UTF8.self)) else { continue }
            headers.append(HTTPField(name: name, value: value.map { Array($0.withoutOuterSpace) } ?? []))
        }
        return headers
    }

    func header(_ wanted: HTTPField.Name) -> String? {
        var joined: String?
        var wantedName = wanted.canonicalName
        wantedName.withUTF8 { wantedName in
            for (name, value) in fields where name.count == wantedName.count && name.equalsLowercase(wantedName) {
                let value = value.map { String(decoding: $0.withoutOuterSpace, as: UTF8.self) } ?? ""
                joined = joined.map { "\($0), \(value)" } ?? value
            }
        }
        return joined
    }

    func hasAny(of wanted: HTTPFieldNameSet) -> Bool { fields.contains { wanted.contain($0.name) } }

    func query() -> [QueryItem] {
        var items: [QueryItem] = []
        // They are looked up some at a time, into memory of the stack: a closure that a C function calls would be allocated.
        withUnsafeTemporaryAllocation(of: Pair.self, capacity: Self.windowLength) { pairs in
            var (first, count) = (0, 1)
            while first < count {
                count = Window.fill(pairs, from: first, .GET_ARGUMENT_KIND, of: mhdConnection)
                for (name, value) in pairs.prefix(count - first) {
                    // The head was accepted, so everything decodes.
                    guard let name = PercentDecoding.decode(name) else { continue }
                    items.append(QueryItem(name: name, value: value.flatMap { PercentDecoding.decode($0) }))
                }
                first += Self.windowLength
            }
        }
        return items
    }

    /// What fits the kilobyte of the stack that such memory may have.
    private static let windowLength = 24
}

/// The header fields of the request whose handler runs, looked up in libmicrohttpd's list when the first one is asked for.
///
/// There is one for the whole server, as one handler runs at a time: a handler asks for many fields, and a walk through the list
/// for each would be most of its work. Not Sendable: only the loop's thread touches it.
final class HeaderFieldIndex {
    typealias Pair = ConnectionFields.Pair

    private let room: UnsafeMutableBufferPointer<Pair>
    private var fields: UnsafeBufferPointer<Pair>?

    /// - Parameter limits: no request that is accepted has more fields, nor can more be kept in a connection's memory.
    init(_ limits: ServerLimits) {
        room = .allocate(capacity: min(max(0, limits.maxHeaderFields), limits.poolBytes / ServerLimits.pairBytes))
    }

    deinit { room.deallocate() }

    /// The connection whose request has begun last and is not complete; nil without one.
    private var begun: ObjectIdentifier?

    /// Forgets the fields; to be called before they are asked for, as what they point to is gone then.
    func clear() { (fields, begun) = (nil, nil) }

    /// A handler sees the header of a request, whose body is to come.
    func begin(of connection: Connection) { (fields, begun) = (nil, ObjectIdentifier(connection)) }

    /// A handler sees a whole request: the fields are those of its beginning, if no other request came in between.
    func finish(of connection: Connection) {
        if begun != ObjectIdentifier(connection) { fields = nil }
        begun = nil
    }

    /// The request of a connection is over, whether it was complete or not.
    func end(of connection: Connection) {
        if begun == ObjectIdentifier(connection) { clear() }
    }

    /// The fields of a connection, in the order in which they came.
    func fields(of mhdConnection: OpaquePointer) -> UnsafeBufferPointer<Pair> {
        if let fields { return fields }
        let count = ConnectionFields.Window.fill(room, from: 0, .HEADER_KIND, of: mhdConnection)
        precondition(count <= room.count, "libmicrohttpd has \(count) fields of a request with \(room.count) at most")
        let filled = UnsafeBufferPointer(rebasing: room[..<count])
        fields = filled
        return filled
    }
}
