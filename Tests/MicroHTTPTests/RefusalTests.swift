import Glibc
import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

@Suite struct RefusalTests {
    /// The requests that a handler was called for.
    private final class Calls: Sendable {
        private let paths = Lock<[String]>([])

        var all: [String] { paths.withLock { $0 } }

        func makeServer(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws -> (Server, BoundAddress) {
            var configuration = ServerConfiguration(addresses: [.loopback(port: 0)], limits: .patient)
            change(&configuration)
            let server = Server(configuration: configuration) { [paths] request in
                let line = "\(request.method) \(request.path)"
                paths.withLock { $0.append(line) }
                return .now(Response(status: .ok, body: .bytes(request.body)))
            }
            return (server, try server.start()[0])
        }
    }

    private static let next = "GET /next HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"

    /// Alone, and with another request behind it: that is not read any more.
    @Test(arguments: RefusedRequest.all + RefusedRequest.spellings, ["", next])
    func whatIsNotPlainlyOneRequestIsAnsweredOnceAndClosed(_ refused: RefusedRequest, _ rest: String) throws {
        let calls = Calls()
        let (server, address) = try calls.makeServer()
        let connection = try RawConnection(address)
        try connection.send(Array((refused.text.replacing("{id}", with: "1") + rest).utf8))
        let answer = String(decoding: try connection.readToEnd(), as: UTF8.self)
        #expect(calls.all == [])
        #expect(answer.hasPrefix("HTTP/1.1 \(refused.status) "), "\(answer)")
        #expect(answer.ranges(of: "HTTP/1.1 ").count == 1, "\(answer)")
        #expect(answer.contains("\r\nConnection: close\r\n"), "\(answer)")
        server.stop(within: .seconds(1))
    }

    /// On a connection that is kept libmicrohttpd reads the request line, and may refuse it in its own words or by closing;
    /// 1.0 also answers `Expect: 100-continue` before it closes.
    @Test(arguments: RefusedRequest.all + RefusedRequest.spellings)
    func whatIsNotPlainlyOneRequestIsRefusedLaterToo(_ refused: RefusedRequest) throws {
        let calls = Calls()
        let (server, address) = try calls.makeServer()
        let connection = try RawConnection(address)
        try connection.send(Array("GET /first HTTP/1.1\r\nHost: test\r\n\r\n".utf8))
        _ = try connection.readHead()
        try connection.send(Array((refused.text.replacing("{id}", with: "1") + Self.next).utf8))
        let answer = String(decoding: try connection.readToEnd(), as: UTF8.self)
        #expect(calls.all == ["GET /first"])
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 \(refused.status) "), "\(answer)")
        #expect(answer.isEmpty || answer.contains("\r\nConnection: close\r\n"), "\(answer)")
        #expect(answer.ranges(of: #/HTTP/1\.1 \d/#).count <= 1, "\(answer)")
        server.stop(within: .seconds(1))
    }

    private static let accepted = [
        "GET /a HTTP/1.1\r\nHost: localhost:8000\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: \r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: my_container.local\r\nAccept-Encoding: identity\r\nUser-Agent: Python-urllib/3.11\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: 10.0.0.1:8000\r\nUser-Agent: Prometheus/2.42.0\r\n"
            + "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n"
            + "Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n",
        "GET http://test/a HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET HTTP://Test:80/a HTTP/1.1\r\nHost: tEST:80\r\n\r\n",
        "GET /a?x=%20&y&z=/..%2f HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET /a?&&x HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost:test\r\nAccept:  a \t\r\nEmpty:\r\n\r\n",
        "GET /a HTTP/1.0\r\n\r\n",
        "GET /a HTTP/1.0\r\nHost: test\r\n\r\n",
        "\r\nGET /a HTTP/1.1\r\nHost: test\r\n\r\n",
        "DELETE /a HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: test\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: test\r\nContent-Length: 003\r\n\r\nabc",
        "PUT /a HTTP/1.1\r\nHost: test\r\ncontent-length: 3\r\n\r\nabc",
        "GET /a HTTP/1.1\r\nHost: test\r\nX-Bytes: caf\u{e9}\r\n!#$%&'*+-.^_`|~: \"quoted\\\"\"\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: test\r\nX-Tab: a\tb\r\nX-Other:\ta\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: test\r\n\((0..<99).map { "A\($0): b\r\n" }.joined())\r\n",
        "GET /a HTTP/1.1\r\nHost: test\r\nA: \(String(repeating: "a", count: 16_300))\r\n\r\n",
    ]

    @Test(arguments: accepted) func whatClientsSendIsTaken(_ text: String) throws {
        let calls = Calls()
        let (server, address) = try calls.makeServer()
        let connection = try RawConnection(address)
        try connection.send(Array((text + Self.next).utf8))
        let answer = String(decoding: try connection.readToEnd(), as: UTF8.self)
        let method = text.drop { $0 == "\r\n" }.prefix { $0 != " " }
        let isOld = text.contains("HTTP/1.0")
        #expect(calls.all == ["\(method) /a"] + (isOld ? [] : ["GET /next"]), "\(answer)")
        server.stop(within: .seconds(1))
    }

    /// White space around a value is no part of it (RFC 9110, section 5.5).
    @Test func handlersSeeValuesWithoutSpaceAround() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        for line in ["Accept:a", "Accept: \t a", "Accept:a \t", "Accept:  a  "] {
            #expect(try client.exchange(request("GET /hello/x", fields: [line])).body == "x  a\n", "\(line)")
        }
    }

    @Test func aHandlersRefusalKeepsTheConnection() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        #expect(try client.exchange(request("GET /nothing")).status == 404)
        let reply = try client.exchange(request("DELETE /hello"))
        #expect(reply.status == 405)
        #expect(reply.has("Allow: GET, HEAD, OPTIONS"))
        #expect(try client.exchange(request("GET /hello")).status == 200)
    }

    @Test func refusalsAreCounted() async throws {
        let fixture = try Fixture()
        for bytes in [
            "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n",
        ] {
            _ = try fixture.connect().exchange(bytes)
        }
        try await until { fixture.server.statistics.requestsRefused == 2 }
        #expect(fixture.server.statistics.limitHits[.bodyBytes] == 1)
        #expect(fixture.server.statistics.requestsHandled == 0)
    }
}
