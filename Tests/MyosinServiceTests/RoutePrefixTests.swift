import HTTPTypes
import Logging
import MicroHTTP
import Myosin
import TestSupport
import Testing

@testable import MyosinService

/// The service below a path, as a proxy passes it on.
@Suite struct RoutePrefixTests {
    private func fixture(
        _ prefix: String = "/gw1",
        _ way: Way = .direct,
        access: AnonymousAccess = .write,
        routes: [Route] = [],
        middleware: [Middleware] = [],
        logger: Logger? = nil,
        adjust: (inout ServiceConfiguration) -> Void = { _ in }
    ) throws -> Fixture {
        let prefix = try #require(PathPrefix(prefix))
        return try Fixture(way, access: access, routes: routes, middleware: middleware, logger: logger) {
            $0.routePrefix = prefix
            adjust(&$0)
        }
    }

    /// Each answer is that of a service without a prefix.
    @Test(
        arguments: ["/gw1", "/a/b%20c/d"],
        Way.allCases
    ) func everythingIsBelowIt(prefix: String, way: Way) throws {
        let calls: [Call] = [
            .get("/"), .get("/state"), .get("/state/User"), .get("/state/User/name"), .get("/%73tate/User/%6Eame"),
            .get("/schema"), .get("/schema/User"), .get("/healthz"), .get("/readyz"),
            Call(.head, "/state/User"), Call(.options, "/state/User"), Call(.options, "*"),
            .put("/state/User/name", "\"anna\""), .put("/state/Counter", "{\"count\": 5}"),
            .patch("/state", "{\"Counter\":{\"count\":1}}"), .patch("/state/User", "{\"name\":\"bert\"}"),
            .delete("/state/User"), Call(.post, "/state/User", body: [1]), .put("/state/Counter", "[1"),
        ]
        let (plain, below) = (try Fixture(way, access: .write), try fixture(prefix, way))
        for call in calls {
            let expected = try plain.reply(to: call)
            let reply = try below.reply(to: call.path == "*" ? call : call.below(prefix))
            #expect(reply.status == expected.status && reply.status != 404, "\(call.path)")
            #expect(reply.fields[.allow] == expected.fields[.allow])
            // Only commands name the path.
            if !reply.text.contains(prefix) && call.path != "/" { #expect(reply.body == expected.body) }
            if call.path == "*" { continue }
            #expect(try below.reply(to: call).status == (call.path == "/" && call.method == .get ? 307 : 404))
        }
        #expect(try below.reply(to: .get("\(prefix)/metrics")).status == 200)
    }

    @Test func itsOtherSpellingsLeadThereToo() throws {
        for way in Way.allCases {
            let fixture = try fixture("/gw1/north", way)
            for path in ["/%67w1/north/state", "/gw1/n%6Frth/state", "/%67w1/%6e%6f%72%74%68/%73tate"] {
                #expect(try fixture.reply(to: .get(path)).status == 200, "\(path)")
            }
            for path in ["/%67w1/north", "/gw1/north"] {
                let reply = try fixture.reply(to: .get(path))
                #expect(reply.status == 307 && reply.fields[.location] == "/gw1/north/")
            }
        }
    }

    /// What looks like a path below the prefix and is none.
    @Test(arguments: [
        ("/gw1/../state", 400), ("/gw1/./state", 400), ("/gw1/%2e%2e/state", 400), ("/gw1%2fstate", 400),
        ("/gw1%00/state", 400), ("/gw1%/state", 400), ("//gw1/state", 404), ("/gw1//state", 404),
        ("/gw1/gw1/state", 404), ("/gw12/state", 404), ("/GW1/state", 404), ("/gw1;x/state", 404),
        ("/gw1%3Fx/state", 404), ("/x/gw1/state", 404), ("//", 404), ("/gw1//", 404), ("//evil.example/gw1", 404),
    ])
    func otherPathsDoNot(_ path: String, _ status: Int) throws {
        let fixture = try fixture("/gw1", .socket)
        for method in [HTTPRequest.Method.get, .head, .delete, .options] {
            let reply = try fixture.reply(to: Call(method, path))
            #expect(reply.status == status && reply.fields[.location] == nil, "\(method) \(path)")
        }
        let before = fixture.state.snapshot(of: "User")?.document
        #expect(try fixture.reply(to: .put(path, "{}")).status == status)
        #expect(fixture.state.snapshot(of: "User")?.document == before)
    }

    /// - Parameters: the URL, the prefix, and where the root and the prefix lead.
    @Test(arguments: [
        (nil, "/gw1", "/gw1/", "/gw1/"), ("https://a/gw1", "/gw1", "/gw1/", "/gw1/"),
        // The proxy adds the prefix: its clients never ask for the root here.
        ("https://a/", "/gw1", "/gw1/", "/"), ("https://a/x", "/gw1", "/gw1/", "/x/"),
    ])
    func theRootAndThePrefixLeadToThePage(url: String?, prefix: String, root: String, start: String) throws {
        let fixture = try fixture(prefix) { $0.externalURL = url.flatMap { ExternalURL($0) } }
        for (path, place) in [("/", root), (prefix, start)] {
            for method in [HTTPRequest.Method.get, .head] {
                let reply = try fixture.reply(to: Call(method, path))
                #expect(reply.status == 307 && reply.fields[.location] == place && reply.body.isEmpty)
            }
            // As load balancers ask.
            let options = try fixture.reply(to: Call(.options, path))
            #expect(options.status == 204 && options.fields[.allow] == "GET, HEAD, OPTIONS")
            #expect(try fixture.reply(to: .put(path, "1")).status == 404)
        }
    }

    @Test func outsideTheAnswerNamesThePrefix() throws {
        let own = Route(.get, "/version") { _ in .text("1") }
        let fixture = try fixture(routes: [own])
        for (path, detail) in [
            (
                "/state/User",
                "There is nothing at /state/User, because all paths begin with /gw1. "
                    + "Did you mean /gw1/state/User?"
            ),
            ("/version", "There is nothing at /version, because all paths begin with /gw1. Did you mean /gw1/version?"),
            ("/other", "There is nothing at /other, because all paths begin with /gw1."),
            ("/gw1/stat", "There is nothing at /gw1/stat. Did you mean /gw1/state?"),
            (
                "/gw1/other",
                "There is nothing at /gw1/other. There are: /gw1/, /gw1/healthz, /gw1/metrics, /gw1/openapi.json, "
                    + "/gw1/readyz, /gw1/schema, /gw1/state, /gw1/version."
            ),
        ] {
            let refused = try Refused(try fixture.reply(to: .get(path)))
            #expect(refused.status == 404 && refused.detail == detail)
        }
    }

    @Test func commandsBeginWithTheHostAndThePrefix() throws {
        let fixture = try fixture("/site%201/gw1")
        let place = "127.0.0.1:8000/site%201/gw1"
        for (call, text) in [
            (Call.get("/state/Usr"), "Type curl \(place)/state/User to read it."),
            (.get("/%73tate/Usr"), "Type curl \(place)/state/User to read it."),
            (.get("/state/User/name?watch"), "Type curl -N '\(place)/state/User?watch'."),
            (Call(.post, "/state/User"), "Type curl -X PUT -d '{…}' \(place)/state/User to replace it"),
            (Call(.post, "/state/Usr"), "Type curl \(place)/state/User to read it."),
            (.get("/schema/Usr"), "curl \(place)/schema/User"),
        ] {
            let call = call.below("/site%201/gw1").with(host: "127.0.0.1:8000")
            let refused = try Refused(try fixture.reply(to: call))
            #expect(refused.detail.contains(text), "\(refused.detail)")
        }
        let page = try fixture.reply(to: Call.get("/site%201/gw1/").with(host: "127.0.0.1:8000")).text
        #expect(page.contains(">curl \(place)/state\ncurl -N '\(place)/state?watch'<"))
        let document = try JSONValue(parsing: try fixture.reply(to: .get("/site%201/gw1/openapi.json")).body)
        #expect(document.value(at: ["servers"]) == [["url": "/site%201/gw1"]])
        #expect(document.value(at: ["paths", "/state"]) != nil)
    }

    /// `metrics` opens the paths below the prefix, and no others.
    @Test(arguments: ["/metrics", "/device/metrics"]) func theMetricsAreBelowItWithTheirAccess(path: String) throws {
        for way in [Way.direct, .socket] {
            let fixture = try Fixture(way, at: .everywhere, access: .metrics) {
                ($0.routePrefix, $0.telemetryPath) = (PathPrefix("/gw1"), path)
                $0.listeners[0].access = .metrics
            }
            for open in [path, "/healthz", "/readyz"] {
                #expect(try fixture.reply(to: .get("/gw1\(open)")).status == 200)
                #expect(try fixture.reply(to: .get(open)).status == 403)
                #expect(try fixture.reply(to: .get("/gw1/gw1\(open)")).status == 403)
            }
            for closed in ["/gw1/state", "/gw1/", "/gw1", "/"] {
                #expect(try fixture.reply(to: .get(closed)).status == 403)
            }
        }
    }

    @Test func aWriteIsDecidedByItsHeader() throws {
        let fixture = try fixture("/gw1", .socket)
        for (path, status) in [
            ("/gw1/state/Usr", 404), ("/state/User", 404), ("/gw1/state", 405), ("/%67w1/metrics", 405),
        ] {
            var head = Call.put(path, "")
            head.fields += [
                (HTTPField.Name(validated: "Expect"), "100-continue"), (.contentLength, "9"),
            ]
            head.body = nil
            let client = try fixture.connect()
            try client.send(head)
            // The body has not come.
            #expect(try client.read(method: .put).status == status, "\(path)")
        }
    }

    @Test func aStreamIsBelowIt() async throws {
        try await onThread {
            let fixture = try fixture("/gw1", .socket)
            let client = try fixture.connect()
            try client.send(.get("/%67w1/state/User?watch"))
            #expect(try client.read(method: .get).status == 200)
            var text = ""
            while !text.contains("event: snapshot") {
                text += String(decoding: try client.readChunk(), as: UTF8.self)
            }
            try fixture.state.update(User.self) { $0.name = "anna" }
            while !text.contains("\"anna\"") { text += String(decoding: try client.readChunk(), as: UTF8.self) }
        }
    }

    /// Routes are below the prefix, and handlers and middleware see the whole path.
    @Test(arguments: [Way.direct, .socket]) func routesAndMiddlewareOfTheProgramSeeTheWholePath(way: Way) throws {
        let seen = HTTPField.Name(validated: "X-Seen")
        let fixture = try fixture(
            "/gw1",
            way,
            routes: [
                Route(.get, "/tank/{name}") { request in
                    .text("\(request.path) \(request.parameters["name"] ?? "")")
                },
                Route.atOnce(.get, "/at-once") { request, _ in .now(.text(request.path)) },
            ],
            middleware: [
                { request, next in
                    var response = await next(request)
                    response.fields[seen] = request.path
                    return response
                }
            ]
        )
        for (path, text) in [
            ("/gw1/tank/main", "/gw1/tank/main main\n"), ("/%67w1/tank/a%20b", "/%67w1/tank/a%20b a b\n"),
            ("/gw1/at-once", "/gw1/at-once\n"), ("/gw1/healthz", "ok\n"),
        ] {
            let reply = try fixture.reply(to: .get(path))
            #expect(reply.status == 200 && reply.text == text && reply.fields[seen] == path)
        }
        #expect(try fixture.reply(to: .get("/tank/main")).status == 404)
        // Labels are templates, without the prefix.
        let page = try fixture.reply(to: .get("/gw1/metrics")).text
        #expect(page.contains("route=\"/tank/{name}\"") && !page.contains("\"/gw1"))
    }

    @Test func theAccessLogHasTheWholePath() throws {
        let recorded = RecordedLog()
        let fixture = try fixture(logger: recorded.logger) { $0.logsAccess = true }
        for path in ["/gw1/state", "/%67w1/state", "/state", "/"] { _ = try fixture.reply(to: .get(path)) }
        let lines = recorded.lines.filter { $0.message == "Request" }
        let summary = lines.map { "\($0.metadata["http.path"] ?? "") \($0.metadata["http.status"] ?? "")" }
        #expect(summary == ["/gw1/state 200", "/%67w1/state 200", "/state 404", "/ 307"])
    }
}
