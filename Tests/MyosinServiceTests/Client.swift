import HTTPTypes
import MicroHTTP
import TestSupport

/// A client that writes the bytes of a call as they are and reads the response.
final class Client {
    private let connection: RawConnection

    init(_ address: BoundAddress) throws {
        // An address that is all of them takes IPv4 too.
        let isEverywhere = address.host?.contains(":") == true
        connection = try RawConnection(
            isEverywhere ? BoundAddress(host: "127.0.0.1", port: address.port ?? 0) : address
        )
    }

    /// Ends the client's side; it may still read.
    func finishSending() { connection.finishSending() }

    func send(_ call: Call) throws { try connection.send(call.bytes) }

    /// Reads a piece of a body that comes in pieces (RFC 9112, section 7.1); empty at its end.
    func readChunk() throws -> [UInt8] {
        var size = ""
        while !size.hasSuffix("\r\n") { size += String(decoding: try connection.read(1), as: UTF8.self) }
        guard let count = Int(size.dropLast(1), radix: 16) else {
            throw RawConnection.Failure(what: "\(size) is not a size")
        }
        let chunk = try connection.read(count)
        _ = try connection.read(2)
        return chunk
    }

    /// Whether anything has come that was not read.
    var hasAnswer: Bool { connection.hasMore }

    func read(method: HTTPRequest.Method) throws -> Reply {
        let lines = try connection.readHead()
        let statusLine = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard statusLine.count == 3, let status = Int(statusLine[1]) else {
            throw RawConnection.Failure(what: "no status line")
        }
        var fields = HTTPFields()
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), let name = HTTPField.Name(String(line[..<colon])) else {
                throw RawConnection.Failure(what: "\(line) is not a field")
            }
            fields.append(HTTPField(name: name, value: String(line[colon...].dropFirst().drop { $0 == " " })))
        }
        let hasBody = method != .head && status != 204 && status != 304
        let body = try connection.read(hasBody ? fields[.contentLength].flatMap { Int($0) } ?? 0 : 0)
        return Reply(status: status, reason: String(statusLine[2]), fields: fields, body: body)
    }
}
