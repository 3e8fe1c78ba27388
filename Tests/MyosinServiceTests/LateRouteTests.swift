import HTTPTypes
import Logging
import MicroHTTP
import Primitives
import TestSupport
import Testing

@testable import MyosinService

/// Routes of the program that run on the server's thread and answer later: how long they may take, with middleware and without.
@Suite struct LateRouteTests {
    private static let passing: Middleware = { request, next in await next(request) }

    /// Keeps responders, which are released with it otherwise.
    private final class Kept: Sendable {
        private let responders = Lock<[Responder]>([])
        var count: Int { responders.withLock { $0.count } }

        func keep(_ responder: Responder) { responders.withLock { $0.append(responder) } }

        func release() { responders.withLock { $0 = [] } }
    }

    /// A fixture whose clock stands still, with a route that answers later.
    private static func fixture(
        _ clock: StandingClock,
        hasMiddleware: Bool,
        isByHeader: Bool = false,
        logger: Logger? = nil,
        _ begin: @escaping @Sendable (Responder) -> Void
    ) throws -> Fixture {
        let route =
            isByHeader
            ? Route.byHeader(.put, "/later") { _, _ in .afterBody { _ in .later(begin) } }
            : Route.atOnce(.put, "/later") { _, _ in .later(begin) }
        return try Fixture(
            .socket,
            routes: [route],
            middleware: hasMiddleware ? [passing] : [],
            logger: logger
        ) { ($0.clock, $0.handlerTimeout) = (clock.reading, .seconds(30)) }
    }

    /// Has the server read its clock, once it has read its mail.
    private static func look(_ fixture: Fixture) throws { _ = try fixture.reply(to: .get("/healthz")) }

    @Test(arguments: [false, true], [false, true])
    func theyHaveTheTimeOfHandlers(hasMiddleware: Bool, isByHeader: Bool) async throws {
        let (clock, kept, log) = (StandingClock(), Kept(), RecordedLog())
        let fixture = try Self.fixture(
            clock,
            hasMiddleware: hasMiddleware,
            isByHeader: isByHeader,
            logger: log.logger
        ) { kept.keep($0) }
        let client = try fixture.connect()
        try client.send(.put("/later", "1"))
        try await until { kept.count == 1 }
        try Self.look(fixture)
        clock.advance(by: .seconds(29))
        try Self.look(fixture)
        #expect(!client.hasAnswer)
        clock.advance(by: .seconds(2))
        try Self.look(fixture)
        try await until { client.hasAnswer }
        let reply = try client.read(method: .put)
        #expect(reply.status == 503 && reply.fields[.retryAfter] == "1")
        #expect(reply.text.contains("PUT /later has not answered within 30.0 seconds."))
        let lines = log.lines.filter { $0.message == "A route has not answered in time" }
        #expect(lines.count == 1 && lines.first?.metadata["http.route"] == "PUT /later")
        try await until { fixture.service?.handlers.count == 0 }
    }

    @Test(arguments: [false, true]) func theyMaySetAnotherTime(hasMiddleware: Bool) async throws {
        let (clock, kept) = (StandingClock(), Kept())
        let fixture = try Self.fixture(clock, hasMiddleware: hasMiddleware) { responder in
            responder.whenLate(after: .seconds(1)) { responder.send(.text("late")) }
            kept.keep(responder)
        }
        let client = try fixture.connect()
        try client.send(.put("/later", "1"))
        try await until { kept.count == 1 }
        try Self.look(fixture)
        clock.advance(by: .seconds(2))
        try Self.look(fixture)
        try await until { client.hasAnswer }
        #expect(try client.read(method: .put).text == "late\n")
    }

    @Test(arguments: [false, true]) func theyMayTakeAsLongAsTheyLike(hasMiddleware: Bool) async throws {
        let (clock, kept) = (StandingClock(), Kept())
        let fixture = try Self.fixture(clock, hasMiddleware: hasMiddleware) { responder in
            responder.whenLate(after: nil) {}
            kept.keep(responder)
        }
        let client = try fixture.connect()
        try client.send(.put("/later", "1"))
        try await until { kept.count == 1 }
        for _ in 0..<3 {
            try Self.look(fixture)
            clock.advance(by: .seconds(3_600))
        }
        try Self.look(fixture)
        #expect(!client.hasAnswer)
        // Released, it answers 500 without waiting for any time.
        kept.release()
        try await until { client.hasAnswer }
        #expect(try client.read(method: .put).status == 500)
    }

    /// The limit of the service keeps no responder alive.
    @Test(arguments: [false, true]) func aResponderThatIsDroppedAnswersAtOnce(hasMiddleware: Bool) throws {
        let log = RecordedLog()
        let fixture = try Self.fixture(StandingClock(), hasMiddleware: hasMiddleware, logger: log.logger) { _ in }
        #expect(try fixture.reply(to: .put("/later", "1")).status == 500)
        let series = "myosin_http_requests_total{route=\"/later\",method=\"PUT\",code=\"500\"}"
        #expect(fixture.sample(series) == 1)
        let line = try #require(log.lines.first { $0.message == "A route has failed" })
        #expect(line.metadata["error"] == "its responder was released without an answer")
    }

    @Test(arguments: [false, true]) func theyNoticeClientsThatLeave(hasMiddleware: Bool) async throws {
        let (kept, left) = (Kept(), Gate())
        let fixture = try Self.fixture(StandingClock(), hasMiddleware: hasMiddleware) { responder in
            responder.whenClientCloses { left.open() }
            kept.keep(responder)
        }
        var client: Client? = try fixture.connect()
        try client?.send(.put("/later", "1"))
        try await until { kept.count == 1 }
        client = nil
        #expect(try await onThread { left.wait() })
        // The stop of the fixture would wait for it, by the clock that stands still.
        kept.release()
    }
}
