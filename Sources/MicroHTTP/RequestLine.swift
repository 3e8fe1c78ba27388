internal import HTTPTypes

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

    private static let space = UInt8(ascii: " ")

    init(method: Bytes, target: Bytes, version: Bytes) {
        (self.method, self.target, self.version) = (method, target, version)
        (parameters, authority) = Self.parts(of: target)
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
        (parameters, authority) = Self.parts(of: target)
    }

    /// Whether it is of the version that lacks Host and Transfer-Encoding.
    var isHTTP10: Bool { version.equals("HTTP/1.0") }

    /// Whether the answer has no body.
    var isHead: Bool { method.equals("HEAD") }

    private static func parts(of target: Bytes) -> (Int, Bytes?) {
        let path = beforeQuery(target)
        var count = 0
        if path.count < target.count {
            count = target[(path.count + 1)...].reduce(1) { $1 == UInt8(ascii: "&") ? $0 + 1 : $0 }
        }
        return (count, target.first == UInt8(ascii: "/") ? nil : RequestTarget(path).authority)
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
            return ByteSet.token.containsAll(method)
                ? Refusal(.notImplemented, "the server does not know this method") : .malformedLine
        }
        guard target.count <= limits.uriBytesMax else { return .targetTooLong(limits) }
        return targetRefusal(limits: limits)
    }

    private func targetRefusal(limits: ServerLimits) -> Refusal? {
        let path = Self.beforeQuery(target)
        guard PathSegments.isAcceptable(RequestTarget(path).path) else {
            let detail = "the path must begin with / and have no bad escapes, %00, %2f, or . and .. as segments"
            return Refusal(.badRequest, detail)
        }
        guard path.count < target.count else { return nil }
        let query = Bytes(rebasing: target[(path.count + 1)...])
        guard query.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return Refusal(.badRequest, "the query has characters that must be percent-encoded")
        }
        guard parameters <= limits.queryParametersMax else {
            let detail = "there are more than \(limits.queryParametersMax) parameters in the query"
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
        version.count == 8 && Bytes(rebasing: version.prefix(5)).equals("HTTP/") && Self.isDigit(version[5])
            && version[6] == UInt8(ascii: ".") && Self.isDigit(version[7])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension Refusal {
    static let malformedLine = Refusal(
        .badRequest,
        "a request begins with a method, a target and a version with one space between them, and CR LF"
    )

    static func targetTooLong(_ limits: ServerLimits) -> Refusal {
        Refusal(.uriTooLong, "the request target is longer than \(limits.uriBytesMax) bytes", hitting: .uriBytes)
    }
}
