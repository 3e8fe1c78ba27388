import HTTPTypes
import Logging
import MicroHTTP
import Myosin
import Primitives
import TestSupport
import Testing

@testable import MyosinService

/// Middleware around the program's own routes and those of the service.
@Suite struct MiddlewareTests {
    private static let name = HTTPField.Name(validated: "X-Order")

    /// Notes its name in the order in which responses pass.
    private static func noting(_ text: String) -> Middleware {
        { request, next in
            var request = request
            request.headers.append(HTTPField(name: name, value: text))
            var response = await next(request)
            response.fields[name] = (response.fields[name].map { "\($0) " } ?? "") + text
            return response
        }
    }

    private static let order = Route(.get, "/order/{x}") { request in
        .text(request.headers[values: name].joined(separator: " ") + " " + (request.parameters["x"] ?? ""))
    }

    /// Lets only those in who know the word.
    private static let guarding: Middleware = { request, next in
        guard request.headers[.authorization] == "Bearer swordfish" else {
            throw Problem(.unauthorized, "Say who you are.", fields: [.wwwAuthenticate: "Bearer"])
        }
        return await next(request)
    }

    @Test(arguments: [Way.direct, .socket]) func theFirstIsTheOutermost(way: Way) throws {
        let fixture = try Fixture(way, routes: [Self.order], middleware: [Self.noting("a"), Self.noting("b")])
        let reply = try fixture.reply(to: .get("/order/x"))
        #expect(reply.text == "a b x\n" && reply.fields[Self.name] == "b a")
    }

    /// Each with the same answer as without middleware, but for the field.
    @Test(
        arguments: [
            Call.get("/"), .get("/state"), .get("/state/User"), .get("/state/User/name"), .get("/state/None"),
            .get("/none"),
            .get("/healthz"), .get("/readyz"), .get("/openapi.json"), .get("/schema/User"),
            Call(.options, "/state/User"),
            Call(.options, "*"), Call(.head, "/state/User"), Call(.post, "/state/User", body: [1]),
            .put("/state/Counter", "{\"count\": 5}"), .put("/state/Counter", "[1"),
            .patch("/state", "{\"Counter\":{\"count\":1}}"),
            .put("/state/Counter", String(repeating: " ", count: 500_000) + "{\"count\": 5}"),
            .delete("/state/Counter"),
        ],
        [Way.direct, .socket]
    ) func routesOfTheServicePassIt(call: Call, way: Way) throws {
        let plain = try Fixture(way, routes: [Self.order]).reply(to: call)
        let fixture = try Fixture(way, routes: [Self.order], middleware: [Self.noting("a")])
        let reply = try fixture.reply(to: call)
        #expect(reply.status == plain.status && reply.fields[Self.name] == "a")
        // The page has another nonce each time.
        #expect(call.path == "/" || reply.body.count == plain.body.count)
        #expect(reply.fields[.allow] == plain.fields[.allow])
        #expect(reply.fields[.contentType] == plain.fields[.contentType])
    }

