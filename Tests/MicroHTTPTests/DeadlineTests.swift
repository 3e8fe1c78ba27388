import Glibc
import HTTPTypes
import MicroHTTP
import TestSupport
import Testing

/// Each deadline is short here, and the others so long that the test would fail by them.
@Suite struct DeadlineTests {
    private static func limits(_ change: (inout ServerLimits) -> Void) -> ServerLimits {
        var limits = ServerLimits()
        limits.headerTimeout = .seconds(60)
        limits.bodyTimeout = .seconds(60)
        limits.idleTimeout = .seconds(60)
        limits.writeTimeout = .seconds(60)
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
        let fixture = try Fixture(limits: Self.limits { $0.headerTimeout = .milliseconds(100) })
        let client = try fixture.connect()
        let reply = try client.exchange("GET /hello HTTP/1.1\r\nHost: a\r\n")
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
        let fixture = try Fixture(limits: limits)
        let client = try fixture.connect()
        #expect(try client.exchange(request("GET /hello")).status == 200)
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
        let fixture = try Fixture(limits: Self.limits { $0.writeTimeout = .milliseconds(400) })
        let client = try fixture.connect()
        try client.send(request("GET /big"))
        var count = try client.read(hasBody: false).status == 200 ? 0 : -1
        // In all it takes some three times the write timeout.
        while count < Fixture.big.response.body.count {
            count += try client.read(bytes: min(500_000, Fixture.big.response.body.count - count)).count
            usleep(30_000)
        }
        #expect(try client.exchange(request("GET /hello")).status == 200)
        #expect(Self.hits(.writeTime, of: fixture) == 0)
    }

    @Test func nobodyIsClosedWhileTheAnswerIsMade() async throws {
        let waiting = Waiting()
        let limits = Self.limits {
            $0.headerTimeout = .milliseconds(20)
            $0.bodyTimeout = .milliseconds(20)
            $0.idleTimeout = .milliseconds(20)
            $0.writeTimeout = .milliseconds(20)
        }
        let fixture = try Fixture(limits: limits, [waiting.route] + Fixture.routes)
        let client = try fixture.connect()
        try client.send(request("GET /later"))
        await waiting.reach(1)
        // By the time that this one was closed, the other would have been too.
        #expect(try fixture.connect().isClosedByServer())
        for responder in waiting.takeAll() { responder.send(.text(status: .ok, "late")) }
        #expect(try client.read().status == 200)
    }
}
