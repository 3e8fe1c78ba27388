internal import HTTPTypes

/// What decides, when the header is complete, whether a request is refused: a summary that needs no memory.
///
/// libmicrohttpd reports fields after its own lenient parsing, so the checks here are about what it lets through
/// (RFC 9110, RFC 9112).
struct RequestHead {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    private(set) var hosts = 0
    private(set) var contentLengths = 0
    /// Nil if it is not a number, or larger than any.
    private(set) var contentLength: UInt64?
    private(set) var contentLengthIsNumber = true
    private(set) var transferEncodings = 0
    private(set) var transferEncodingIsChunked = false
    private(set) var expectsOther = false
    private(set) var malformedField = false
    private(set) var queryBytes = 0
    private(set) var malformedQuery = false

    /// The length of the body, once the head is accepted.
    var bodyBytes: Int { Int(clamping: contentLength ?? 0) }

    /// Takes note of a header field.
    mutating func note(name: Bytes, value: Bytes) {
        if name.isEmpty || !name.allSatisfy(Self.isTokenByte) || value.contains(where: Self.isControl) {
            malformedField = true
        }
        switch name.count {
        case 4 where name.equalsLowercase("host"):
            hosts += 1
        case 6 where name.equalsLowercase("expect"):
            if !value.equalsLowercase("100-continue") { expectsOther = true }
        case 14 where name.equalsLowercase("content-length"):
            contentLengths += 1
            contentLengthIsNumber = !value.isEmpty && value.allSatisfy { (0x30...0x39).contains($0) }
            contentLength = contentLengthIsNumber ? UInt64(String(decoding: value, as: UTF8.self)) : nil
        case 17 where name.equalsLowercase("transfer-encoding"):
            transferEncodings += 1
            transferEncodingIsChunked = transferEncodings == 1 && value.equalsLowercase("chunked")
        default:
            break
        }
    }

    /// Takes note of a pair of the query.
    mutating func noteQuery(name: Bytes, value: Bytes?) {
        // A `?` or `&` before each name, a `=` before each value.
        queryBytes += 1 + name.count + (value.map { 1 + $0.count } ?? 0)
        if PercentDecoding.decode(name) == nil || value.map({ PercentDecoding.decode($0) == nil }) ?? false {
            malformedQuery = true
        }
    }

    /// Judges the request.
    ///
    /// - Parameters:
    ///   - method: the method as it came.
    ///   - version: the version as it came.
    ///   - path: the raw path without the query.
    ///   - headerBytes: what libmicrohttpd counts for request line and fields.
    ///   - limits: the server's limits.
    /// - Returns: why the request is refused; nil if it is accepted.
    func refusal(method: String, version: String, path: Bytes, headerBytes: Int, limits: ServerLimits) -> Refusal? {
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            return Refusal(.httpVersionNotSupported, "use HTTP/1.1")
        }
        guard let known = RequestMethod.parse(method) else {
            return Refusal(.notImplemented, "the server does not know this method")
        }
        return sizeRefusal(path: path, headerBytes: headerBytes, limits: limits)
            ?? fieldRefusal(isHTTP10: version == "HTTP/1.0")
            ?? bodyRefusal(method: known, isHTTP10: version == "HTTP/1.0", limits: limits)
            ?? targetRefusal(path: path)
    }

    private func sizeRefusal(path: Bytes, headerBytes: Int, limits: ServerLimits) -> Refusal? {
        guard path.count + queryBytes <= limits.uriBytesMax else {
            return Refusal(.uriTooLong, "the request target is longer than \(limits.uriBytesMax) bytes")
        }
        guard headerBytes <= limits.headerBytesMax else {
            let detail = "the request line and the header fields are longer than \(limits.headerBytesMax) bytes"
            return Refusal(.requestHeaderFieldsTooLarge, detail)
        }
        return nil
    }

    private func fieldRefusal(isHTTP10: Bool) -> Refusal? {
        guard !malformedField else { return Refusal(.badRequest, "a header field is malformed") }
        guard hosts == 1 || (hosts == 0 && isHTTP10) else {
            return Refusal(.badRequest, hosts == 0 ? "the Host field is missing" : "there are two Host fields")
        }
        guard !expectsOther else { return Refusal(.expectationFailed, "only Expect: 100-continue can be met") }
        return nil
    }

    private func bodyRefusal(method: HTTPRequest.Method, isHTTP10: Bool, limits: ServerLimits) -> Refusal? {
        if transferEncodings > 0 {
            guard contentLengths == 0 else {
                return Refusal(.badRequest, "Content-Length and Transfer-Encoding exclude each other")
            }
            guard !isHTTP10 else { return Refusal(.badRequest, "HTTP/1.0 has no Transfer-Encoding") }
            guard transferEncodingIsChunked else {
                return Refusal(.notImplemented, "the server does not know this Transfer-Encoding")
            }
            return Refusal(.lengthRequired, "send the body with Content-Length, without Transfer-Encoding")
        }
        guard contentLengths <= 1 else { return Refusal(.badRequest, "there are two Content-Length fields") }
        guard contentLengthIsNumber else { return Refusal(.badRequest, "Content-Length is not a number") }
        if contentLengths == 1 {
            guard let contentLength, contentLength <= UInt64(limits.bodyBytesMax) else {
                return Refusal(.contentTooLarge, "the body is longer than \(limits.bodyBytesMax) bytes")
            }
            if contentLength > 0, method == .get || method == .head || method == .delete {
                return Refusal(.badRequest, "\(method) takes no body")
            }
        } else if method == .put || method == .patch {
            return Refusal(.lengthRequired, "\(method) needs Content-Length")
        }
        return nil
    }

    private func targetRefusal(path: Bytes) -> Refusal? {
        guard PathSegments.isAcceptable(path) else {
            let detail = "the path must begin with / and have no bad escapes, %00, %2f, or . and .. as segments"
            return Refusal(.badRequest, detail)
        }
        guard !malformedQuery else { return Refusal(.badRequest, "the query has a bad escape or is not UTF-8") }
        return nil
    }

    private static func isControl(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7f }

    /// RFC 9110, section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "^"), UInt8(ascii: "`"),
            UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }
}
