internal import HTTPTypes
internal import Primitives

/// The line that a request begins with (RFC 9112, section 3), in memory that is lent.
struct RequestLine {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    let method: Bytes
    let target: Bytes
    let version: Bytes

    // Both are kept, since libmicrohttpd takes the query apart in place when the line was read.
    /// How many parameters the query has.
    let parameters: Int
    /// What names the server in a target such as `http://host/path`; nil in a mere path.
    let authority: Bytes?
    /// Where the path is in the target; nil for the root of a target that names a server only.
    let path: Range<Int>?

    private static let space = UInt8(ascii: " ")

    init(method: Bytes, target: Bytes, version: Bytes) {
        (self.method, self.target, self.version) = (method, target, version)
        (parameters, authority, path) = Self.parts(of: target)
    }

    /// Splits a line without its end; nil if it has fewer than three words.
    ///
    /// More spaces than two become part of the target, which is refused for them.
    init?(_ line: Bytes) {
        guard let first = line.firstIndex(of: Self.space), let last = line.lastIndex(of: Self.space), 0 < first,
            first < last
        else { return nil }
        method = Bytes(rebasing: line[..<first])
        target = Bytes(rebasing: line[(first + 1)..<last])
        version = Bytes(rebasing: line[(last + 1)...])
        (parameters, authority, path) = Self.parts(of: target)
    }

    /// Whether it is of the version that lacks Host and Transfer-Encoding.
    var isHTTP10: Bool { version.equals("HTTP/1.0") }

    /// Whether the answer has no body.
    var isHead: Bool { method.equals("HEAD") }

    private static func parts(of target: Bytes) -> (Int, Bytes?, Range<Int>?) {
        let beforeQuery = beforeQuery(target)
        var count = 0
        if beforeQuery.count < target.count {
            count = target[(beforeQuery.count + 1)...].reduce(1) { $1 == UInt8(ascii: "&") ? $0 + 1 : $0 }
        }
        if target.first == UInt8(ascii: "/") { return (count, nil, 0..<beforeQuery.count) }
        let whole = RequestTarget(beforeQuery)
        return (count, whole.authority, whole.hasPath ? beforeQuery.count - whole.path.count..<beforeQuery.count : nil)
    }

    private static func beforeQuery(_ target: Bytes) -> Bytes {
        Bytes(rebasing: target.prefix { $0 != UInt8(ascii: "?") })
    }

    /// Why a request with this line is refused, whatever follows; nil if it is not.
    func refusal(limits: ServerLimits) -> Refusal? {
        guard isHTTP10 || version.equals("HTTP/1.1") else {
            return hasFormOfVersion ? Refusal(.httpVersionNotSupported, "use HTTP/1.1") : .malformedLine
        }
        guard RequestMethod.parse(method) != nil else {
            return ByteSet.token.containsAll(method) ? .unknownMethod : .malformedLine
        }
        guard target.count <= limits.targetRoomBytes else { return .targetTooLong(limits) }
        return targetRefusal(limits: limits)
    }

    private static let secureScheme = Array("https://".utf8)

    /// Whether it asks for what the server can do as a whole (RFC 9112, section 3.2.4).
    private var isForServer: Bool { target.equals("*") && method.equals("OPTIONS") }

    /// Where the authority is in the target; nil in a mere path.
    var authorityRange: Range<Int>? {
        guard let authority, let start = authority.baseAddress, let first = target.baseAddress else { return nil }
        return start - first..<start - first + authority.count
    }

