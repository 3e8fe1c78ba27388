import HTTPTypes
import MicroHTTP
import Myosin
import TestSupport
import Testing

@testable import MyosinService

/// Writes that their header decides are answered before 100 Continue, and change nothing.
@Suite struct HeaderDecisionTests {
    private static let expect = HTTPField.Name(validated: "Expect")

    private static let refused: [(call: Call, status: Int)] = [
        (.put("/state/Usr", Text.newUser), 404), (.patch("/state/Usr", "{}"), 404), (.put("/state/User/nam", "1"), 404),
        (.put("/nothing", "1"), 404), (.put("/state", "{}"), 405), (Call(.post, "/state/User", [], body: [0x31]), 405),
        (.put("/metrics", "1"), 405), (.put("/state/User", Text.newUser, (.accept, "text/html")), 406),
        (.put("/state/User", Text.newUser, (.ifMatch, "\"k3f9-1\"")), 412),
        (.put("/state/User/name", "1", (.ifNoneMatch, "*")), 412),
        (.patch("/state", "{}", (.ifMatch, "\"k3f9-1\"")), 412),
        (.put("/state/User", Text.newUser, (.contentType, "text/plain")), 415),
        (.patch("/state", "{}", (.contentEncoding, "gzip")), 415),
        (.put("/state/User", "1", (.contentRange, "bytes 0-1/2")), 400),
        (.put("/state/User", Text.newUser, (.ifMatch, "k3f9-4")), 400), (.put("/state/Guarded", "{}"), 428),
        (.patch("/state/Guarded", "{}"), 428), (.put("/state/Guarded/limits/low", "1"), 428),
        (Call.put("/state/User", Text.newUser).with(host: "evil.example"), 421),
        (.put("/state/User", Text.newUser, (.origin, "http://evil.example")), 403),
    ]

    private func fixture(access: AnonymousAccess? = nil) throws -> Fixture {
        let fixture = try Fixture(.socket) { $0.listeners[0].access = access }
        try fixture.state.load(Guarded())
        return fixture
    }

    /// The client is still waiting for 100 Continue when the answer comes.
    private func status(_ call: Call, _ fixture: Fixture) throws -> Int {
        var head = call
        head.fields += [(Self.expect, "100-continue"), (.contentLength, "\(call.body?.count ?? 0)")]
        head.body = nil
        let client = try fixture.connect()
        try client.send(head)
        return try client.read(method: call.method).status
    }

    @Test(arguments: refused.indices) func whatTheHeaderDecidesIsNotWaitedFor(row: Int) async throws {
        let (call, status) = Self.refused[row]
        let fixture = try fixture()
        let before = fixture.state.snapshot(of: "User")?.document
        #expect(try self.status(call, fixture) == status)
        // And with its body it is answered alike, on a connection that is kept.
        let client = try fixture.connect()
        for _ in 0..<2 {
            try client.send(call)
            #expect(try client.read(method: call.method).status == status)
        }
        #expect(fixture.state.snapshot(of: "User")?.document == before)
        try await until { fixture.sample("myosin_http_requests_in_flight") == 0 }
    }

    @Test(arguments: [AnonymousAccess.none, .metrics, .read]) func rightsComeBeforeBodies(access: AnonymousAccess)
        throws
    {
        let fixture = try fixture(access: access)
        for call in [Call.put("/state/User", Text.newUser), .patch("/state", "{}"), .put("/state/Nothing", "1")] {
            #expect(try status(call, fixture) == 403)
        }
    }

    @Test func whatTheBodyDecidesIsWaitedFor() throws {
        let fixture = try fixture()
        for call in [Call.put("/state/User", "[]"), .patch("/state", "1"), .put("/state/User/name", "1")] {
            #expect(try status(call, fixture) == 100)
        }
    }

    /// Each request counts once, by its route.
    @Test func requestsThatTheHeaderDecidesAreCounted() throws {
        let fixture = try fixture(access: .read)
        for _ in 0..<3 { _ = try fixture.reply(to: .put("/state/User", Text.newUser)) }
        let open = try self.fixture()
        for _ in 0..<3 { _ = try open.reply(to: .put("/state/Usr", Text.newUser)) }
        #expect(fixture.sample(#"myosin_http_requests_total{route="none",method="PUT",code="403"}"#) == 3)
        #expect(open.sample(#"myosin_http_requests_total{route="/state/{model}",method="PUT",code="404"}"#) == 3)
    }
}
