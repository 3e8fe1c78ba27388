import HTTPTypes
import MicroHTTP
import TestSupport
import Testing

/// Each deadline is short here, or by a clock that the test moves, and the others are so long that nothing ends by them.
///
/// Where a request could come after a short deadline, its client sends it before the server accepts.
@Suite struct DeadlineTests {
    private static func limits(_ change: (inout ServerLimits) -> Void) -> ServerLimits {
        var limits = ServerLimits.patient
        change(&limits)
        return limits
    }

    private static func hits(_ limit: ServerLimit, of fixture: Fixture) -> Int? {
        fixture.server.statistics.limitHits[limit]
    }

    @Test func aConnectionWithoutARequestIsClosed() async throws {
        let fixture = try Fixture(limits: Self.limits { $0.headerTimeout = .milliseconds(100) })
        #expect(try fixture.connect().isClosedByServer())
        try await until { Self.hits(.headerTime, of: fixture) == 1 }
    }

    @Test func aHeaderThatTakesTooLongIsToldAndClosed() async throws {
        let socket = try EarlySocket()
        let client = try socket.connect()
        try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n")
        let fixture = try socket.serve(limits: Self.limits { $0.headerTimeout = .milliseconds(100) })
        let reply = try client.read()
        #expect(reply.status == 408)
        #expect(reply.has("Connection: close"))
        #expect(client.isClosedByServer())
        try await until { Self.hits(.headerTime, of: fixture) == 1 }
    }

    @Test func aBodyThatTakesTooLongIsToldAndClosed() async throws {
        let fixture = try Fixture(limits: Self.limits { $0.bodyTimeout = .milliseconds(100) })
        let client = try fixture.connect()
        #expect(try client.exchange(request("PUT /echo", fields: ["Content-Length: 2"]) + "a").status == 408)
        #expect(client.isClosedByServer())
        try await until { Self.hits(.bodyTime, of: fixture) == 1 }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        let limits = Self.limits {
            $0.headerTimeout = .milliseconds(50)
            $0.idleTimeout = .milliseconds(100)
        }
        let socket = try EarlySocket()
        let client = try socket.connect()
        try client.send(request("GET /hello"))
        let fixture = try socket.serve(limits: limits)
        #expect(try client.read().status == 200)
        #expect(client.isClosedByServer())
        try await until { Self.hits(.idleTime, of: fixture) == 1 }
        #expect(Self.hits(.headerTime, of: fixture) == 0)
    }

    @Test(arguments: ["127.0.0.1:0", "unix:/tmp/microhttp-reader-\(UInt64.random(in: 0 ... .max)).sock"])
    func aClientThatDoesNotReadIsClosed(address: String) async throws {
        let fixture = try Fixture(at: [address], limits: Self.limits { $0.writeTimeout = .milliseconds(100) })
        let client = try fixture.connect()
        try client.send(request("GET /big"))
        try await until { fixture.server.statistics.connections == 0 && Self.hits(.writeTime, of: fixture) == 1 }
        // Nothing of it is left waiting in the system: the connection was reset.
        #expect(throws: RawConnection.Failure.self) { try client.read(bytes: Fixture.big.response.body.count) }
    }

    @Test func aClientThatReadsSlowlyIsServed() throws {
        let clock = StandingClock()
        let limits = Self.limits { $0.writeTimeout = .seconds(60) }
        let fixture = try Fixture(limits: limits, clock: clock)
        // Its system receives much less in advance than it reads at a time, so that the server sees each reading.
        let client = try fixture.connect(receiveBytes: 64 << 10)
        try client.send(request("GET /big"))
        var count = try client.read(hasBody: false).status == 200 ? 0 : -1
        // In all it takes twenty times the write timeout.
        while count < Fixture.big.response.body.count {
            count += try client.read(bytes: min(1_000_000, Fixture.big.response.body.count - count)).count
            clock.advance(by: limits.writeTimeout)
            try fixture.look()
        }
        #expect(try client.exchange(request("GET /hello")).status == 200)
        #expect(Self.hits(.writeTime, of: fixture) == 0)
    }

    @Test func nobodyIsClosedWhileTheAnswerIsMade() async throws {
        let waiting = Waiting()
        let clock = StandingClock()
        let limits = Self.limits {
            $0.headerTimeout = .seconds(20)
            $0.bodyTimeout = .seconds(20)
            $0.idleTimeout = .seconds(20)
            $0.writeTimeout = .seconds(20)
        }
        let fixture = try Fixture(limits: limits, clock: clock, [waiting.route] + Fixture.routes)
        let client = try fixture.connect()
        try client.send(request("GET /later"))
        try await waiting.reach(1)
        let silent = try fixture.connect()
        try fixture.look()
        clock.advance(by: .seconds(600))
        try fixture.look()
        // When this one is closed, the other would have been too.
        #expect(silent.isClosedByServer())
        for responder in waiting.takeAll() { responder.send(.text(status: .ok, "late")) }
        #expect(try client.read().status == 200)
    }
}
