import TestSupport

/// A client that asks the probe's server about itself, each time on a new connection: others may have taken long.
struct Asker {
    let address: String

    func figures() throws -> Figures { Figures(try ask("GET /figures", "")) }

    func put(_ path: String, _ body: String = "") throws -> String {
        try ask("PUT \(path)", "Content-Length: \(body.utf8.count)\r\n", body)
    }

    private func ask(_ line: String, _ fields: String, _ body: String = "") throws -> String {
        let connection = try RawConnection(address)
        try connection.send(Array("\(line) HTTP/1.1\r\nHost: test\r\n\(fields)\r\n\(body)".utf8))
        let head = try connection.readHead()
        let length = head.first { $0.lowercased().hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) }
        return String(decoding: try connection.read(length ?? 0), as: UTF8.self)
    }
}
