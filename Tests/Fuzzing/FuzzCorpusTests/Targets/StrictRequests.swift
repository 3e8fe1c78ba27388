/// The requests that a connection's bytes hold, read strictly (RFC 9112) and apart from the server, to compare it with.
///
/// It takes no more than the server promises to: the first byte that belongs to no such request ends it.
struct StrictRequests {
    /// What a handler sees of a request.
    struct Request: Equatable {
        var method: String
        var path: String
        /// What the target or the Host field names; nil where it is empty, or missing in both.
        var host: String?
        /// Decoded; pairs without a name are left out, since nobody can ask for them.
        var query: [Pair]
        /// Names as they came, values without white space around them.
        var fields: [Pair]
        var body: [UInt8]
    }

    struct Pair: Equatable {
        var name: String
        var value: [UInt8]?
    }

    /// The bytes that no request was read from yet.
    private var rest: ArraySlice<UInt8>
    /// Whether the client has said that no more requests come.
    private var isOver = false
    private var isFirst = true

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    static func all(in bytes: [UInt8]) -> [Request] {
        var reader = StrictRequests(bytes)
        var requests: [Request] = []
        while let request = reader.next() { requests.append(request) }
        return requests
    }

    private mutating func next() -> Request? {
        skipEmptyLine()
        guard !isOver, let line = takeLine() else { return nil }
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, Self.methods.contains(Self.text(words[0])) else { return nil }
        let version = Self.text(words[2])
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else { return nil }
        let isForServer = Self.text(words[0]) == "OPTIONS" && Array(words[1]) == [0x2a]
        guard let fields = takeFields(), let target = isForServer ? ("*", [], nil) : Self.target(words[1]) else {
            return nil
        }
        guard let length = Self.bodyLength(fields, isOld: version == "HTTP/1.0"), length <= rest.count else {
            return nil
        }
        let hosts = fields.filter { $0.name.lowercased() == "host" }.map { Self.text(($0.value ?? [])[...]) }
        if let authority = target.authority {
            guard hosts.allSatisfy({ $0.lowercased() == authority.lowercased() }),
                hosts.count == 1 || PlainReader.isHost(Array(authority.utf8))
            else { return nil }
        }
        let body = Array(rest.prefix(length))
        rest = rest.dropFirst(length)
        let connection = Self.listed("connection", fields)
        isOver = connection.contains("close") || (version == "HTTP/1.0" && !connection.contains("keep-alive"))
        return Request(
            method: Self.text(words[0]),
            path: target.path,
            host: hosts.first.map { $0.isEmpty ? nil : $0 } ?? target.authority,
            query: target.query,
            fields: fields,
            body: body
        )
    }

    /// The items, in lower case, of all fields of a name that are lists.
    private static func listed(_ name: String, _ fields: [Pair]) -> [String] {
        var items: [String] = []
        for field in fields where field.name.lowercased() == name {
            for item in (field.value ?? []).split(separator: 0x2c) { items.append(text(trimmed(item)).lowercased()) }
        }
        return items
    }

    private static let methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE"]

    /// An empty line before a request is to be skipped (RFC 9112, section 2.2).
    ///
    /// Before a later request of a connection libmicrohttpd 0.9.75 has overwritten it, and two others look the same.
    private mutating func skipEmptyLine() {
        let empty: [[UInt8]] = isFirst ? [[0x0d, 0x0a]] : [[0x0d, 0x0a], [0x0a, 0x0a], [0, 0x0a]]
        if empty.contains(where: { rest.starts(with: $0) }) { rest = rest.dropFirst(2) }
        isFirst = false
    }

    /// The bytes up to CR LF, which contain neither.
    private mutating func takeLine() -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(where: { $0 == 0x0d || $0 == 0x0a || $0 == 0 }), rest[end] == 0x0d,
            end + 1 < rest.endIndex, rest[end + 1] == 0x0a
        else { return nil }
        defer { rest = rest[(end + 2)...] }
        return rest[..<end]
    }

    private mutating func takeFields() -> [Pair]? {
        var fields: [Pair] = []
        while let line = takeLine() {
            if line.isEmpty { return fields }
            guard let colon = line.firstIndex(of: 0x3a), colon > line.startIndex,
                line[..<colon].allSatisfy(PlainReader.isTokenByte)
            else {
                return nil
            }
            let value = Self.trimmed(line[(colon + 1)...])
            guard value.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }) else { return nil }
            fields.append(Pair(name: Self.text(line[..<colon]), value: Array(value)))
        }
        return nil
    }

    /// The length of the body; nil if the fields do not tell it as they may.
    private static func bodyLength(_ fields: [Pair], isOld: Bool) -> Int? {
        func values(_ name: String) -> [[UInt8]] {
            fields.filter { $0.name.lowercased() == name }.map { $0.value ?? [] }
        }
        guard values("transfer-encoding").isEmpty else { return nil }
        guard values("host").count == 1 || (isOld && values("host").isEmpty) else { return nil }
        let lengths = values("content-length")
        guard lengths.count <= 1 else { return nil }
        guard let length = lengths.first else { return 0 }
        guard !length.isEmpty, length.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text(length))
    }

    private static func target(_ target: ArraySlice<UInt8>) -> (path: String, query: [Pair], authority: String?)? {
        guard !target.isEmpty, target.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let parts = target.split(separator: 0x3f, maxSplits: 1, omittingEmptySubsequences: false)
        guard let query = query(parts.count == 2 ? parts[1] : []) else { return nil }
        var path = text(parts[0])
        var authority: String?
        if path.lowercased().hasPrefix("http://") {
            let rest = path.dropFirst(7)
            authority = String(rest.prefix { $0 != "/" })
            path = String(rest.dropFirst(authority?.count ?? 0))
            if path.isEmpty { path = "/" }
        }
        guard PlainReader.segments(Array(path.utf8)) != nil else { return nil }
        return (path, query, authority)
    }

    private static func query(_ query: ArraySlice<UInt8>) -> [Pair]? {
        var pairs: [Pair] = []
        for item in query.split(separator: 0x26) {
            let sides = item.split(separator: 0x3d, maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = sides.map { side in PlainReader.decode(side.map { $0 == 0x2b ? 0x20 : $0 }) }
            guard let name = decoded[0] else { return nil }
            if decoded.count == 1 {
                pairs.append(Pair(name: name, value: nil))
            } else {
                guard let value = decoded[1] else { return nil }
                pairs.append(Pair(name: name, value: Array(value.utf8)))
            }
        }
        return pairs.filter { !$0.name.isEmpty }
    }

    static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var value = value.drop { $0 == 0x20 || $0 == 0x09 }
        while value.last == 0x20 || value.last == 0x09 { value.removeLast() }
        return value
    }

    /// Latin-1, so that every byte is a character of its own.
    private static func text(_ bytes: some Collection<UInt8>) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}
