internal import HTTPTypes

/// A request's header that was read from its bytes as they came and accepted: where it is, and what follows it.
struct RequestHead: Equatable {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    enum Judgement: Equatable {
        /// More bytes are needed; with the request line, or without its end.
        case incomplete(hasLine: Bool)
        case refused(Refusal)
        case accepted(RequestHead)
    }

    /// The bytes before the request line: an empty line, which clients may send (RFC 9112, section 2.2), or none.
    private(set) var start: Int
    /// The method.
    let method: HTTPRequest.Method
    /// Where the target begins, counted from the request line.
    let targetStart: Int
    /// The raw path without the query, counted from the request line; nil for the root of a target that names a server only.
    private let path: Range<Int>?
    /// Where the target names the server, counted from the request line; nil for a mere path, and with a Host field.
    private let authority: Range<Int>?
    /// The bytes from the request line to the empty line, both with them.
    private(set) var bytes: Int
    /// The length of the body.
    let bodyBytes: Int
    /// Whether the client may wait for 100 Continue before it sends the body.
    let expectsContinue: Bool
    /// Whether a connection's memory has room for it, with what libmicrohttpd makes of it.
    let fitsMemory: Bool

    /// Judges a request by all bytes that have come, which begin with it.
    static func judge(_ bytes: Bytes, limits: ServerLimits) -> Judgement {
        var start = 0
        if bytes.first == carriageReturn {
            guard bytes.count > 1 else { return .incomplete(hasLine: false) }
            guard bytes[1] == lineFeed else { return .refused(.malformedLine) }
            start = 2
        }
        guard let end = bytes[start...].firstIndex(where: isControl) else { return .incomplete(hasLine: false) }
        guard bytes[end] == carriageReturn else { return .refused(.malformedLine) }
        guard end + 1 < bytes.count else { return .incomplete(hasLine: false) }
        guard bytes[end + 1] == lineFeed, let line = RequestLine(Bytes(rebasing: bytes[start..<end])) else {
            return .refused(.malformedLine)
        }
        if let refusal = line.refusal(limits: limits) { return .refused(refusal) }
        var fields = HeaderFieldParser()
        switch fields.read(Bytes(rebasing: bytes[(end + 2)...])) {
        case .incomplete: return .incomplete(hasLine: true)
        case .malformed: return .refused(.malformedField)
        case .complete(let count):
            let count = end + 2 - start + count
            do throws(Refusal) {
                return .accepted(try RequestHead(line, fields, start: start, bytes: count, limits: limits))
            } catch {
                return .refused(error)
            }
        }
    }

    /// Judges a request whose line was not refused, and whose fields are complete.
    ///
    /// - Throws: why it is refused, with the request.
    init(_ line: RequestLine, _ fields: HeaderFieldParser, start: Int, bytes: Int, limits: ServerLimits) throws(Refusal)
    {
        do throws(Refusal) {
            try self.init(judging: line, fields, start: start, bytes: bytes, limits: limits)
        } catch {
            var refusal = error
            refusal.request = RequestSummary(line, fields)
            throw refusal
        }
    }

    private init(
        judging line: RequestLine,
        _ fields: HeaderFieldParser,
        start: Int,
        bytes: Int,
        limits: ServerLimits
    ) throws(Refusal) {
        guard bytes <= limits.headerRoomBytes else { throw .headerTooLong(limits) }
        if let refusal = fields.refusal(of: line, limits: limits) { throw refusal }
        let pairs = fields.fields + fields.cookies + line.parameters
        fitsMemory = limits.haveRoom(forHeader: start + bytes, pairs: pairs, cookieBytes: fields.cookieBytes)
        guard let method = RequestMethod.parse(line.method) else { throw .unknownMethod }
        (self.start, self.bytes, self.method) = (start, bytes, method)
        let targetStart = line.method.count + 1
        self.targetStart = targetStart
        path = line.path.map { $0.lowerBound + targetStart..<$0.upperBound + targetStart }
        authority =
            fields.hosts == 0
            ? line.authorityRange.map { $0.lowerBound + targetStart..<$0.upperBound + targetStart } : nil
        bodyBytes = Int(clamping: fields.contentLength ?? 0)
        expectsContinue = fields.expectsContinue
    }

