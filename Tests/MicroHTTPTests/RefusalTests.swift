import MicroHTTP
import Testing

@Suite struct RefusalTests {
    @Test(arguments: [
        ("GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a%f HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a/%2e%2E HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /./a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /hello?a=%f HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
        ("PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        ("PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chonked\r\n\r\n", 501),
        ("PUT /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("PUT /echo HTTP/1.1\r\nHost: a\r\n\r\n", 411),
        ("GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na", 400),
        ("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n", 413),
        ("GET /hello HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417),
        ("BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("G@T /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("GET /hello HTTP/1.2\r\nHost: a\r\n\r\n", 505),
    ])
    func whatIsNotValidIsRefusedOnceAndClosed(_ bytes: String, _ status: Int) throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        let reply = try client.exchange(bytes)
        #expect(reply.status == status)
        #expect(reply.has("Connection: close"))
        #expect(client.isClosedByServer())
    }

    @Test func aHostIsNotNeededInHTTP10() throws {
        let fixture = try Fixture()
        #expect(try fixture.connect().exchange("GET /hello HTTP/1.0\r\n\r\n").status == 200)
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

    @Test func aLongTargetIsRefused() throws {
        let fixture = try Fixture()
        let path = "/" + String(repeating: "a", count: 4 << 10)
        #expect(try fixture.connect().exchange(request("GET \(path)")).status == 414)
        #expect(try fixture.connect().exchange(request("GET \(path.dropLast())")).status == 404)
        #expect(try fixture.connect().exchange(request("GET /?\(path)")).status == 414)
    }

    @Test func aConnectionAboveTheLimitIsToldToComeBack() throws {
        var limits = ServerLimits()
        limits.connectionsMax = 1
        let fixture = try Fixture(limits: limits)
        let first = try fixture.connect()
        #expect(try first.exchange(request("GET /hello")).status == 200)
        let second = try fixture.connect()
        let reply = try second.exchange(request("GET /hello"))
        #expect(reply.status == 503)
        #expect(reply.has("Retry-After: 1"))
        #expect(try first.exchange(request("GET /hello")).status == 200)
    }
}
