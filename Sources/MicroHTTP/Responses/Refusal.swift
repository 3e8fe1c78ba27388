internal import CLinux
internal import CMicrohttpd
internal import HTTPTypes
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Why the server itself does not pass a request to the handler.
struct Refusal: Error, Equatable {
    let status: HTTPResponse.Status
    let detail: String
    /// The limit that was hit, if it is one.
    let limit: ServerLimit?
    /// The request, if all of its header was read and is well-formed.
    var request: RequestSummary?

    init(_ status: HTTPResponse.Status, _ detail: String, hitting limit: ServerLimit? = nil) {
        self.status = status
        self.detail = detail
        self.limit = limit
    }

    static let tooManyConnections = Refusal(.serviceUnavailable, "too many connections are open")
    static let isStopping = Refusal(.serviceUnavailable, "the server is stopping")
    static let hasNoMemory = Refusal(.serviceUnavailable, "the system has no memory for more connections")
    static let hasNoRoomForBody = Refusal(
        .serviceUnavailable,
        "the bodies of other requests take all the memory there is for them",
        hitting: .bodyMemory
    )
    static let hasNoAnswer = Refusal(.internalServerError, "the handler let go of the request without an answer")

    static let malformedLine = Refusal(
        .badRequest,
        "a request begins with a method, a target and a version with one space between them, and CR LF"
    )

    static func targetTooLong(_ limits: ServerLimits) -> Refusal {
        Refusal(.uriTooLong, "the request target is longer than \(limits.targetRoomBytes) bytes", hitting: .uriBytes)
    }

    static let unknownMethod = Refusal(.notImplemented, "the server does not know this method")

    static let malformedField = Refusal(
        .badRequest,
        "each line of a header is a name, a colon and a value, has no control characters, and ends with CR LF"
    )

    static func headerTooLong(_ limits: ServerLimits) -> Refusal {
        let detail = "the request line and the header fields are longer than \(limits.headerRoomBytes) bytes"
        return Refusal(.requestHeaderFieldsTooLarge, detail, hitting: .headerBytes)
    }
}

/// Answers that are written without libmicrohttpd, to clients that are disconnected afterwards.
enum RawResponse {
    /// Sends what the system takes at once: a client that does not read gets less, or nothing.
    static func send(_ bytes: [UInt8], to descriptor: Int32) {
        _ = call(send: descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    }
}

// The member above hides the C function of the same name.
private func call(send descriptor: Int32, _ bytes: [UInt8], _ count: Int, _ flags: Int32) -> Int {
    send(descriptor, bytes, count, flags)
}

extension Response {
    /// The whole response as bytes, for a client that is answered without libmicrohttpd and then disconnected.
    ///
    /// - Parameter isHead: whether it answers HEAD, so that only the length of the body is told (RFC 9110, section 9.3.2).
    /// - Returns: the bytes.
    func rawBytes(isHead: Bool = false) -> [UInt8] {
        let bytes = body.bytes
        var head = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
        var protection = ProtectionFields.all
        for field in fields where !field.isWrittenByServer && !field.value.isEmpty {
            head += "\(field.name.rawName): \(field.value)\r\n"
            protection.subtract(field.protection)
        }
        head += protection.lines
        if fields[.date] == nil, let date = HTTPDate.text(WallClock.coarseSeconds) { head += "Date: \(date)\r\n" }
        return Array("\(head)Content-Length: \(bytes.count)\r\nConnection: close\r\n\r\n".utf8) + (isHead ? [] : bytes)
    }
}
