public import HTTPTypes

/// A client whose request, or whose connection, a server has refused before a handler could answer.
public struct RefusedClient: Sendable, Hashable {
    /// The status that the client was sent.
    public let status: HTTPResponse.Status
    /// The reason, as plain text without anything that the client has sent.
    public let detail: String
    /// The request, as for a body that is too long or too slow; nil for a malformed header, and for a connection.
    public let request: RequestSummary?
    /// The client's IP address; nil on a Unix socket, and for a client that has left.
    public let clientAddress: String?
    /// The listening address.
    public let listener: BoundAddress
}

/// A request whose connection was closed before its body was complete, so no handler got the body.
public struct AbortedRequest: Sendable, Hashable {
    /// Why a connection was closed.
    public enum Reason: Sendable, Hashable {
        /// The client has left.
        case clientLeft
        /// The server was stopped, and did not wait longer.
        case serverStopped
    }

    /// The request.
    public let request: RequestSummary
    /// Why its connection was closed.
    public let reason: Reason
    /// How many bytes of the body have come.
    public let receivedBytes: Int
    /// The time from the complete header to the end of the connection, to some milliseconds.
    public let duration: Duration
    /// The client's IP address; nil on a Unix socket, and for a client that has reset the connection.
    public let clientAddress: String?
    /// The listening address.
    public let listener: BoundAddress
}

/// What the header of a request says, for a log.
public struct RequestSummary: Sendable, Hashable {
    /// The method.
    public let method: HTTPRequest.Method
    /// The raw path without the query.
    public let path: String
    /// The value of `User-Agent`; nil without that field.
    public let userAgent: String?
}

extension RequestSummary {
    /// Copies it from a request.
    package init(_ request: borrowing Request) {
        (method, path, userAgent) = (request.method, request.path, request.header(.userAgent))
    }

    /// Copies it from a header that is well-formed.
    init?(_ line: RequestLine, _ fields: HeaderFieldParser) {
        guard let method = RequestMethod.parse(line.method) else { return nil }
        self.method = method
        let path = line.path.map { RequestLine.Bytes(rebasing: line.target[$0]) } ?? RequestTarget.root
        self.path = String(decoding: path, as: UTF8.self)
        userAgent = fields.userAgent.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension ServerConfiguration {
    /// Reports a refusal, if anyone wants to know.
    func note(
        _ refusal: Refusal,
        from peer: PeerAddress,
        at listener: BoundAddress,
        of request: RequestSummary? = nil
    ) {
        didRefuse?(
            RefusedClient(
                status: refusal.status,
                detail: refusal.detail,
                request: refusal.request ?? request,
                clientAddress: peer.text,
                listener: listener
            )
        )
    }
}
