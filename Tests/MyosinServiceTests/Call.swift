import HTTPTypes
import MicroHTTP

/// A request as tests write it down.
struct Call: Sendable {
    var method: HTTPRequest.Method
    var path: String
    var fields: [(name: HTTPField.Name, value: String)] = []
    var body: [UInt8]?
    /// The Host field; without one the request is HTTP/1.0.
    var host: String? = "localhost:8000"

    init(_ method: HTTPRequest.Method, _ path: String, _ fields: [(HTTPField.Name, String)] = [], body: [UInt8]? = nil)
    {
        (self.method, self.path, self.body) = (method, path, body)
        self.fields = fields
    }

    static func get(_ path: String, _ fields: (HTTPField.Name, String)...) -> Call { Call(.get, path, fields) }

    static func put(_ path: String, _ body: String, _ fields: (HTTPField.Name, String)...) -> Call {
        Call(.put, path, fields, body: Array(body.utf8))
    }

    static func patch(_ path: String, _ body: String, _ fields: (HTTPField.Name, String)...) -> Call {
        Call(.patch, path, fields, body: Array(body.utf8))
    }

    static func delete(_ path: String, _ fields: (HTTPField.Name, String)...) -> Call { Call(.delete, path, fields) }

    func with(host: String?) -> Call {
        var call = self
        call.host = host
        return call
    }

    /// The same below a prefix.
    func below(_ prefix: String) -> Call {
        var call = self
        call.path = prefix + path
        return call
    }

    private var allFields: [(name: HTTPField.Name, value: String)] {
        (host.map { [(.hostField, $0)] } ?? []) + fields + (body.map { [(.contentLength, "\($0.count)")] } ?? [])
    }

    /// The request as a value.
    func owned(listener: BoundAddress) -> OwnedRequest {
        var headers = HTTPFields()
        for (name, value) in allFields { headers.append(HTTPField(name: name, value: value)) }
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let query = (parts.count > 1 ? parts[1].split(separator: "&") : [])
            .map { item -> QueryItem in
                let pair = item.split(separator: "=", maxSplits: 1).map(String.init)
                return QueryItem(name: pair[0], value: pair.count > 1 ? pair[1] : nil)
            }
        return OwnedRequest(
            method: method,
            path: parts[0],
            query: query,
            headers: headers,
            body: body ?? [],
            listener: listener
        )
    }

    /// The request as it goes over a socket.
    var bytes: [UInt8] {
        let lines = allFields.map { "\($0.name.rawName): \($0.value)\r\n" }.joined()
        let head = "\(method.rawValue) \(path) HTTP/1.\(host == nil ? 0 : 1)\r\n\(lines)\r\n"
        return Array(head.utf8) + (body ?? [])
    }
}

/// A response as tests read it.
struct Reply: Sendable {
    let status: Int
    let reason: String
    let fields: HTTPFields
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// What a client would see of a response.
    init(_ response: Response, to method: HTTPRequest.Method) {
        let bytes = response.body.bytes
        (status, reason) = (response.status.code, response.status.reasonPhrase)
        var fields = response.fields
        fields[.contentLength] = "\(bytes.count)"
        self.fields = fields
        body = method == .head || status == 304 ? [] : bytes
    }

    init(status: Int, reason: String, fields: HTTPFields, body: [UInt8]) {
        (self.status, self.reason, self.fields, self.body) = (status, reason, fields, body)
    }
}

extension HTTPField.Name {
    static let hostField = token("Host")
    static let revision = token("State-Revision")
    static let prefer = token("Prefer")
    static let preferenceApplied = token("Preference-Applied")
    static let acceptPatch = token("Accept-Patch")

    private static func token(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not a token") }
        return name
    }
}
