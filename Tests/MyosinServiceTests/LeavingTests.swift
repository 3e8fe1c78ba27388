import HTTPTypes
import MicroHTTP
import Myosin
import TestSupport
import Testing

@testable import MyosinService

/// Clients that leave while they watch or wait give up their places at once, and not with the next comment.
@Suite struct LeavingTests {
    /// With as few places as clients, and a comment once an hour.
    private func fixture(at place: Place) throws -> Fixture {
        try Fixture(.socket, at: place) { ($0.maxWatchers, $0.heartbeatSeconds) = (2, 3_600) }
    }

    private static let calls: [Call] = [
        .get("/state?watch"), .get("/state/User?watch"), .get("/state/User"), .get("/state"),
    ]

    /// A request that watches, or waits for the next change.
    private func begin(_ call: Call, _ fixture: Fixture) throws -> (client: Client, isTaken: Bool) {
        var call = call
        let client = try fixture.connect()
        guard !call.path.hasSuffix("?watch") else {
            try client.send(call)
            return (client, try client.read(method: .get).status == 200)
        }
        let tag = try #require(try fixture.reply(to: call).fields[.eTag])
        call.fields = [(.ifNoneMatch, tag), (.prefer, "wait=300")]
        try client.send(call)
        // One that has no place is refused at once; the other is the last that the server has looked at.
        _ = try fixture.reply(to: .get("/healthz"))
        return (client, !client.hasAnswer)
    }

    @Test(arguments: calls.indices, [Place.loopback, .unix]) func placesAreFreeAtOnce(row: Int, place: Place)
        async throws
    {
        let fixture = try fixture(at: place)
        for _ in 0..<20 {
            var both: [Client] = []
            // Two have a place, and of those that come before the former ones have gone, none.
            try await until {
                if both.count < 2 {
                    let (client, isTaken) = try begin(Self.calls[row], fixture)
                    if isTaken { both.append(client) }
                }
                return both.count == 2
            }
            #expect(try begin(.get("/state?watch"), fixture).isTaken == false)
        }
    }

    /// Who sends nothing more may still read, as `nc -N` does.
    @Test func whoOnlyStopsSendingIsServedOn() async throws {
        let fixture = try fixture(at: .loopback)
        let client = try fixture.connect()
        try client.send(.get("/state/User?watch"))
        #expect(try client.read(method: .get).status == 200)
        client.finishSending()
        var text = ""
        while !text.contains("\n:\n") { text += String(decoding: try client.readChunk(), as: UTF8.self) }
        try fixture.state.blocking.update(User.self) { $0.name = "anna" }
        while !text.contains("anna") { text += String(decoding: try client.readChunk(), as: UTF8.self) }
        // And one that waits is answered as it is now.
        let waiting = try fixture.connect()
        let tag = try #require(try fixture.reply(to: .get("/state/User")).fields[.eTag])
        try waiting.send(.get("/state/User", (.ifNoneMatch, tag), (.prefer, "wait=300")))
        waiting.finishSending()
        #expect(try waiting.read(method: .get).status == 304)
    }
}
