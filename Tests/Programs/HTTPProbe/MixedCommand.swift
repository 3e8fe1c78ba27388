internal import Glibc

/// Requests of every kind, good and bad, many on each connection.
struct MixedCommand {
    let address: String
    let requests: Int
    private static let connections = 32

    private struct Kind {
        let text: String
        let status: Int
        let closes: Bool

        init(_ text: String, _ status: Int, closes: Bool = false) {
            (self.text, self.status, self.closes) = (text, status, closes)
        }
    }

    private static let kinds = [
        Kind(requestText("GET /hello"), 200),
        Kind(requestText("GET /fresh/name?a=1&b=%20"), 200),
        Kind(requestText("PUT /echo", "Content-Length: 5") + "hello", 200),
        Kind(requestText("GET /soon"), 200),
        Kind(requestText("GET /nothing"), 404),
        Kind(requestText("DELETE /hello"), 405),
        Kind(requestText("GET /medium"), 200),
        Kind(requestText("GET /a%2fb"), 400, closes: true),
        Kind(requestText("PUT /echo", "Transfer-Encoding: chunked"), 411, closes: true),
        Kind(requestText("GET /hello", "A : b"), 400, closes: true),
    ]

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(Self.connections)
        var statuses: [Int: Int] = [:]
        var wrong = 0
        for number in 0..<requests {
            let index = number % Self.connections
            // The kinds that close are a tenth of all, as each costs a new connection.
            let pick = number / Self.connections
            let kind = Self.kinds[pick % 10 < 9 ? pick % 7 : 7 + pick / 10 % 3]
            crowd.send(kind.text, on: index)
            let status = crowd.readAnswer(on: index)?.status ?? 0
            statuses[status, default: 0] += 1
            if status != kind.status { wrong += 1 }
            if kind.closes { try crowd.reconnect(index) }
        }
        HTTPProbe.say("requests=\(requests) wrong=\(wrong) \(IdleCommand.list(statuses))")
        crowd.closeAll()
    }
}
