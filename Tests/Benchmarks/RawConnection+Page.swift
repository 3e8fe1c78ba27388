internal import TestSupport

extension RawConnection {
    /// What a server answers with 200 to a GET on a connection of its own.
    static func page(_ address: String, _ path: String) throws -> String {
        let connection = try RawConnection(address)
        try connection.send(Array("GET \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n".utf8))
        let status = try connection.readHead().first ?? ""
        guard status.hasPrefix("HTTP/1.1 200") else { throw VoidRun(description: "\(path): \(status)") }
        return String(decoding: try connection.readToEnd(), as: UTF8.self)
    }
}
