import Foundation
import HTTPTypes
import Logging
import MicroHTTP
import Myosin
import Primitives
import TestSupport
import Testing

@testable import MyosinService

/// Routes of the program's own, beside those of the service.
@Suite struct ProgramRoutesTests {
    private struct Point: Codable, Equatable {
        var x: Int
        var y: Int
    }

    private struct Unhandled: Error, CustomStringConvertible {
        let description = "the password is swordfish"
    }

    private static let routes = [
        Route(.get, "/version") { _ in .json(["version": "1.0"]) },
        Route(.get, "/plain") { _ in .text("plain") },
        Route(.get, "/sum/{a}/{b}") { request in
            guard let a = request.parameters["a"].flatMap({ Int($0) }),
                let b = request.parameters["b"].flatMap({ Int($0) })
            else { throw Problem(.badRequest, "Add two integers.", fields: [.retryAfter: "7"]) }
            return .json(a + b)
        },
        Route(.get, "/file/{path*}") { request in .text(request.parameters["path"] ?? "") },
        Route(.get, "/query") { request in
            .json([request.query["x"] ?? "none"] + request.query.values(of: "x"))
        },
        Route(.post, "/point") { request in
            let point = try request.decode(Point.self)
            return .json(Point(x: point.y, y: point.x), status: .created, fields: [.location: "/point"])
        },
        // Its type has no form in documents, whatever the client sends.
        Route(.post, "/refused") { request in .json(try request.decode([String: IndexSet].self).count) },
        Route(.put, "/text") { request in .text(request.text ?? "no text, \(request.body.count) bytes") },
        Route(.get, "/agent") { request in .text(request.headers[.userAgent] ?? "") },
        Route(.get, "/unhandled") { _ in throw Unhandled() },
        Route(.get, "/invalid") { _ in throw ValidationError("/x", "must be even") },
        Route(.get, "/invalid-field") { _ in throw ValidationError(\User.email, "must be shorter") },
        Route(.get, "/busy") { _ in throw StateError.busyForTest },
        Route(.get, "/nan") { _ in .json(["x": [1, Double.nan]]) },
        Route.atOnce(.get, "/nan-at-once") { _, _ in .now(.json(Double.infinity)) },
        Route.atOnce(.get, "/nan-later") { _, _ in .later { $0.send(.json(Double.infinity)) } },
        Route.byHeader(.get, "/nan-by-header") { _, _ in .now(.json(Double.infinity)) },
        Route(.get, "/own-cancellation") { _ in throw CancellationError() },
        Route.atOnce(.get, "/at-once/{name}") { request, parameters in
            .now(.text("\(parameters["name"] ?? "") \(request.query["x"] ?? "")"))
        },
        Route(.get, "/huge") { _ in .json((0..<1_000_000).map { "element \($0)" }) },
    ]

    private func fixture(_ way: Way = .direct, at place: Place = .loopback, logger: Logger? = nil) throws -> Fixture {
        try Fixture(way, at: place, routes: Self.routes, logger: logger)
    }

