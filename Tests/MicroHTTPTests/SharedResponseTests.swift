import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

@Suite struct SharedResponseTests {
    private static func make(_ text: String) -> SharedResponse {
        SharedResponse(Response(status: .accepted, fields: [.eTag: "\"\(text)\""], body: .bytes(Array(text.utf8))))
    }

    @Test func oneResponseIsSentManyTimesAndMayBeReplaced() throws {
        let current = Lock(Self.make("one"))
        let fixture = try Fixture([Route.atOnce(.get, "/") { _, _ in .shared(current.withLock { $0 }) }])
        let clients = try (0..<10).map { _ in try fixture.connect() }
        for text in ["one", "two", "three"] {
            current.withLock { $0 = Self.make(text) }
            for client in clients {
                let reply = try client.exchange(request("GET /"))
                #expect(reply.status == 202)
                #expect(reply.body == text)
                #expect(reply.has("ETag: \"\(text)\""))
            }
        }
    }

    @Test func aStoppingServerClosesTheConnectionAfterIt() async throws {
        let waiting = Waiting()
        // No other program gets the address when the server has left it.
        let fixture = try Fixture(
            at: [freeAddress(on: "127.77.0.1")],
            [waiting.route, Route.atOnce(.get, "/") { _, _ in .shared(Self.make("last")) }]
        )
        let (first, second) = (try fixture.connect(), try fixture.connect())
        #expect(try first.exchange(request("GET /")).body == "last")
        try second.send(request("GET /later"))
        try await waiting.reach(1)
        let hasStopped = try fixture.beginStopping(within: .beyondPatience)
        // The server is stopping once no client can connect any more; it waits for the second.
        try await until { (try? fixture.connect()) == nil }
        let reply = try first.exchange(request("GET /"))
        #expect(reply.body == "last")
        #expect(reply.has("Connection: close"))
        #expect(first.isClosedByServer())
        for responder in waiting.takeAll() { responder.send(.text(status: .ok, "answered")) }
        #expect(try second.read().status == 200)
        #expect(hasStopped.wait())
    }
}
