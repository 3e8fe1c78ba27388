internal import TestSupport

/// Makes one request at a time on one connection, so that the server does the same each time.
struct SingleClient {
    private let connection: RawConnection
    private let address: String

    init(_ address: String) throws { (connection, self.address) = (try RawConnection(address), address) }

    func get(_ path: String) throws { try ask("GET \(path) HTTP/1.1\r\nHost: \(address)\r\n\r\n") }

    func put(_ path: String, _ body: String) throws {
        try ask("PUT \(path) HTTP/1.1\r\nHost: \(address)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    private func ask(_ request: String) throws {
        try connection.send(Array(request.utf8))
        let head = try connection.readHead()
        guard head.first == "HTTP/1.1 200 OK",
            let field = head.first(where: { $0.lowercased().hasPrefix("content-length: ") }),
            let count = Int(field.dropFirst(16))
        else { throw VoidRun(description: "not answered with 200 and a length: \(head)") }
        _ = try connection.read(count)
    }
}
