internal import CMicrohttpd
internal import HTTPTypes

/// The header fields and the query in the memory of a connection, read through libmicrohttpd.
///
/// Valid while the handler callback of that connection runs; ``Request`` is what keeps it from escaping.
struct ConnectionFields {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    let wire: OpaquePointer

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
    }

    func headers() -> HTTPFields {
        var headers = HTTPFields()
        forEach(.HEADER_KIND) { name, value in
            // The head was accepted, so every name is a token.
            guard let name = HTTPField.Name(String(decoding: name, as: UTF8.self)) else { return }
            headers.append(HTTPField(name: name, value: value.map { Array($0.withoutOuterSpace) } ?? []))
        }
        return headers
    }

    func header(_ wanted: HTTPField.Name) -> String? {
        var joined: String?
        let wantedName = wanted.canonicalName
        forEach(.HEADER_KIND) { name, value in
            guard name.equalsLowercase(wantedName.utf8) else { return }
            let value = value.map { String(decoding: $0.withoutOuterSpace, as: UTF8.self) } ?? ""
            joined = joined.map { "\($0), \(value)" } ?? value
        }
        return joined
    }

    func hasAny(of wanted: FieldNames) -> Bool {
        var isThere = false
        forEach(.HEADER_KIND) { name, _ in if wanted.contain(name) { isThere = true } }
        return isThere
    }

    func query() -> [QueryItem] {
        var items: [QueryItem] = []
        forEach(.GET_ARGUMENT_KIND) { name, value in
            // The head was accepted, so everything decodes.
            guard let name = PercentDecoding.decode(name) else { return }
            items.append(QueryItem(name: name, value: value.flatMap { PercentDecoding.decode($0) }))
        }
        return items
    }

    /// Visits the pairs of a kind in the order in which they came.
    ///
    /// They are looked up some at a time, into memory of the stack: a closure that a C function calls would be allocated.
    func forEach(_ kind: MHD_ValueKind, _ visit: (_ name: Bytes, _ value: Bytes?) -> Void) {
        withUnsafeTemporaryAllocation(of: Pair.self, capacity: Self.windowLength) { pairs in
            var (first, count) = (0, 1)
            while first < count {
                var window = Window(first: first, pairs: pairs)
                _ = withUnsafeMutablePointer(to: &window) { MHD_get_connection_values_n(wire, kind, seePair, $0) }
                count = window.count
                for pair in pairs.prefix(count - first) { visit(pair.name, pair.value) }
                first += Self.windowLength
            }
        }
    }

    /// What fits the kilobyte of the stack that such memory may have; more than nearly all requests have fields.
    private static let windowLength = 24
}
