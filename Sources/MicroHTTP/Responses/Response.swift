public import HTTPTypes
internal import Primitives

/// An answer to a request: a status, fields and a body.
///
/// The server itself writes `Content-Length`, `Transfer-Encoding` and `Connection` and ignores them among the fields; a field
/// with an empty value is not sent either. `HTTPFields` lets no CR, LF or NUL into a value. A status outside 200...599 is
/// sent as 500.
///
/// Each response that lacks them gets `Date`, `X-Content-Type-Options: nosniff` and `Cross-Origin-Resource-Policy:
/// same-origin`, so that no browser takes it for a script or lends it to a page of another site.
public struct Response: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The header fields.
    public var fields: HTTPFields
    /// The body; for HEAD, and with the status 304, only its length is sent, so give these what GET would be sent.
    public var body: ResponseBody

    /// Makes a response.
    ///
    /// - Parameters:
    ///   - status: the status.
    ///   - fields: the header fields.
    ///   - body: the body.
    public init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: ResponseBody = .empty) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// Makes a response of plain text.
    ///
    /// - Parameters:
    ///   - status: the status.
    ///   - text: one or more lines; a newline is added at the end.
    /// - Returns: the response.
    public static func text(status: HTTPResponse.Status = .ok, _ text: String) -> Response {
        let fields: HTTPFields = [.contentType: "text/plain; charset=utf-8"]
        return Response(status: status, fields: fields, body: .bytes(Array("\(text)\n".utf8)))
    }
}

/// The fields that the server adds to each response that lacks them (Fetch, sections 3.5 and 3.6).
struct ProtectionFields: OptionSet {
    let rawValue: Int

    static let nosniff = Self(rawValue: 1)
    static let policy = Self(rawValue: 2)
    static let all: Self = [.nosniff, .policy]

    /// The fields as text.
    var lines: String {
        (contains(.nosniff) ? "X-Content-Type-Options: nosniff\r\n" : "")
            + (contains(.policy) ? "Cross-Origin-Resource-Policy: same-origin\r\n" : "")
    }
}

extension HTTPField {
    // Names are compared only where they have the same length, which most have not.

    /// Which of the fields that each response has it is.
    var protection: ProtectionFields {
        switch name.canonicalName.utf8.count {
        case 22 where name == .xContentTypeOptions: .nosniff
        case 28 where name == .resourcePolicy: .policy
        default: []
        }
    }

    /// Whether the server writes the field itself.
    var isWrittenByServer: Bool {
        switch name.canonicalName.utf8.count {
        case 10: name == .connection
        case 14: name == .contentLength
        case 17: name == .transferEncoding
        default: false
        }
    }
}

extension HTTPField.Name {
    package static let host = HTTPField.Name(validated: "Host")
    static let resourcePolicy = HTTPField.Name(validated: "Cross-Origin-Resource-Policy")

    /// Makes a name that is known to be a token.
    package init(validated name: String) {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not a token") }
        self = name
    }
}

/// The body of a response.
public enum ResponseBody: Sendable {
    /// No bytes.
    case empty
    /// Bytes made for this response; libmicrohttpd sends them from where they are.
    case bytes([UInt8])
    /// Bytes that several responses share.
    case shared(SharedBody)

    /// How many bytes there are.
    public var count: Int {
        switch self {
        case .empty: 0
        case .bytes(let bytes): bytes.count
        case .shared(let body): body.bytes.count
        }
    }

    /// The bytes.
    public var bytes: [UInt8] {
        switch self {
        case .empty: []
        case .bytes(let bytes): bytes
        case .shared(let body): body.bytes
        }
    }
}

/// Bytes of a response body that are made once and sent by many responses without a copy.
///
/// Swap the reference to publish new bytes; responses that are being sent keep the old ones alive.
public final class SharedBody: Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// The attachment of the bytes, or nil for most bodies.
    package let attachment: Attachment?

    /// A value that a response carries to the code that sends it.
    package enum Attachment: Sendable {
        /// The error that prevented the body; the bytes report that there was one.
        case failure(any Error)
        /// The stream that makes the body; there are no bytes.
        case stream(AttachedStream)
    }

    /// Keeps bytes to be sent.
    ///
    /// - Parameter bytes: the body.
    public init(_ bytes: [UInt8]) { (self.bytes, attachment) = (bytes, nil) }

    /// Keeps bytes to be sent, with an attachment.
    package init(_ bytes: [UInt8], _ attachment: Attachment) { (self.bytes, self.attachment) = (bytes, attachment) }

    /// Keeps text to be sent as UTF-8.
    ///
    /// - Parameter text: the body.
    public convenience init(_ text: String) { self.init(Array(text.utf8)) }
}

/// A stream on its way to the client as the body of a response; it ends if no answer uses it.
package final class AttachedStream: Sendable {
    package let stream: ResponseStream

    package init(_ stream: ResponseStream) { self.stream = stream }

    // An answer that has begun ends the stream itself.
    deinit { if stream.hasBegun.set() { stream.end() } }
}

extension ResponseBody {
    /// A body that a stream makes.
    package static func stream(_ stream: ResponseStream) -> ResponseBody {
        .shared(SharedBody([], .stream(AttachedStream(stream))))
    }

    /// The stream that makes the body, or nil if there is none.
    package var stream: ResponseStream? {
        if case .shared(let body) = self, case .stream(let attached)? = body.attachment { attached.stream } else { nil }
    }

    /// The error that prevented the body, or nil if there was none.
    package var failure: (any Error)? {
        if case .shared(let body) = self, case .failure(let error)? = body.attachment { error } else { nil }
    }
}

/// A response that is made once and sent many times, at the cost of a reference.
///
/// Swap the reference to publish a new one; requests that are being answered keep the old one alive.
public final class SharedResponse: Sendable {
    /// The response.
    public let response: Response
    /// Nil when there was no memory for it.
    let mhdResponse: MHDResponse?

    /// Makes a response to be sent many times.
    ///
    /// - Parameter response: the response.
    public init(_ response: Response) {
        self.response = response
        mhdResponse = MHDResponse(response, closing: false)
    }
}
