import HTTPTypes
import MicroHTTP
import TestSupport
import Testing

/// What each answer has, also those that the server writes before or instead of libmicrohttpd.
@Suite struct EveryAnswerTests {
    private static let requests: [(text: String, status: Int)] = [
        ("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", 200), ("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        ("GET /hello HTTP/1.0\r\nA: b\r\n\r\n", 200), ("GET /shared HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        ("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", 200), ("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        ("GET /later HTTP/1.1\r\nHost: a\r\n\r\n", 500), ("GET /none HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405), ("OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n", 204),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204), ("nonsense\r\n\r\n", 400),
        ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /hello HTTP/1.1\r\n\r\n", 400),
        ("PUT /echo HTTP/1.1\r\nHost: a\r\n\r\n", 411), ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505), ("GET / HTTP/1.1\r\nHost: a\r\nExpect: b\r\n\r\n", 417),
        ("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", 413),
        ("GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("GET / HTTP/1.1\r\nHost: a\r\nA: \(String(repeating: "a", count: 40_000))\r\n\r\n", 431),
    ]

    private static let own: HTTPFields = [.date: "Sun, 06 Nov 1994 08:49:37 GMT", .xContentTypeOptions: "own"]

    private static var routes: [Route] {
        Fixture.routes + [
            Route.atOnce(.get, "/shared") { _, _ in .shared(SharedResponse(.text(status: .ok, "shared"))) },
            Route.atOnce(.get, "/stream") { _, _ in .stream(Response(status: .ok), ResponseStream { .end }) },
            Route.atOnce(.get, "/later") { _, _ in .later { _ in } },
            Route.atOnce(.get, "/own") { _, _ in .now(Response(status: .ok, fields: own)) },
        ]
    }

    private func lines(_ head: String, _ name: String) -> [Substring] {
        head.split(separator: "\r\n").filter { $0.lowercased().hasPrefix("\(name):") }
    }

    @Test(arguments: requests.indices) func itHasADateAndIsNotTakenForSomethingElse(row: Int) throws {
        let (text, status) = Self.requests[row]
        // As the first request of a connection, and as a later one, whose line libmicrohttpd reads, and refuses in its own words.
        for before in ["", "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"] {
            if !before.isEmpty, text.hasPrefix("nonsense") || [505, 414].contains(status) { continue }
            let fixture = try Fixture(Self.routes)
            let client = try fixture.connect()
            if !before.isEmpty { _ = try client.exchange(before) }
            let reply = try client.exchange(text, hasBody: !text.hasPrefix("HEAD"))
            #expect(reply.status == status)
            #expect(lines(reply.head, "x-content-type-options") == ["X-Content-Type-Options: nosniff"])
            #expect(lines(reply.head, "cross-origin-resource-policy") == ["Cross-Origin-Resource-Policy: same-origin"])
            let dates = lines(reply.head, "date")
            #expect(dates.count == 1 && HTTPDate.seconds(String(dates.first?.dropFirst(6) ?? "")) != nil, "\(dates)")
        }
    }

    /// A connection too many is refused before it has sent anything, and a body that does not come in the midst of it.
    @Test func refusedConnectionsAndLateBodiesHaveThemToo() throws {
        var limits = ServerLimits.patient
        limits.maxConnections = 0
        let full = try Fixture(limits: limits)
        limits.maxConnections = 10
        limits.bodyTimeout = .milliseconds(10)
        let clock = StandingClock()
        let slow = try Fixture(limits: limits, clock: clock)
        let late = try slow.connect()
        try late.send("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        try slow.look()
        clock.advance(by: .seconds(1))
        try slow.look()
        for (reply, status) in [(try full.connect().read(), 503), (try late.read(), 408)] {
            #expect(reply.status == status)
            #expect(reply.has("X-Content-Type-Options: nosniff"))
            #expect(reply.has("Cross-Origin-Resource-Policy: same-origin"))
            #expect(lines(reply.head, "date").count == 1)
        }
    }

    @Test func whatAHandlerSaysItselfIsKept() throws {
        let fixture = try Fixture(Self.routes)
        let reply = try fixture.connect().exchange("GET /own HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(lines(reply.head, "x-content-type-options") == ["X-Content-Type-Options: own"])
        #expect(lines(reply.head, "date") == ["Date: Sun, 06 Nov 1994 08:49:37 GMT"])
    }
}
