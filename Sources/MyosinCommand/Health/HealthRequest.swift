internal import MicroHTTP
internal import Primitives

/// A request without a body, and its whole answer: as much of HTTP/1.1 as a health check needs (RFC 9112).
struct HealthRequest {
    /// An answer, whose body is short.
    struct Answer {
        let status: Int
        /// The fields of its header, by their names in lower case.
        let fields: [String: String]
        let body: String
    }

    private let address: BoundAddress
    private let text: String
    /// The longest answer that is read; the service's own are shorter.
    private static let maxBytes = 65_536

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - method: GET or OPTIONS.
    ///   - path: the path.
    ///   - address: the server's; as an IP address it is a host that the server always answers for.
    init(_ method: String, _ path: String, at address: BoundAddress) {
        self.address = address
        let host = address.host == nil ? "localhost" : "\(address)"
        text = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
    }

    /// Sends the request and waits for the answer.
    ///
    /// - Parameter deadline: when it must be over.
    /// - Returns: the answer; nil for one that is not HTTP, too long or not whole.
    /// - Throws: `ClientConnection.Failure`.
    func answer(by deadline: ContinuousClock.Instant) throws(ClientConnection.Failure) -> Answer? {
        let connection = try ClientConnection(to: address, by: deadline)
        try connection.write(Array(text.utf8))
        var received: [UInt8] = []
        while received.count < Self.maxBytes {
            let piece = try connection.read()
            received += piece
            if let answer = Self.parse(received, isWhole: piece.isEmpty) { return answer }
            if piece.isEmpty { return nil }
        }
        return nil
    }

    /// Reads an answer; nil if it is not HTTP, or not complete yet.
    private static func parse(_ received: [UInt8], isWhole: Bool) -> Answer? {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1])
        else {
            return nil
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...]).trimmed
        }
        let body = text[end.upperBound...]
        let count = status == 204 ? 0 : fields["content-length"].flatMap { Int($0) }
        if let count, count < 0 { return nil }
        guard count.map({ body.utf8.count >= $0 }) ?? isWhole else { return nil }
        return Answer(status: status, fields: fields, body: String(body))
    }
}
