internal import CMicrohttpd
internal import HTTPTypes

/// The header fields and the query in the memory of a connection, read through libmicrohttpd.
///
/// Valid while the handler callback of that connection runs; ``Request`` is what keeps it from escaping.
struct ConnectionFields {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    private let wire: OpaquePointer
    // Unretained: the loop that calls the handler has it.
    private let table: Unmanaged<HeaderTable>

    /// - Parameters:
    ///   - wire: the connection.
    ///   - table: where its header fields are kept, or will be.
    init(wire: OpaquePointer, table: HeaderTable) { (self.wire, self.table) = (wire, .passUnretained(table)) }

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
            of wire: OpaquePointer
        ) -> Int {
            var window = Window(first: first, pairs: room)
            _ = withUnsafeMutablePointer(to: &window) { MHD_get_connection_values_n(wire, kind, seePair, $0) }
            return window.count
        }
    }

    private var fields: UnsafeBufferPointer<Pair> { table._withUnsafeGuaranteedRef { $0.fields(of: wire) } }

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

    func hasAny(of wanted: FieldNames) -> Bool { fields.contains { wanted.contain($0.name) } }

    func query() -> [QueryItem] {
        var items: [QueryItem] = []
        // They are looked up some at a time, into memory of the stack: a closure that a C function calls would be allocated.
        withUnsafeTemporaryAllocation(of: Pair.self, capacity: Self.windowLength) { pairs in
            var (first, count) = (0, 1)
            while first < count {
                count = Window.fill(pairs, from: first, .GET_ARGUMENT_KIND, of: wire)
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
