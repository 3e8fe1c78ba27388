import HTTPTypes
import Logging
import MicroHTTP
import Myosin
import Primitives
import TestSupport
import Testing

@testable import MyosinService

/// The tasks in which handlers run: how many there are, how long they may take, and when they are cancelled.
@Suite struct HandlerTasksTests {
    /// What the handlers of a test do, and have done.
    private final class Observed: Sendable {
        private struct Counts {
            var running = 0
            var most = 0
            var begun = 0
            var cancelled = 0
        }

        private let counts = Lock(Counts())
        var running: Int { counts.withLock { $0.running } }
        var most: Int { counts.withLock { $0.most } }
        var begun: Int { counts.withLock { $0.begun } }
        var cancelled: Int { counts.withLock { $0.cancelled } }

        /// Runs something as one of the handlers.
        func count<Result>(_ work: () async throws -> Result) async rethrows -> Result {
            counts.withLock { counts in
                counts.begun += 1
                counts.running += 1
                counts.most = max(counts.most, counts.running)
            }
            defer { counts.withLock { $0.running -= 1 } }
            return try await work()
        }

        /// Never ends, unless its task is cancelled.
        func sleepForever() async throws {
            try await count {
                do {
                    try await Task.sleep(for: .seconds(86_400))
                } catch {
                    counts.withLock { $0.cancelled += 1 }
                    throw error
                }
            }
        }

        var forever: Route {
            Route(.get, "/forever") { _ in
                try await self.sleepForever()
                return .text("done")
            }
        }
    }

    @Test(arguments: [false, true]) func aHandlerThatNeverEndsIsCancelledAtItsDeadline(hasMiddleware: Bool) async throws
    {
        let (observed, log) = (Observed(), RecordedLog())
        let fixture = try Fixture(
            .socket,
            routes: [observed.forever],
            middleware: hasMiddleware ? [{ request, next in await next(request) }] : [],
            logger: log.logger
        ) { $0.handlerTimeout = .milliseconds(50) }
        let reply = try await onThread { [client = try Owned(fixture.connect())] in
            try client.value.send(.get("/forever"))
            return try client.value.read(method: .get)
        }
        #expect(reply.status == 503 && reply.fields[.retryAfter] == "1")
        #expect(reply.text.contains("GET /forever has not answered within 0.05 seconds."))
        try await until { observed.cancelled == 1 && fixture.service?.handlers.count == 0 }
        #expect(log.lines.contains { $0.message == "A route has not answered in time" && $0.level == .warning })
        #expect(fixture.sample("myosin_http_requests_total{route=\"/forever\",method=\"GET\",code=\"503\"}") == 1)
    }

    /// A handler that does not heed its cancellation keeps its place, and others that wait for one get 503 in time.
    @Test func aHandlerThatIgnoresItsCancellationKeepsItsPlaceAlone() async throws {
        let (entered, gate) = (Gate(), Gate())
        let stubborn = Route(.get, "/stubborn") { _ in
            entered.open()
            gate.wait()
            return .text("late")
        }
        let quick = Route(.get, "/quick") { _ in .text("quick") }
        let clock = StandingClock()
        let fixture = try Fixture(.socket, routes: [stubborn, quick]) {
            ($0.clock, $0.handlerTimeout, $0.maxHandlers) = (clock.reading, .seconds(30), 1)
        }
        let connections = try (0..<3).map { _ in Owned(try fixture.connect()) }
        try connections[0].value.send(.get("/stubborn"))
        try await onThread { _ = entered.wait() }
        for connection in connections.dropFirst() { try connection.value.send(.get("/quick")) }
        try await until { fixture.sample("myosin_http_requests_in_flight") == 3 }
        // The server reads its mail, in which the limits are, and then the time.
        _ = try fixture.reply(to: .get("/healthz"))
        clock.advance(by: .seconds(31))
        _ = try fixture.reply(to: .get("/healthz"))
        for connection in connections {
            #expect(try await onThread { try connection.value.read(method: .get).status } == 503)
        }
        #expect(fixture.service?.handlers.count == 1)
        gate.open()
        try await until { fixture.service?.handlers.count == 0 }
        try connections[1].value.send(.get("/quick"))
        #expect(try await onThread { try connections[1].value.read(method: .get).text } == "quick\n")
    }