    /// By whatever route, and whatever its header alone would decide.
    @Test(
        arguments: [
            Call.get("/order/x"), .get("/state"), .get("/state/None"), .get("/none"), .get("/metrics"),
            .put("/state/None", "{}"), .put("/state/User", "{}", (.ifMatch, "\"1\"")), Call(.options, "/state"),
            .put("/state/User", "{}", (.contentType, "text/xml")), Call(.post, "/order/x", body: []),
            .get("/state?watch"),
        ],
        [Way.direct, .socket]
    ) func itMayKeepStrangersOut(call: Call, way: Way) throws {
        let fixture = try Fixture(way, routes: [Self.order], middleware: [Self.guarding])
        let reply = try fixture.reply(to: call)
        #expect(reply.status == 401 && reply.fields[.wwwAuthenticate] == "Bearer")
        var known = call
        known.fields.append((.authorization, "Bearer swordfish"))
        if !call.path.contains("watch") { #expect(try fixture.reply(to: known).status != 401) }
    }

    @Test func itAnswersItself() throws {
        let fixture = try Fixture(.direct, middleware: [{ request, _ in .text("\(request.method) \(request.path)") }])
        #expect(try fixture.reply(to: .put("/state/User", "{}")).text == "PUT /state/User\n")
        #expect(fixture.sample("myosin_http_requests_total{route=\"/state/{model}\",method=\"PUT\",code=\"200\"}") == 1)
    }

    @Test(arguments: [Place.loopback, .unix]) func streamsPassIt(at place: Place) async throws {
        let log = RecordedLog()
        let fixture = try Fixture(.socket, at: place, middleware: [Self.noting("a")], logger: log.logger) {
            ($0.logsAccess, $0.maxHandlers) = (true, 1)
        }
        var clients = try (0..<3).map { _ in try fixture.connect() }
        for client in clients {
            try client.send(.get("/state/Counter?watch"))
            let reply = try client.read(method: .get)
            #expect(reply.status == 200 && reply.fields[Self.name] == "a")
            #expect(reply.fields[.contentType] == "text/event-stream")
            try Self.readEvent(of: client)
        }
        try await fixture.state.update(Counter.self) { $0.count += 1 }
        for client in clients { try Self.readEvent(of: client) }
        #expect(fixture.sample("myosin_http_watchers") == 3)
        clients = []
        try await until { fixture.sample("myosin_http_watchers") == 0 }
        let lines = log.lines.filter { $0.message == "Request" }
        #expect(lines.count == 3)
        for line in lines { #expect("\(line.metadata["http.responseBytes"] ?? "0")" != "0") }
    }

    /// Reads up to the end of an event with data.
    private static func readEvent(of client: Client) throws {
        var text = ""
        while !text.contains("data:") || !text.hasSuffix("\n\n") {
            text += String(decoding: try client.readChunk(), as: UTF8.self)
        }
    }

    /// A middleware that answers otherwise lets go of the watcher.
    @Test func aStreamThatIsNotPassedOnEnds() async throws {
        let fixture = try Fixture(
            .socket,
            middleware: [
                { request, next in
                    let response = await next(request)
                    return .text("instead of \(response.status.code)")
                }
            ]
        )
        #expect(try fixture.reply(to: .get("/state?watch")).text == "instead of 200\n")
        try await until { fixture.sample("myosin_http_watchers") == 0 }
    }

    /// Clients that wait for a change take no place from others, and no deadline ends their wait.
    @Test func waitsOfTheServiceTakeNoPlace() async throws {
        let clock = StandingClock()
        let fixture = try Fixture(.socket, routes: [Self.order], middleware: [Self.noting("a")]) {
            ($0.clock, $0.maxHandlers, $0.handlerTimeout) = (clock.reading, 1, .seconds(30))
        }
        let tag = try #require(try fixture.reply(to: .get("/state/Counter")).fields[.eTag])
        let clients = try (0..<4).map { _ in try fixture.connect() }
        for client in clients {
            try client.send(.get("/state/Counter", (.ifNoneMatch, tag), (.prefer, "wait=300")))
        }
        try await until { fixture.sample("myosin_http_watchers") == 4 }
        // Each of them begins after the one before has ended: by then the server has read its mail and the time.
        for _ in 0..<3 {
            #expect(try fixture.reply(to: .get("/order/x")).status == 200)
            clock.advance(by: .seconds(31))
        }
        #expect(try fixture.reply(to: .get("/order/x")).status == 200)
        for client in clients { #expect(!client.hasAnswer) }
        try await fixture.state.update(Counter.self) { $0.count += 1 }
        for client in clients {
            let reply = try client.read(method: .get)
            #expect(reply.status == 200 && reply.fields[Self.name] == "a")
        }
    }

    /// However busy the program's own handlers are, and however many wait for them.
    @Test func busyHandlersLeaveTheServiceItsThreads() async throws {
        let (entered, gate) = (Lock(0), Gate())
        defer { gate.open() }
        let slow = Route(.get, "/slow") { _ in
            entered.withLock { $0 += 1 }
            gate.wait()
            return .text("slow")
        }
        let fixture = try Fixture(.socket, routes: [slow], middleware: [Self.noting("a")]) {
            ($0.maxHandlers, $0.clock) = (10, StandingClock().reading)
        }
        let clients = try (0..<20).map { _ in try fixture.connect() }
        for client in clients { try client.send(.get("/slow")) }
        try await until { entered.withLock { $0 } == HandlerTasks.maxThreads }
        let others = try ["/healthz", "/readyz", "/metrics", "/state/User"]
            .map { path in
                let client = try fixture.connect()
                try client.send(.get(path))
                return client
            }
        try await until { others.allSatisfy(\.hasAnswer) }
        for client in others { #expect(try client.read(method: .get).status == 200) }
        #expect(entered.withLock { $0 } == HandlerTasks.maxThreads)
        gate.open()
        for client in clients {
            let reply = try client.read(method: .get)
            #expect(reply.text == "slow\n" && reply.fields[Self.name] == "a")
        }
    }

    @TaskLocal private static var user = "nobody"

    /// Also after a wait for a place.
    @Test func handlersSeeTheTaskLocalsOfMiddleware() async throws {
        let identifying: Middleware = { request, next in
            await Self.$user.withValue(request.query["user"] ?? "") { await next(request) }
        }
        let route = Route(.get, "/user") { _ in
            for _ in 0..<5 { await Task.yield() }
            return .text(Self.user)
        }
        let fixture = try Fixture(.direct, routes: [route], middleware: [identifying]) { $0.maxHandlers = 2 }
        let calls = try (0..<100).map { try fixture.begin(.get("/user?user=\($0)")) }
        try await until { calls.allSatisfy(\.isAnswered) }
        for (number, call) in calls.enumerated() { #expect(try call.reply().text == "\(number)\n") }
    }

    @Test func anErrorWithoutARouteIsLoggedAsTheMetricsCountIt() throws {
        let log = RecordedLog()
        let fixture = try Fixture(
            .direct,
            middleware: [{ _, _ in throw CancellationError() }],
            logger: log.logger
        )
        #expect(try fixture.reply(to: .get("/secret/path")).status == 500)
        let line = try #require(log.lines.first { $0.message == "A route has failed" })
        #expect(line.metadata["http.route"] == "GET none")
    }

    @Test func clientsThatLeaveGiveUpTheirPlacesAsWatchers() async throws {
        let fixture = try Fixture(.socket, middleware: [Self.noting("a")])
        let tag = try #require(try fixture.reply(to: .get("/state/Counter")).fields[.eTag])
        var clients = try (0..<4).map { _ in try fixture.connect() }
        for client in clients {
            try client.send(.get("/state/Counter", (.ifNoneMatch, tag), (.prefer, "wait=300")))
        }
        try await until { fixture.sample("myosin_http_watchers") == 4 }
        clients = []
        try await until { fixture.sample("myosin_http_watchers") == 0 && fixture.service?.handlers.count == 0 }
    }

    /// What it does with a request is what the routes see.
    @Test func itMayChangeTheRequest() throws {
        let rewriting: Middleware = { request, next in
            var request = request
            if request.path == "/old" { request.path = "/order/new" }
            return await next(request)
        }
        let fixture = try Fixture(.direct, routes: [Self.order], middleware: [rewriting])
        #expect(try fixture.reply(to: .get("/old")).text == " new\n")
    }
}
