internal import CMicrohttpd
internal import HTTPTypes

/// The header fields and the query in the memory of a connection, read through libmicrohttpd.
///
/// Valid while the handler callback of that connection runs; ``Request`` is what keeps it from escaping.
struct ConnectionFields {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    let wire: OpaquePointer

    /// What a visit does with one pair; a value is missing when the query has a name without `=`.
    struct Visitor {
        let visit: (_ name: Bytes, _ value: Bytes?) -> Void
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
    func forEach(_ kind: MHD_ValueKind, _ visit: (_ name: Bytes, _ value: Bytes?) -> Void) {
        // The visitor is used only by the callback, which libmicrohttpd calls before this call returns.
        withoutActuallyEscaping(visit) { visit in
            var visitor = Visitor(visit: visit)
            withUnsafeMutablePointer(to: &visitor) { pointer in
                _ = MHD_get_connection_values_n(wire, kind, visitPair, pointer)
            }
        }
    }
}