    @Test(arguments: [Place.loopback, .unix]) func aClientThatLeavesCancelsItsHandler(at place: Place) async throws {
        let observed = Observed()
        let fixture = try Fixture(.socket, at: place, routes: [observed.forever]) { $0.maxHandlers = 1 }
        for round in 1...20 {
            var clients = [try fixture.connect()]
            try clients[0].send(.get("/forever"))
            try await until { observed.begun == round }
            // A second one waits for its turn, and leaves before it has come.
            clients.append(try fixture.connect())
            try clients[1].send(.get("/forever"))
            clients.remove(at: 1)
            _ = try fixture.reply(to: .get("/healthz"))
            clients = []
            try await until { observed.cancelled >= round && fixture.service?.handlers.count == 0 }
            // If its leaving was seen too late, it has had a turn.
            if observed.begun > round { break }
        }
        try await until { observed.running == 0 }
    }

    @Test func aStopCancelsHandlersAtItsBoundAndBlocksNoThread() async throws {
        let observed = Observed()
        let fixture = try Fixture(.socket, routes: [observed.forever]) { $0.maxHandlers = 2 }
        let clients = try (0..<4).map { _ in Owned(try fixture.connect()) }
        for client in clients { try client.value.send(.get("/forever")) }
        try await until { observed.begun == 2 }
        // As many as Swift's pool has threads and more, so that one that blocked would keep the others from going on.
        let service = try #require(fixture.service)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<32 { group.addTask { await service.stop(within: .milliseconds(100)) } }
        }
        for client in clients {
            #expect(try await onThread { try client.value.read(method: .get).status } == 503)
        }
        try await until { observed.cancelled == observed.begun && service.handlers.count == 0 }
    }

    @Test func aHandlerThatAnswersDuringAStopIsWaitedFor() async throws {
        let (entered, gate) = (Gate(), Gate())
        let route = Route(.get, "/soon") { _ in
            entered.open()
            gate.wait()
            return .text("soon")
        }
        let fixture = try Fixture(.socket, routes: [route])
        let client = Owned(try fixture.connect())
        try client.value.send(.get("/soon"))
        try await onThread { _ = entered.wait() }
        let service = try #require(fixture.service)
        let stop = Task { await service.stop(within: patience) }
        try await until { fixture.sample("myosin_unready{reason=\"draining\"}") == 1 }
        gate.open()
        #expect(try await onThread { try client.value.read(method: .get).text } == "soon\n")
        await stop.value
    }

    @Test func aServiceThatIsReleasedCancelsItsHandlers() async throws {
        let observed = Observed()
        var fixture: Fixture? = try Fixture(.socket, routes: [observed.forever])
        weak let handlers = fixture?.service?.handlers
        let client = try fixture?.connect()
        try client?.send(.get("/forever"))
        try await until { observed.begun == 1 }
        fixture = nil
        try await until { observed.cancelled == 1 && handlers == nil }
    }

    @Test func thousandsOfRequestsShareFewTasks() async throws {
        let observed = Observed()
        let route = Route(.get, "/work/{number}") { request in
            await observed.count {
                for _ in 0..<10 { await Task.yield() }
                return .text(request.parameters["number"] ?? "")
            }
        }
        let fixture = try Fixture(.direct, routes: [route]) { $0.maxHandlers = 10 }
        let calls = try (0..<5_000).map { try fixture.begin(.get("/work/\($0)")) }
        try await until { calls.allSatisfy(\.isAnswered) }
        for (number, call) in calls.enumerated() { #expect(try call.reply().text == "\(number)\n") }
        #expect(observed.most <= 10 && observed.most > 1 && observed.begun == 5_000)
        try await until { fixture.routes.handlers.count == 0 }
    }

    /// Many clients ask, and leave at any moment, while handlers end, fail and are cancelled.
    @Test func nothingIsLeftAfterAStorm() async throws {
        let (observed, clock) = (Observed(), StandingClock())
        let fixture = try Fixture(
            .socket,
            routes: [
                observed.forever,
                Route(.get, "/yield") { _ in
                    await observed.count {
                        for _ in 0..<5 { await Task.yield() }
                        return .text("yielded")
                    }
                },
                Route(.get, "/throw") { _ in throw CancellationError() },
            ],
            middleware: [{ request, next in await next(request) }]
        ) { ($0.clock, $0.maxHandlers, $0.handlerTimeout) = (clock.reading, 4, .seconds(1)) }
        let address = fixture.addresses[0]
        let isOver = Lock(false)
        // Time goes on while handlers wait for its end.
        let clockwork = startTask {
            while !isOver.withLock({ $0 }) {
                try await until { observed.running > 0 || isOver.withLock { $0 } }
                clock.advance(by: .milliseconds(100))
                try await onThread {
                    let client = try Client(address)
                    try client.send(.get("/healthz"))
                    _ = try client.read(method: .get)
                }
            }
        }
        let paths = ["/yield", "/forever", "/throw", "/state/User", "/state/User?watch"]
        await withTaskGroup(of: Void.self) { group in
            for seed in 0..<8 {
                group.addTask {
                    try? await onThread {
                        for round in 0..<50 {
                            let client = try Client(address)
                            try client.send(.get(paths[(round + seed) % paths.count]))
                            if (round * 7 + seed) % 3 > 0 { _ = try client.read(method: .get) }
                        }
                    }
                }
            }
        }
        try await until { fixture.service?.handlers.count == 0 && observed.running == 0 }
        isOver.withLock { $0 = true }
        try await clockwork.value
        #expect(try fixture.reply(to: .get("/yield")).text == "yielded\n")
        try await until { fixture.sample("myosin_http_watchers") == 0 }
    }

    /// A handler that blocks its thread holds up neither the server nor other handlers.
    @Test func aHandlerMayBlockItsThread() async throws {
        let (entered, gate) = (Gate(), Gate())
        let fixture = try Fixture(
            .socket,
            routes: [
                Route(.get, "/blocked") { _ in
                    entered.open()
                    gate.wait()
                    return .text("blocked")
                },
                Route(.get, "/free") { _ in .text("free") },
            ]
        )
        let client = Owned(try fixture.connect())
        try client.value.send(.get("/blocked"))
        try await onThread { _ = entered.wait() }
        #expect(try fixture.reply(to: .get("/healthz")).status == 200)
        #expect(try fixture.reply(to: .get("/free")).text == "free\n")
        gate.open()
        #expect(try await onThread { try client.value.read(method: .get).text } == "blocked\n")
    }

    /// As `nc -N` does: it ends its request by closing its side, and gets the answer.
    @Test(arguments: [false, true]) func whoOnlyStopsSendingIsServed(hasMiddleware: Bool) async throws {
        let passing: Middleware = { request, next in await next(request) }
        // It would end by its cancellation, which has a second to come.
        let route = Route(.put, "/later") { _ in
            try await Task.sleep(for: .milliseconds(1))
            return .text("done")
        }
        let fixture = try Fixture(.socket, routes: [route], middleware: hasMiddleware ? [passing] : [])
        for _ in 0..<rounds(50) {
            let client = Owned(try fixture.connect())
            try client.value.send(.put("/later", "1"))
            client.value.finishSending()
            #expect(try await onThread { try client.value.read(method: .put).text } == "done\n")
        }
    }

    /// A client that has closed its side may still read: what its cancelled handler returns is sent.
    @Test func aHalfClosedClientGetsWhatItsHandlerReturns() async throws {
        let fixture = try Fixture(
            .socket,
            routes: [
                Route(.get, "/patient") { _ in
                    while !Task.isCancelled { await Task.yield() }
                    return .text("cancelled")
                }
            ]
        )
        let client = Owned(try fixture.connect())
        try client.value.send(.get("/patient"))
        client.value.finishSending()
        #expect(try await onThread { try client.value.read(method: .get).text } == "cancelled\n")
    }
}

/// A value that one thread uses after the other.
private final class Owned<Value>: @unchecked Sendable {
    // Sendable: the tests hand it from thread to thread, and wait for each.
    let value: Value

    init(_ value: Value) { self.value = value }
}
