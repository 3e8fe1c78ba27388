import TestSupport

/// A client that asks the probe's server about itself, each time on a new connection: others may have taken long.
///
/// It reads until the server closes the connection, so that the server counts none of an earlier question.
struct Asker {
    let address: String

    func figures() throws -> Figures { Figures(try ask("GET /figures", "")) }

    func put(_ path: String, _ body: String = "") throws -> String {
        try ask("PUT \(path)", "Content-Length: \(body.utf8.count)\r\n", body)
    }

    private func ask(_ line: String, _ fields: String, _ body: String = "") throws -> String {
        let connection = try RawConnection(address)
        let head = "\(line) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\(fields)\r\n"
        try connection.send(Array((head + body).utf8))
        let answer = String(decoding: try connection.readToEnd(), as: UTF8.self)
        guard let headEnd = answer.firstRange(of: "\r\n\r\n") else {
            throw RawConnection.Failure(what: "no answer to \(line): \(answer)")
        }
        return String(answer[headEnd.upperBound...])
    }
}