    private func targetRefusal(limits: ServerLimits) -> Refusal? {
        if isForServer { return nil }
        if target.count > 8, Bytes(rebasing: target.prefix(8)).equalsLowercase(Self.secureScheme) {
            return Refusal(.badRequest, "this server does not speak TLS; write http:// in the request target")
        }
        let path = Self.beforeQuery(target)
        guard PathSegments.isAcceptable(RequestTarget(path).path) else {
            let detail = "the path must begin with / and have no bad escapes, %00, %2f, or . and .. as segments"
            return Refusal(.badRequest, detail)
        }
        guard path.count < target.count else { return nil }
        let query = Bytes(rebasing: target[(path.count + 1)...])
        guard query.allSatisfy(\.isVisible) else {
            return Refusal(.badRequest, "the query has characters that must be percent-encoded")
        }
        guard parameters <= limits.maxQueryParameters else {
            let detail = "there are more than \(limits.maxQueryParameters) parameters in the query"
            return Refusal(.uriTooLong, detail, hitting: .queryParameters)
        }
        guard !query.contains(PercentDecoding.percent) || Self.isDecodable(query) else {
            return Refusal(.badRequest, "the query has a bad escape or is not UTF-8")
        }
        return nil
    }

    /// Whether each name and each value decodes.
    private static func isDecodable(_ query: Bytes) -> Bool {
        query.split(separator: UInt8(ascii: "&"))
            .allSatisfy { pair in
                pair.split(separator: UInt8(ascii: "="), maxSplits: 1)
                    .allSatisfy { PercentDecoding.isDecodable(Bytes(rebasing: $0)) }
            }
    }

    /// RFC 9112, section 2.3.
    private var hasFormOfVersion: Bool {
        version.count == 8 && Bytes(rebasing: version.prefix(5)).equals("HTTP/") && version[5].isDigit
            && version[6] == UInt8(ascii: ".") && version[7].isDigit
    }
}

/// The path in a request's target, which may be a whole URL (RFC 9112, section 3.2).
struct RequestTarget {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// The raw path without the query.
    let path: Bytes
    /// What names the server in a target such as `http://host/path`; nil in a mere path.
    let authority: Bytes?

    private static let scheme = Array("http://".utf8)
    private static let slash = StaticString("/")
    /// The path of a target that has none; the literal lives for ever.
    static var root: Bytes { Bytes(start: slash.utf8Start, count: 1) }
    /// Whether the target itself has the path.
    var hasPath: Bool { path.baseAddress != Self.root.baseAddress }

    /// - Parameter target: the target without its query; its memory is lent.
    init(_ target: Bytes) {
        guard target.first != UInt8(ascii: "/"), target.count > Self.scheme.count,
            Bytes(rebasing: target.prefix(Self.scheme.count)).equalsLowercase(Self.scheme)
        else {
            (path, authority) = (target, nil)
            return
        }
        let rest = Bytes(rebasing: target.dropFirst(Self.scheme.count))
        let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        authority = Bytes(rebasing: rest[..<end])
        // `http://host` asks for the root.
        path = end < rest.endIndex ? Bytes(rebasing: rest[end...]) : Self.root
    }
}

/// The methods that the server passes on.
enum RequestMethod {
    /// All that requests may have.
    static let all: [HTTPRequest.Method] = [.get, .head, .put, .post, .patch, .delete, .options, .trace]

    /// Those of RFC 9110 without CONNECT, and PATCH; nil for others, which the server answers with 501.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> HTTPRequest.Method? {
        switch text.count {
        case 3 where text.equals("GET"): .get
        case 3 where text.equals("PUT"): .put
        case 4 where text.equals("HEAD"): .head
        case 4 where text.equals("POST"): .post
        case 5 where text.equals("PATCH"): .patch
        case 5 where text.equals("TRACE"): .trace
        case 6 where text.equals("DELETE"): .delete
        case 7 where text.equals("OPTIONS"): .options
        default: nil
        }
    }

    /// Those whose requests have no content here (RFC 9110, section 9.3).
    static func takesNoBody(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.equals("GET") || text.equals("HEAD") || text.equals("DELETE")
    }

    /// Those whose requests are nothing without content.
    static func needsBody(_ text: UnsafeBufferPointer<UInt8>) -> Bool { text.equals("PUT") || text.equals("PATCH") }
}
