internal import CMicrohttpd
internal import HTTPTypes
internal import Primitives

/// The header fields and the query of a request, read through libmicrohttpd, or from a ``DetachedHeader``.
///
/// Valid while the handler callback of that connection runs; ``Request`` is what keeps it from escaping.
struct ConnectionFields {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    // Unretained: libmicrohttpd's reference to the connection is let go of after its last callback, and the loop that calls the
    // handler has the table.
    private let connection: Unmanaged<Connection>
    private let table: Unmanaged<HeaderFieldIndex>

    /// - Parameters:
    ///   - connection: the connection.
    ///   - table: where its header fields are kept, or will be.
    init(of connection: Connection, table: HeaderFieldIndex) {
        (self.connection, self.table) = (.passUnretained(connection), .passUnretained(table))
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

    private var fields: UnsafeBufferPointer<Pair> {
        connection._withUnsafeGuaranteedRef { connection in
            table._withUnsafeGuaranteedRef { $0.fields(of: connection) }
        }
    }

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

    /// Whether the Host field has just this value.
    func hasHost(_ host: Bytes) -> Bool {
        fields.contains { name, value in
            name.count == 4 && name.equalsLowercase("host") && value?.withoutOuterSpace.equals(host) == true
        }
    }

    func hasAny(of wanted: HTTPFieldNameSet) -> Bool { fields.contains { wanted.contain($0.name) } }

    func query() -> [QueryItem] { connection._withUnsafeGuaranteedRef(Self.query) }

    private static func query(of connection: Connection) -> [QueryItem] {
        if let query = connection.detachedHeader?.query { return QueryItem.parse(query) }
        guard let mhdConnection = connection.mhdConnection else { return [] }
        var items: [QueryItem] = []
        // They are looked up some at a time, into memory of the stack: a closure that a C function calls would be allocated.
        withUnsafeTemporaryAllocation(of: Pair.self, capacity: windowLength) { pairs in
            var (first, count) = (0, 1)
            while first < count {
                count = Window.fill(pairs, from: first, .GET_ARGUMENT_KIND, of: mhdConnection)
                for (name, value) in pairs.prefix(count - first) {
                    // The head was accepted, so everything decodes.
                    guard let name = PercentDecoding.decode(name) else { continue }
                    items.append(QueryItem(name: name, value: value.flatMap { PercentDecoding.decode($0) }))
                }
                first += windowLength
            }
        }
        return items
    }

    /// What fits the kilobyte of the stack that such memory may have.
    private static let windowLength = 24
}

/// The header fields of the request whose handler runs, found in one walk when the handler asks for the first one.
///
/// One serves all connections, because one handler runs at a time. A walk through libmicrohttpd's list for each field would be
/// most of a handler's work. Not Sendable: only the loop's thread touches it.
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

    /// Forgets the fields, whose memory may be gone, before a handler asks for others.
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
    func fields(of connection: Connection) -> UnsafeBufferPointer<Pair> {
        if let fields { return fields }
        if let detached = connection.detachedHeader {
            fields = detached.fields
            return detached.fields
        }
        guard let mhdConnection = connection.mhdConnection else { return UnsafeBufferPointer(start: nil, count: 0) }
        let count = ConnectionFields.Window.fill(room, from: 0, .HEADER_KIND, of: mhdConnection)
        precondition(count <= room.count, "libmicrohttpd has \(count) fields of a request with \(room.count) at most")
        let filled = UnsafeBufferPointer(rebasing: room[..<count])
        fields = filled
        return filled
    }
}
