internal import HTTPTypes

/// What decides, when the header is complete, whether a request is refused: a summary that needs no memory.
///
/// libmicrohttpd reports fields after its own lenient parsing, so the checks here are about what it lets through
/// (RFC 9110, RFC 9112). What they cannot see in the fields, folded lines, bare LF or NUL, they see in the places of the
/// fields: libmicrohttpd parses them where they came, so each must begin two bytes after the one before has ended, and its
/// value two bytes after its name. After the last one there must be four bytes up to the size that libmicrohttpd counts.
///
/// It lends the memory of the request, so it must not outlive the callback.
struct RequestHead {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    private let method: Bytes
    private let version: Bytes
    private let target: RequestTarget
    private let rawTarget: RawTarget
    private var fields = 0
    private var hosts = 0
    private var host = Bytes(start: nil, count: 0)
    private var contentLengths = 0
    /// Nil if it is not a number, or larger than any.
    private var contentLength: UInt64?
    private var contentLengthIsNumber = true
    private var transferEncodings = 0
    private var transferEncodingIsChunked = false
    private var expectsContinue = false
    private var expectsOther = false
    private var malformedField = false
    private var malformedQuery = false
    /// Where the next field must begin.
    private var expected: UnsafePointer<UInt8>?
    private var isLoose: Bool

    /// - Parameters:
    ///   - method: the method as it came.
    ///   - version: the version as it came.
    ///   - path: the target without its query, where it came.
    ///   - target: the whole target as it came.
    init(method: Bytes, version: Bytes, path: Bytes, target: RawTarget) {
        self.method = method
        self.version = version
        self.target = RequestTarget(path)
        rawTarget = target
        // A space between them, and CR LF at the end.
        isLoose = path.start != method.end(1) || version.start != path.start.map { $0 + target.bytes + 1 }
        expected = version.end(2)
    }

    /// The length of the body, once the head is accepted.
    var bodyBytes: Int { Int(clamping: contentLength ?? 0) }

    /// Takes note of a header field.
    mutating func note(name: Bytes, value: Bytes) {
        fields += 1
        if name.start != expected || value.start != name.end(2) { isLoose = true }
        expected = value.end(2)
        if name.isEmpty || !ByteSet.token.containsAll(name) || value.contains(where: Self.isControl) {
            malformedField = true
        }
        switch name.count {
        case 4 where name.equalsLowercase("host"):
            hosts += 1
            host = value
        case 6 where name.equalsLowercase("expect"):
            if value.equalsLowercase("100-continue") { expectsContinue = true } else { expectsOther = true }
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
        if !PercentDecoding.isDecodable(name) || !(value.map { PercentDecoding.isDecodable($0) } ?? true) {
            malformedQuery = true
        }
    }

    /// Judges the request.
    ///
    /// - Parameters:
    ///   - headerBytes: what libmicrohttpd counts for request line and fields.
    ///   - configuration: the server's limits and what it tolerates.
    /// - Returns: why the request is refused; nil if it is accepted.
    func refusal(headerBytes: Int, configuration: ServerConfiguration) -> Refusal? {
        let limits = configuration.limits
        let isHTTP10 = version.equals("HTTP/1.0")
        guard isHTTP10 || version.equals("HTTP/1.1") else { return Refusal(.httpVersionNotSupported, "use HTTP/1.1") }
        guard let known = RequestMethod.parse(method) else {
            return Refusal(.notImplemented, "the server does not know this method")
        }
        return sizeRefusal(headerBytes: headerBytes, limits: limits)
            ?? fieldRefusal(isHTTP10: isHTTP10)
            ?? formRefusal(headerBytes: headerBytes, configuration: configuration)
            ?? bodyRefusal(method: known, isHTTP10: isHTTP10, limits: limits)
            ?? targetRefusal()
    }

    private func sizeRefusal(headerBytes: Int, limits: ServerLimits) -> Refusal? {
        if let refusal = rawTarget.refusal(limits: limits) { return refusal }
        if headerBytes > limits.headerBytesMax {
            let detail = "the request line and the header fields are longer than \(limits.headerBytesMax) bytes"
            return Refusal(.requestHeaderFieldsTooLarge, detail, hitting: .headerBytes)
        }
        if fields > limits.headerFieldsMax {
            let detail = "there are more than \(limits.headerFieldsMax) header fields"
            return Refusal(.requestHeaderFieldsTooLarge, detail, hitting: .headerFields)
        }
        return nil
    }

    private func fieldRefusal(isHTTP10: Bool) -> Refusal? {
        guard !malformedField else { return Refusal(.badRequest, "a header field is malformed") }
        guard hosts == 1 || (hosts == 0 && isHTTP10) else {
            return Refusal(.badRequest, hosts == 0 ? "the Host field is missing" : "there are two Host fields")
        }
        // An empty one is what a client sends that knows no name.
        guard host.isEmpty || HostField.isValid(host) else {
            return Refusal(.badRequest, "the Host field is not a host name or address with or without a port")
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
                let detail = "the body is longer than \(limits.bodyBytesMax) bytes"
                return Refusal(.contentTooLarge, detail, hitting: .bodyBytes)
            }
            if contentLength > 0, method == .get || method == .head || method == .delete {
                return Refusal(.badRequest, "\(method) takes no body")
            }
        } else if method == .put || method == .patch {
            return Refusal(.lengthRequired, "\(method) needs Content-Length")
        }
        // libmicrohttpd 0.9.75 would lose the answer if something came behind it; HTTP/1.0 has no such field.
        guard isHTTP10 || !expectsContinue || bodyBytes > 0 else {
            return Refusal(.badRequest, "Expect: 100-continue is for requests with a body")
        }
        return nil
    }

    private func targetRefusal() -> Refusal? {
        if let authority = target.authority, hosts == 0 || !authority.equalsIgnoringCase(host) {
            return Refusal(.badRequest, "the request target names another host than the Host field")
        }
        guard PathSegments.isAcceptable(target.path) else {
            let detail = "the path must begin with / and have no bad escapes, %00, %2f, or . and .. as segments"
            return Refusal(.badRequest, detail)
        }
        guard rawTarget.hasVisibleQuery else {
            return Refusal(.badRequest, "the query has characters that must be percent-encoded")
        }
        guard !malformedQuery else { return Refusal(.badRequest, "the query has a bad escape or is not UTF-8") }
        return nil
    }

    private func formRefusal(headerBytes: Int, configuration: ServerConfiguration) -> Refusal? {
        let endsInTime = method.start.map { $0 + headerBytes } == expected.map { $0 + 2 }
        if (!isLoose && endsInTime) || configuration.allowsLooseHeader { return nil }
        let detail =
            "the header is not written as name, colon, one space, value and CR LF in each line, without any other white "
            + "space; \(configuration.looseHeaderSetting) allows it where all clients are known"
        return Refusal(.badRequest, detail)
    }

    private static func isControl(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7f }
}

extension RequestHead.Bytes {
    fileprivate var start: UnsafePointer<UInt8>? { baseAddress }

    /// So many bytes after the last one.
    fileprivate func end(_ distance: Int) -> UnsafePointer<UInt8>? { baseAddress.map { $0 + count + distance } }
}
