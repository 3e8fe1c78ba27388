import HTTPTypes
import MicroHTTP
import Testing

@Suite struct LaterTests {
    @Test func manySuspendedRequestsAreAnsweredFromOtherThreads() async throws {
        let waiting = Waiting()
        let fixture = try Fixture([waiting.route])
        let clients = try (0..<200).map { _ in try fixture.connect() }
        for client in clients { try client.send(request("GET /later")) }
        try await waiting.reach(200)
        await withTaskGroup(of: Bool.self) { group in
            for responder in waiting.takeAll() {
                group.addTask { responder.send(Response(status: .ok, body: .bytes([0x61]))) }
            }
            for await isFirst in group { #expect(isFirst) }
        }
        for client in clients { #expect(try client.read().body == "a") }
        #expect(waiting.count == 0)
    }

    @Test func aConnectionGoesOnAfterALateAnswer() throws {
        let fixture = try Fixture([
            Route.atOnce(.put, "/later") { request, _ in
                let request = request.owned()
                return .later { $0.send(Response(status: .ok, body: .bytes(request.body))) }
            }
        ])
        let client = try fixture.connect()
        for body in ["one", "two"] {
            #expect(try client.exchange(request("PUT /later", body: body)).body == body)
        }
    }

    @Test func theFirstAnswerCounts() async throws {
        let waiting = Waiting()
        let fixture = try Fixture([waiting.route])
        let client = try fixture.connect()
        try client.send(request("GET /later"))
        try await waiting.reach(1)
        let responder = try #require(waiting.takeAll().first)
        #expect(responder.send(.text(status: .ok, "first")))
        #expect(!responder.send(.text(status: .ok, "second")))
        #expect(try client.read().body == "first\n")
    }

    @Test func aClientMayLeaveWhileItsRequestIsSuspended() async throws {
        let waiting = Waiting()
        let fixture = try Fixture([waiting.route] + Fixture.routes)
        do {
            let client = try fixture.connect()
            try client.send(request("GET /later"))
            try await waiting.reach(1)
        }
        for responder in waiting.takeAll() { #expect(responder.send(Response(status: .ok))) }
        #expect(try fixture.connect().exchange(request("GET /hello")).status == 200)
    }

    @Test func aDroppedResponderAnswers500() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        #expect(try client.exchange(request("GET /dropped")).status == 500)
        #expect(try client.exchange(request("GET /hello")).status == 200)
    }
}
