import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

/// Clients that close their side of the connection when they have sent their request, as `nc -N` does, and then read the answer.
@Suite struct HalfClosedTests {
    private static let routes =
        Fixture.routes + [
            Route.atOnce(.get, "/soon") { _, _ in
                .later { responder in
                    // Answered by another thread, while libmicrohttpd has the connection set aside.
                    _ = try? WorkerThread { responder.send(.text(status: .ok, "soon")) }
                }
            }
        ]

    /// Other connections are open: libmicrohttpd looks at its oldest one in another order.
    @Test(arguments: ["/hello", "/soon", "/echo"]) func theyGetTheirAnswersAndAreGone(path: String) async throws {
        let fixture = try Fixture(Self.routes)
        let others = try (0..<3).map { _ in try fixture.connect() }
        for other in others { #expect(try other.exchange(request("GET /hello")).status == 200) }
        let body = path == "/echo" ? "Content-Length: 3\r\n\r\nabc" : "\r\n"
        let method = path == "/echo" ? "PUT" : "GET"
        for _ in 0..<20 {
            let client = try RawConnection(fixture.addresses[0])
            try client.send(Array("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(body)".utf8))
            client.finishSending()
            #expect(try client.readHead().first == "HTTP/1.1 200 OK")
            _ = try client.readToEnd()
        }
        try await until { fixture.server.statistics.connections == others.count }
    }

    /// They send several requests at once, whose answers all come.
    @Test(arguments: ["/hello", "/soon"]) func theyGetAllAnswers(path: String) async throws {
        let fixture = try Fixture(Self.routes)
        let requests = 5
        for _ in 0..<20 {
            let client = try RawConnection(fixture.addresses[0])
            let request = "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
            try client.send(Array(String(repeating: request, count: requests).utf8))
            client.finishSending()
            let answers = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(answers.split(separator: "HTTP/1.1 200 OK").count == requests)
        }
        try await until { fixture.server.statistics.connections == 0 }
    }

    /// The rest of a body, or of a header, is not waited for.
    @Test(arguments: [
        "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", "GET /hello HTTP/1.1\r\nHo", "GET /h",
    ])
    func oneWithAPartOfARequestIsGone(_ begun: String) async throws {
        let fixture = try Fixture(Self.routes)
        let client = try RawConnection(fixture.addresses[0])
        try client.send(Array("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n\(begun)".utf8))
        client.finishSending()
        #expect(try client.readHead().first == "HTTP/1.1 200 OK")
        _ = try client.readToEnd()
        try await until { fixture.server.statistics.connections == 0 }
        #expect(fixture.server.statistics.requestsHandled == 1)
    }

    /// The end comes before libmicrohttpd has asked for the body.
    @Test func theyGetTheAnswerToABodyThatTheyOffered() async throws {
        let clock = StandingClock()
        let fixture = try Fixture(clock: clock, Self.routes)
        let offered = "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc"
        for count in [1, 2, 5] {
            for _ in 0..<10 {
                let client = try fixture.connect()
                let requests = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" + String(repeating: offered, count: count)
                try client.send(requests)
                client.finishSending()
                var answers = 0
                while answers <= count {
                    let status = try client.read().status
                    #expect([100, 200].contains(status))
                    if status != 100 { answers += 1 }
                }
                // The server looks for clients that have left once a second.
                clock.advance(by: .seconds(2))
                try fixture.look()
                #expect(client.isClosedByServer())
            }
        }
    }

    /// So many that libmicrohttpd has not read all of them when the first one is answered.
    @Test func oneThatSendsManyRequestsIsGone() async throws {
        let fixture = try Fixture(limits: ServerLimits(), Self.routes)
        let client = try RawConnection(fixture.addresses[0])
        let request = "GET /hello HTTP/1.1\r\nHost: a\r\nX-Padding: \(String(repeating: "x", count: 100))\r\n\r\n"
        try client.send(Array(String(repeating: request, count: 400).utf8))
        client.finishSending()
        let answers = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(answers.split(separator: "HTTP/1.1 200 OK").count == 400)
        try await until { fixture.server.statistics.connections == 0 }
        #expect(fixture.server.statistics.limitHits[.idleTime] == 0)
    }
}
