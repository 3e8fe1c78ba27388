import HTTPTypes
import MicroHTTP
import TestSupport
import Testing

/// Targets that are no mere path (RFC 9112, section 3.2).
@Suite struct TargetTests {
    private static let routes =
        Fixture.routes + [
            Route.atOnce(.get, "/host") { request, _ in .now(.text(status: .ok, request.host ?? "none")) },
            Route.atOnce(.get, "/") { request, _ in .now(.text(status: .ok, "root of \(request.host ?? "none")")) },
            Route.atOnce(.get, "/kept") { request, _ in
                let owned = request.owned()
                return .later { $0.send(.text(status: .ok, Request(owned).host ?? "none")) }
            },
        ]

    /// As HAProxy's `option httpchk` sends it, and as HTTP/1.1 has it.
    @Test(arguments: [
        "OPTIONS * HTTP/1.0\r\nA: b\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
    ])
    func optionsOfTheServerNamesAllMethods(_ text: String) throws {
        let fixture = try Fixture(Self.routes)
        let client = try fixture.connect()
        let reply = try client.exchange("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reply.status == 200)
        for client in [client, try fixture.connect()] {
            let reply = try client.exchange(text)
            #expect(reply.status == 204)
            #expect(reply.has("Allow: GET, HEAD, PUT, POST, OPTIONS"), "\(reply.head)")
        }
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE"]) func otherMethodsHaveNoSuchTarget(_ method: String) throws {
        let text = "\(method) * HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        let fixture = try Fixture(Self.routes)
        #expect(try fixture.connect().exchange(text, hasBody: method != "HEAD").status == 400)
    }

    @Test(arguments: [
        ("GET http://a.example:8000/host HTTP/1.0\r\nA: b\r\n\r\n", "a.example:8000\n"),
        ("GET HTTP://[::1]/host?x HTTP/1.0\r\nA: b\r\n\r\n", "[::1]\n"),
        ("GET http://a.example HTTP/1.0\r\nA: b\r\n\r\n", "root of a.example\n"),
        ("GET http://a.example/kept HTTP/1.0\r\nA: b\r\n\r\n", "a.example\n"),
        ("GET http://a.example/host HTTP/1.0\r\nHost: A.example\r\n\r\n", "A.example\n"),
        ("GET http://a.example/host HTTP/1.1\r\nHost: a.example\r\n\r\n", "a.example\n"),
        ("GET http://a.example:80/host HTTP/1.1\r\nHost: a.example\r\n\r\n", "a.example\n"),
        ("GET http://A.example./host HTTP/1.1\r\nHost: a.example:80\r\n\r\n", "a.example:80\n"),
        ("GET http://[::1]:80/host HTTP/1.1\r\nHost: [::1]\r\n\r\n", "[::1]\n"),
        ("GET /host HTTP/1.0\r\nA: b\r\n\r\n", "none\n"), ("GET /host HTTP/1.1\r\nHost: \r\n\r\n", "none\n"),
    ])
    func aWholeURLNamesTheHostWhereNoFieldDoes(_ text: String, _ body: String) throws {
        let fixture = try Fixture(Self.routes)
        #expect(try fixture.connect().exchange(text).body == body)
        let client = try fixture.connect()
        #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        #expect(try client.exchange(text).body == body)
    }

    @Test(arguments: [
        ("GET http:///host HTTP/1.0\r\nA: b\r\n\r\n", "the request target is not http://HOST/PATH"),
        ("GET http://a b/host HTTP/1.0\r\nA: b\r\n\r\n", ""),
        ("GET http://u@a/host HTTP/1.0\r\nA: b\r\n\r\n", "not http://HOST/PATH"),
        ("GET http://b/host HTTP/1.0\r\nHost: a\r\n\r\n", "another host than the Host field"),
        ("GET http://a:81/host HTTP/1.1\r\nHost: a\r\n\r\n", "another host than the Host field"),
        ("GET http://[::1]/host HTTP/1.1\r\nHost: [::80]\r\n\r\n", "another host than the Host field"),
        ("GET https://a/host HTTP/1.1\r\nHost: a\r\n\r\n", "write http:// in the request target"),
        ("GET http://a/host HTTP/1.1\r\n\r\n", "the Host field is missing"),
    ])
    func whatIsWrongWithOthersIsTold(_ text: String, _ detail: String) throws {
        let fixture = try Fixture(Self.routes)
        let reply = try fixture.connect().exchange(text)
        #expect(reply.status == 400 && reply.body.contains(detail), "\(reply.body)")
    }
}