    /// The same, where libmicrohttpd reads a substitute.
    ///
    /// - Parameters:
    ///   - start: the bytes before its request line.
    ///   - bytes: its bytes.
    /// - Returns: the head of the substitute.
    func substituted(start: Int, bytes: Int) -> RequestHead {
        var head = self
        (head.start, head.bytes) = (start, bytes)
        return head
    }

    /// The raw path without the query.
    ///
    /// - Parameter line: where the request line is now.
    /// - Returns: the path, lent with the line.
    func path(in line: UnsafePointer<UInt8>) -> Bytes {
        path.map { Bytes(start: line + $0.lowerBound, count: $0.count) } ?? RequestTarget.root
    }

    /// The host and port in a target that is a whole URL, in a request without a Host field; nil in any other.
    ///
    /// - Parameter line: where the request line is now.
    /// - Returns: the authority, lent with the line.
    func authority(in line: UnsafePointer<UInt8>) -> Bytes? {
        authority.map { Bytes(start: line + $0.lowerBound, count: $0.count) }
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7f }
}

extension HeaderFieldParser {
    /// Why a request with these fields and a line that is not refused is; nil if it is not.
    fileprivate func refusal(of line: RequestLine, limits: ServerLimits) -> Refusal? {
        if fields > limits.maxHeaderFields {
            let detail = "there are more than \(limits.maxHeaderFields) header fields"
            return Refusal(.requestHeaderFieldsTooLarge, detail, hitting: .headerFields)
        }
        return hostRefusal(of: line) ?? bodyRefusal(of: line, limits: limits)
    }

    private func hostRefusal(of line: RequestLine) -> Refusal? {
        guard hosts == 1 || (hosts == 0 && line.isHTTP10) else {
            return Refusal(.badRequest, hosts == 0 ? "the Host field is missing" : "there are two Host fields")
        }
        if hosts == 0, let authority = line.authority {
            // HTTP/1.0 has no Host: a whole URL then names the server by itself.
            if HostField.isValid(authority) { return nil }
            return Refusal(.badRequest, "the request target is not http://HOST/PATH with a host name or address")
        }
        // An empty one is what a client sends that knows no name.
        guard host.isEmpty || HostField.isValid(host) else {
            return Refusal(.badRequest, "the Host field is not a host name or address with or without a port")
        }
        if let authority = line.authority, !HostField.areSame(authority, host) {
            return Refusal(.badRequest, "the request target names another host than the Host field")
        }
        return nil
    }

    private func bodyRefusal(of line: RequestLine, limits: ServerLimits) -> Refusal? {
        guard !expectsOther else { return Refusal(.expectationFailed, "only Expect: 100-continue can be met") }
        if transferEncodings > 0 { return transferEncodingRefusal(of: line) }
        guard contentLengths <= 1 else { return Refusal(.badRequest, "there are two Content-Length fields") }
        guard contentLengthIsNumber else { return Refusal(.badRequest, "Content-Length is not a number") }
        if contentLengths == 1 {
            guard let contentLength, contentLength <= UInt64(limits.maxBodyBytes) else {
                let detail = "the body is longer than \(limits.maxBodyBytes) bytes"
                return Refusal(.contentTooLarge, detail, hitting: .bodyBytes)
            }
            if contentLength > 0, RequestMethod.takesNoBody(line.method) {
                return Refusal(.badRequest, "\(String(decoding: line.method, as: UTF8.self)) takes no body")
            }
        } else if RequestMethod.needsBody(line.method) {
            return Refusal(.lengthRequired, "\(String(decoding: line.method, as: UTF8.self)) needs Content-Length")
        }
        // libmicrohttpd 0.9.75 would lose the answer if something came behind it; HTTP/1.0 has no such field.
        guard line.isHTTP10 || !expectsContinue || (contentLength ?? 0) > 0 else {
            return Refusal(.badRequest, "Expect: 100-continue is for requests with a body")
        }
        return nil
    }

    private func transferEncodingRefusal(of line: RequestLine) -> Refusal {
        guard contentLengths == 0 else {
            return Refusal(.badRequest, "Content-Length and Transfer-Encoding exclude each other")
        }
        guard !line.isHTTP10 else { return Refusal(.badRequest, "HTTP/1.0 has no Transfer-Encoding") }
        guard transferEncodingIsChunked else {
            return Refusal(.notImplemented, "the server does not know this Transfer-Encoding")
        }
        return Refusal(.lengthRequired, "send the body with Content-Length, without Transfer-Encoding")
    }
}