    @Test(
        arguments: [
            (Call.get("/version"), 200, "{\"version\":\"1.0\"}\n"),
            (.get("/plain"), 200, "plain\n"),
            (.get("/sum/2/40"), 200, "42\n"),
            (.get("/file/a/b/c.txt"), 200, "a/b/c.txt\n"),
            (.get("/query?x=1&y=2&x=3"), 200, "[\"1\",\"1\",\"3\"]\n"),
            (.get("/query"), 200, "[\"none\"]\n"),
            (.get("/query?x"), 200, "[\"\",\"\"]\n"),
            (Call(.post, "/point", body: Array("{\"x\":1,\"y\":2}".utf8)), 201, "{\"x\":2,\"y\":1}\n"),
            (.put("/text", "Grüße"), 200, "Grüße\n"),
            (Call(.put, "/text", body: [0xFF]), 200, "no text, 1 bytes\n"),
            (.get("/agent", (.userAgent, "curl/8")), 200, "curl/8\n"),
            (.get("/at-once/Ada?x=1"), 200, "Ada 1\n"),
            (.get("/state/Counter"), 200, nil),
            (.get("/healthz"), 200, "ok\n"),
        ] as [(Call, Int, String?)],
        [Way.direct, .socket]
    )
    func handlersGetTheRequestAndMakeTheResponse(row: (call: Call, status: Int, body: String?), way: Way) throws {
        let reply = try fixture(way).reply(to: row.call)
        #expect(reply.status == row.status)
        if let body = row.body { #expect(reply.text == body) }
    }

    @Test(arguments: [Way.direct, .socket]) func headOptionsAndOtherMethodsAreAnsweredAsByTheService(way: Way) throws {
        let fixture = try fixture(way)
        let head = try fixture.reply(to: Call(.head, "/version"))
        #expect(head.status == 200 && head.body == [] && head.fields[.contentLength] == "18")
        let options = try fixture.reply(to: Call(.options, "/version"))
        #expect(options.status == 204 && options.fields[.allow] == "GET, HEAD, OPTIONS")
        let wrong = try fixture.reply(to: .put("/version", "1"))
        #expect(wrong.status == 405 && wrong.fields[.allow] == "GET, HEAD, OPTIONS")
        #expect(wrong.text.contains("/version does not take PUT; it takes GET, HEAD, OPTIONS."))
        let wrongState = try fixture.reply(to: Call(.post, "/state/Counter", body: []))
        #expect(wrongState.status == 405 && wrongState.text.contains("PUT -d"))
        let unknown = try fixture.reply(to: .get("/versoin"))
        #expect(unknown.status == 404 && unknown.text.contains("Did you mean /version?"))
        let server = try fixture.reply(to: Call(.options, "*"))
        #expect(server.fields[.allow]?.contains("POST") == true)
    }

    @Test(
        arguments: [
            (Call(.post, "/point", body: Array("{\"x\":1".utf8)), 400, "not JSON"),
            (Call(.post, "/point", [(.contentType, "text/xml")], body: Array("<x/>".utf8)), 415, "text/xml"),
            (Call(.post, "/point", [(.contentEncoding, "gzip")], body: [1]), 415, "gzip"),
            (Call(.post, "/point", body: Array("{\"x\":1.5,\"z\":2}".utf8)), 422, "\"pointer\":\"/x\""),
            (Call(.post, "/point", body: Array("{\"x\":1.5,\"z\":2}".utf8)), 422, "\"pointer\":\"/y\""),
            (.get("/sum/2/two"), 400, "Add two integers."),
            (.get("/unhandled"), 500, "Something went wrong"),
            (.get("/invalid"), 422, "\"pointer\":\"/x\""),
            (.get("/invalid-field"), 422, "\"pointer\":\"/email\""),
            (.get("/busy"), 503, "detail"),
            (.get("/nan"), 500, "Something went wrong"),
            (.get("/nan-at-once"), 500, "Something went wrong"),
        ] as [(Call, Int, String)]
    ) func errorsAreProblems(call: Call, status: Int, part: String) throws {
        let reply = try fixture().reply(to: call)
        #expect(reply.status == status)
        #expect(reply.fields[.contentType] == "application/problem+json")
        #expect(reply.text.contains(part), "\(reply.text)")
        #expect(!reply.text.contains("swordfish"))
        if call.path == "/sum/2/two" { #expect(reply.fields[.retryAfter] == "7") }
    }

    @Test(
        arguments: [
            ("/unhandled", "swordfish"), ("/nan", "use a finite number"), ("/nan-at-once", "use a finite number"),
            ("/nan-later", "use a finite number"), ("/nan-by-header", "use a finite number"),
            ("/own-cancellation", "CancellationError"),
        ],
        [0, 2]
    ) func whatIsNotForClientsIsLoggedOnce(row: (path: String, part: String), middlewareCount: Int) throws {
        let log = RecordedLog()
        let fixture = try Fixture(
            .direct,
            routes: Self.routes,
            middleware: Array(repeating: Self.passing, count: middlewareCount),
            logger: log.logger
        )
        #expect(try fixture.reply(to: .get(row.path)).status == 500)
        let lines = log.lines.filter { $0.message == "A route has failed" }
        let line = try #require(lines.first)
        #expect(lines.count == 1 && line.level == .error && line.metadata["http.route"] == "GET \(row.path)")
        #expect("\(line.metadata["error"] ?? "")".contains(row.part))
    }

    @Test func aHugeAnswerArrivesWhole() throws {
        let reply = try fixture(.socket).reply(to: .get("/huge"))
        #expect(reply.status == 200)
        #expect(try JSONValue(parsing: reply.body) == .array((0..<1_000_000).map { .string("element \($0)") }))
    }

    /// The program is to be mended, not the request.
    @Test func aTypeThatCannotBeDecodedIsLogged() throws {
        let log = RecordedLog()
        let fixture = try fixture(logger: log.logger)
        let refused = try Refused(fixture.reply(to: Call(.post, "/refused", body: Array(#"{"a":{}}"#.utf8))))
        #expect(refused.status == 500 && !refused.detail.contains("IndexSet"))
        let line = try #require(log.lines.first { $0.message == "A route has failed" })
        #expect(line.metadata["http.route"] == "POST /refused")
        #expect("\(line.metadata["error"] ?? "")".contains("has the type IndexSet of Foundation"), "\(line)")
    }

    // MARK: Beside the service

    @Test(
        arguments: [
            ([Route(.get, "version") { _ in .text("") }], "must begin with a slash"),
            ([Route(.get, "/a{b}") { _ in .text("") }], "must be a whole segment"),
            ([Route(.get, "/{b*}/c") { _ in .text("") }], "nothing may follow"),
            ([Route(.get, "/{b}/{b}") { _ in .text("") }], "the same name"),
            ([Route(.get, "/a%20b") { _ in .text("") }], "without percent signs"),
            ([Route(.get, "/healthz") { _ in .text("") }], "GET /healthz has a path of the service itself"),
            ([Route(.post, "/metrics") { _ in .text("") }], "POST /metrics has a path of the service itself"),
            ([Route(.get, "/state/{x}") { _ in .text("") }], "GET /state/{x} is below /state"),
            ([Route(.options, "/x") { _ in .text("") }], "OPTIONS /x would have no access rule"),
            (
                [Route(.connect, "/x") { _ in .text("") }],
                "CONNECT /x has a method that the server refuses; use one of GET,"
            ),
            ([Route(.get, "/a/../b") { _ in .text("") }], "must have no segment . or .."),
            ([Route(.delete, "/schema") { _ in .text("") }], "DELETE /schema is below /schema"),
            (
                [Route(.get, "/a/{x}") { _ in .text("") }, Route(.get, "/a/{y}") { _ in .text("") }],
                "GET /a/{x} and GET /a/{y} answer the same requests"
            ),
        ] as [([Route], String)]
    ) func conflictsAreErrorsAtTheStart(routes: [Route], sentence: String) throws {
        let state = try State(cache: .none)
        let service = StateService(
            state: state,
            configuration: ServiceConfiguration(addresses: [.loopback(port: 0)]),
            routes: routes
        )
        let error = #expect(throws: ServerError.self) { try service.start() }
        #expect(error?.code == .badRoute)
        #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            ("metrics", "must begin with a slash"), ("/state", "is one of the service already"),
            ("/state/x", "is one of the service already"), ("/healthz", "is one of the service already"),
            ("/", "is one of the service already"), ("/a%20b", "without percent signs"),
        ]
    ) func metricsAtAPathThatCannotBeAreAnErrorAtTheStart(path: String, sentence: String) throws {
        var configuration = ServiceConfiguration(addresses: [.loopback(port: 0)])
        configuration.telemetryPath = path
        let service = StateService(state: try State(cache: .none), configuration: configuration)
        let error = #expect(throws: ServerError.self) { try service.start() }
        #expect(error?.code == .badRoute)
        #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
    }

    /// A template for everything gets what the service has no path for, whatever the method.
    @Test func pathsOfTheServiceComeFirst() throws {
        let everything = [HTTPRequest.Method.get, .put, .delete]
            .map { method in
                Route(method, "/{path*}") { request in .text("mine: \(request.parameters["path"] ?? "")") }
            }
        let fixture = try Fixture(.direct, routes: everything)
        #expect(try fixture.reply(to: .get("/healthz")).text == "ok\n")
        #expect(try fixture.reply(to: .delete("/healthz")).status == 405)
        #expect(try fixture.reply(to: .put("/metrics", "")).status == 405)
        #expect(try fixture.reply(to: .get("/state/None")).status == 404)
        #expect(try fixture.reply(to: .get("/page/a")).text == "mine: page/a\n")
        #expect(try fixture.reply(to: .put("/page/a", "1")).text == "mine: page/a\n")
        #expect(try fixture.reply(to: .get("/")).text.contains("<html"))
    }

    @Test func aRouteMayReplaceThePage() throws {
        let fixture = try Fixture(.direct, routes: [Route(.get, "/") { _ in .text("mine") }])
        #expect(try fixture.reply(to: .get("/")).text == "mine\n")
        let other = try Fixture(.direct, routes: [Route(.post, "/") { _ in .text("mine") }])
        #expect(try other.reply(to: .get("/")).text.contains("<html"))
        #expect(try other.reply(to: Call(.post, "/", body: [])).text == "mine\n")
    }

    @Test(arguments: [Way.direct, .socket]) func requestsAreCountedByTheirTemplates(way: Way) throws {
        let fixture = try fixture(way)
        for number in 0..<5 { _ = try fixture.reply(to: .get("/sum/1/\(number)")) }
        _ = try fixture.reply(to: .get("/sum/1/x"))
        // Counted when the answer is given, before it arrives.
        let series = "myosin_http_requests_total{route=\"/sum/{a}/{b}\",method=\"GET\",code="
        #expect(fixture.sample(series + "\"200\"}") == 5)
        #expect(fixture.sample(series + "\"400\"}") == 1)
        #expect(try fixture.reply(to: .get("/openapi.json")).status == 200)
    }

    @Test func requestsAreLines() throws {
        let log = RecordedLog()
        let fixture = try Fixture(.direct, routes: Self.routes, logger: log.logger) { $0.logsAccess = true }
        _ = try fixture.reply(to: .get("/sum/1/2?secret=1"))
        let line = try #require(log.lines.first { $0.message == "Request" })
        #expect(
            line.metadata["http.path"] == "/sum/1/2" && line.metadata["http.responseBytes"] == .stringConvertible(2)
        )
    }

    /// GET and HEAD need read access, and all other methods write access.
    @Test(
        arguments: [
            (AnonymousAccess.metrics, Call.get("/version"), 403), (.read, .get("/version"), 200),
            (.read, Call(.head, "/version"), 200), (.read, .put("/text", "a"), 403), (.write, .put("/text", "a"), 200),
            (.none, Call(.options, "/version"), 204),
            (.write, Call.get("/version").with(host: "rebound.example"), 421),
            (.write, .put("/text", "a", (.origin, "https://other.example")), 403),
        ] as [(AnonymousAccess, Call, Int)]
    )
    func accessRulesApply(access: AnonymousAccess, call: Call, status: Int) throws {
        for middleware in [[], [Self.passing]] {
            let fixture = try Fixture(
                .direct,
                at: .everywhere,
                access: access,
                routes: Self.routes,
                middleware: middleware
            )
            #expect(try fixture.reply(to: call).status == status)
        }
    }

    private static let passing: Middleware = { request, next in await next(request) }
}

extension StateError {
    /// An error that the engine gives when too many wait.
    fileprivate static var busyForTest: StateError { StateError(.busy, "too many wait") }
}
