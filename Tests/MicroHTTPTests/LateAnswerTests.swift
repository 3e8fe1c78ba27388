import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

/// Answers that take too long, and handlers that run in tasks.
@Suite struct LateAnswerTests {
    /// Keeps responders, and answers with them when their time is up.
    private final class Keeper: Sendable {
        private let kept = Lock<[Responder]>([])
        var count: Int { kept.withLock { $0.count } }
        var first: Responder? { kept.withLock { $0.first } }

        func keep(_ responder: Responder, _ duration: Duration?) {
            kept.withLock { $0.append(responder) }
            responder.whenLate(after: duration) { responder.send(.text(status: .serviceUnavailable, "late")) }
        }
    }

    @Test func whatIsLateIsAnsweredWhenItsTimeIsUp() async throws {
        let keeper = Keeper()
        let fixture = try Fixture([
            Route.atOnce(.get, "/short") { _, _ in .later { keeper.keep($0, .milliseconds(30)) } },
            Route.atOnce(.get, "/lifted") { _, _ in
                .later { responder in
                    keeper.keep(responder, .milliseconds(1))
                    keeper.keep(responder, nil)
                }
            },
        ])
        let lifted = try fixture.connect()
        try lifted.send(request("GET /lifted"))
        // Several at once, whose times are up one after the other.
        let clients = try (0..<20).map { _ in try fixture.connect() }
        for _ in 0..<3 {
            for client in clients { try client.send(request("GET /short")) }
            for client in clients { #expect(try client.read().status == 503) }
        }
        #expect(keeper.count == 62)
        // The first answer counts: none was sent when its time was up.
        keeper.first?.send(.text("in time"))
        #expect(try lifted.read().body == "in time\n")
    }

    @Test func aHandlerInATaskGetsItsParameters() throws {
        let fixture = try Fixture([
            Route(.get, "/sum/{a}") { request in
                await Task.yield()
                return .text(
                    "\(request.parameters["a"] ?? "") \(request.query["b"] ?? "") \(request.query.values(of: "b"))"
                )
            },
            Route(.get, "/throw") { _ in throw CancellationError() },
        ])
        let client = try fixture.connect()
        #expect(try client.exchange(request("GET /sum/1?b=2&b=3")).body == "1 2 [\"2\", \"3\"]\n")
        #expect(try client.exchange(request("GET /throw")).status == 500)
    }

    @Test func aTaskIsCancelledWhenItsClientLeaves() async throws {
        let cancelled = Lock(0)
        let fixture = try Fixture([
            Route(.get, "/wait") { _ in
                while !Task.isCancelled { await Task.yield() }
                cancelled.withLock { $0 += 1 }
                return .text("gone")
            }
        ])
        for round in 1...5 {
            var client: Client? = try fixture.connect()
            try client?.send(request("GET /wait"))
            try await until { fixture.server.statistics.requestsRunning == 1 }
            client = nil
            try await until { cancelled.withLock { $0 } == round && fixture.server.statistics.connections == 0 }
        }
    }

    @Test func aStopBlocksNoThread() async throws {
        let gate = Gate()
        let fixture = try Fixture([
            Route.atOnce(.get, "/slow") { _, _ in
                .later { responder in
                    _ = try? WorkerThread {
                        gate.wait()
                        responder.send(.text("slow"))
                    }
                }
            }
        ])
        let client = try fixture.connect()
        try client.send(request("GET /slow"))
        try await until { fixture.server.statistics.requestsRunning == 1 }
        let server = fixture.server
        let ended = Lock(0)
        // More than Swift's pool has threads.
        let stops = (0..<64)
            .map { _ in
                Task {
                    await server.stop(within: patience)
                    ended.withLock { $0 += 1 }
                }
            }
        await Task.yield()
        #expect(ended.withLock { $0 } == 0)
        gate.open()
        for stop in stops { await stop.value }
        #expect(try client.read().body == "slow\n")
        await server.stop(within: .zero)
    }
}
