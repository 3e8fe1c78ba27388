import MicroHTTP
import TestSupport

/// A client that writes the text of a request as it is and reads the response.
final class Client {
    struct Reply {
        let status: Int
        let head: String
        let body: String

        func has(_ line: String) -> Bool { head.lowercased().contains("\r\n\(line.lowercased())\r\n") }
    }

    private let connection: RawConnection

    init(_ address: BoundAddress, receiveBytes: Int32? = nil) throws {
        connection = try RawConnection(address, receiveBytes: receiveBytes)
    }

    /// Whether the server has not read all that was sent, for a Unix domain socket.
    var hasUnread: Bool { connection.hasUnread }

    /// Ends the client's side; it may still read.
    func finishSending() { connection.finishSending() }

    func send(_ text: String) throws { try connection.send(Array(text.utf8)) }

    func read(hasBody: Bool = true) throws -> Reply {
        let lines = try connection.readHead()
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
        let body = try connection.read(hasBody ? length ?? 0 : 0)
        let head = lines.joined(separator: "\r\n") + "\r\n"
        return Reply(status: status, head: head, body: String(decoding: body, as: UTF8.self))
    }

    /// Reads so many bytes of a body.
    func read(bytes count: Int) throws -> [UInt8] { try connection.read(count) }

    /// Reads one chunk of a body (RFC 9112, section 7.1); the last one is empty.
    func readChunk() throws -> String {
        var size: [UInt8] = []
        while !size.ends(with: [13, 10]) { size += try connection.read(1) }
        let count = Int(String(decoding: size.dropLast(2), as: UTF8.self), radix: 16) ?? 0
        let chunk = try connection.read(count + 2)
        return String(decoding: chunk.dropLast(2), as: UTF8.self)
    }

    func exchange(_ text: String, hasBody: Bool = true) throws -> Reply {
        try send(text)
        return try read(hasBody: hasBody)
    }

    func isClosedByServer() -> Bool { connection.isClosedByServer() }
}

/// A request line with a Host field and others, and a body with its length.
func request(_ line: String, fields: [String] = [], body: String? = nil) -> String {
    let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
    return (["\(line) HTTP/1.1", "Host: test"] + fields + length).joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
}

extension [UInt8] {
    fileprivate func ends(with end: [UInt8]) -> Bool { suffix(end.count).elementsEqual(end) }
}
