import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

/// Requests that are answered before their body has come, and clients that send it all the same.
@Suite struct EarlyAnswerTests {
    /// A server whose routes know by the header whether they want the body.
    private final class Picky {
        let server: Server
        let address: BoundAddress
        let calls = Lock<[String]>([])

        init(
            at address: String = "127.0.0.1:0",
            limits: ServerLimits = .patient,
            clock: StandingClock? = nil,
            answer: Response = .text(status: .forbidden, "no")
        ) throws {
            let routes = Routes([
                .byHeader(.put, "/wanted") { [calls] _, _ in
                    .afterBody { request in
                        calls.withLock { $0.append("whole") }
                        return .now(.text(status: .ok, "\(request.body.count)"))
                    }
                },
                .byHeader(.put, "/unwanted") { [calls] request, _ in
                    calls.withLock { $0.append(request.body.isEmpty ? "header" : "body") }
                    return .now(answer)
                },
                Route.atOnce(.get, "/hello") { _, _ in .now(.text(status: .ok, "hello")) },
                Route.atOnce(.put, "/plain") { request, _ in .now(.text(status: .ok, "\(request.body.count)")) },
            ])
            let configuration = ServerConfiguration(addresses: [try ListenAddress(address)], limits: limits)
            let byHeader: Server.HeaderHandler = { routes.answer(toHeaderOf: $0) }
            let handler: Server.Handler = { routes.answer(to: $0) }
            server =
                clock.map {
                    Server(configuration: configuration, clock: $0.reading, byHeader: byHeader, handler: handler)
                }
                ?? Server(configuration: configuration, byHeader: byHeader, handler: handler)
            self.address = try server.start()[0]
        }

        func connect() throws -> Client { try Client(address) }

        /// Has the server read its clock.
        func look() throws { _ = try connect().exchange(request("GET /hello")) }
    }

    private static func put(_ path: String, _ bytes: Int, more: String = "") -> String {
        "PUT \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(bytes)\r\n\(more)\r\n"
    }

    private static let expect = "Expect: 100-continue\r\n"

    // MARK: By the header

    @Test func theHeaderDecidesBeforeTheClientIsToldToContinue() throws {
        let picky = try Picky()
        let refused = try picky.connect()
        let reply = try refused.exchange(Self.put("/unwanted", 100, more: Self.expect))
        #expect(reply.status == 403 && reply.body == "no\n" && reply.has("Connection: close"))
        #expect(refused.isClosedByServer())
        let accepted = try picky.connect()
        #expect(try accepted.exchange(Self.put("/wanted", 3, more: Self.expect)).status == 100)
        #expect(try accepted.exchange("abc").body == "3\n")
        // Without a route the body makes no difference, and a route may want each.
        #expect(try picky.connect().exchange(Self.put("/none", 100, more: Self.expect)).status == 404)
        #expect(try picky.connect().exchange(Self.put("/hello", 100, more: Self.expect)).status == 405)
        #expect(try picky.connect().exchange(Self.put("/plain", 3, more: Self.expect)).status == 100)
        #expect(picky.calls.withLock { $0 } == ["header", "whole"])
    }

    /// What was sent together with the header, as small bodies are, costs no connection.
    @Test(arguments: [1, 100, 64 << 10]) func afterASmallBodyTheConnectionIsKept(bytes: Int) throws {
        let picky = try Picky(clock: StandingClock())
        let client = try picky.connect()
        for _ in 0..<3 {
            let body = String(repeating: "a", count: bytes)
            let reply = try client.exchange(Self.put("/unwanted", bytes) + body)
            #expect(reply.status == 403 && !reply.has("Connection: close"))
            #expect(try client.exchange(request("GET /hello")).status == 200)
            #expect(try client.exchange(Self.put("/wanted", bytes) + body).body == "\(bytes)\n")
        }
        #expect(picky.calls.withLock { $0 } == ["header", "whole", "header", "whole", "header", "whole"])
    }

    @Test func aSmallBodyThatDoesNotComeIsNotWaitedFor() throws {
        let clock = StandingClock()
        let picky = try Picky(clock: clock)
        let client = try picky.connect()
        try client.send(Self.put("/unwanted", 100) + "a")
        try picky.look()
        clock.advance(by: .milliseconds(100))
        try picky.look()
        let reply = try client.read()
        #expect(reply.status == 403 && reply.has("Connection: close") && client.isClosedByServer())
        // Counted no later than the next round.
        try picky.look()
        #expect(picky.server.statistics.limitHits[.bodyTime] == 0)
    }

    // MARK: Clients that send before they read

    /// Each early answer, with the number of bytes that are announced and those that are sent.
    private static let early: [(text: String, sent: Int, status: Int)] = [
        (put("/unwanted", 900_000), 900_000, 403), (put("/unwanted", 900_000, more: expect), 900_000, 403),
        (put("/wanted", 5_000_000), 5_000_000, 413), (put("/none", 1_000_000), 1_000_000, 404),
        (put("/wanted", 5_000_000, more: expect), 5_000_000, 413),
        (put("/wanted", 5_000_000, more: "Bad Name: a\r\n"), 5_000_000, 400),
        ("PUT /wanted HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 5_000_000, 411),
        (put("/%00", 5_000_000), 5_000_000, 400), ("nonsense\r\n\r\n", 5_000_000, 400),
        (put("/wanted", 5_000_000, more: "A: \(String(repeating: "a", count: 50_000))\r\n"), 5_000_000, 431),
    ]

    /// On TCP a socket that is closed while its client sends throws the answer away; the client would get a reset.
    @Test(arguments: early.indices, [true, false]) func aClientThatSendsAllBeforeItReadsGetsTheAnswer(
        row: Int,
        isFirst: Bool
    ) throws {
        let (text, sent, status) = Self.early[row]
        let picky = try Picky()
        for _ in 0..<5 {
            let client = try picky.connect()
            if !isFirst { #expect(try client.exchange(request("GET /hello")).status == 200) }
            // Libmicrohttpd refuses such a line of a later request by itself.
            if !isFirst, text.hasPrefix("nonsense") { continue }
            try client.send(text)
            let piece = String(repeating: "a", count: 50_000)
            for _ in 0..<(sent / 50_000) { try client.send(piece) }
            let reply = try client.read()
            #expect(reply.status == status && reply.has("Connection: close"))
            #expect(client.isClosedByServer())
        }
    }

    @Test(arguments: ["127.0.0.1:0", "unix"]) func aConnectionTooManyGetsItsAnswerToo(place: String) throws {
        let directory = try TemporaryDirectory()
        var limits = ServerLimits.patient
        limits.maxConnections = 0
        let picky = try Picky(at: place == "unix" ? "unix:\(directory.path)/socket" : place, limits: limits)
        for _ in 0..<10 {
            let client = try picky.connect()
            for _ in 0..<100 { try client.send(String(repeating: "a", count: 50_000)) }
            #expect(try client.read().status == 503)
        }
    }

    @Test func aBodyThatTookTooLongMayGoOnForAWhile() throws {
        var limits = ServerLimits.patient
        limits.bodyTimeout = .seconds(1)
        let clock = StandingClock()
        let picky = try Picky(limits: limits, clock: clock)
        let client = try picky.connect()
        try client.send(Self.put("/wanted", 1_000_000) + "a")
        try picky.look()
        clock.advance(by: .seconds(2))
        try picky.look()
        for _ in 0..<19 { try client.send(String(repeating: "a", count: 50_000)) }
        #expect(try client.read().status == 408)
        #expect(client.isClosedByServer())
    }

    // MARK: Bounds

    /// It is read for so long, and so much, and no more.
    @Test func whoGoesOnSendingIsCutOffAtLast() throws {
        let picky = try Picky()
        let client = try picky.connect()
        try client.send(Self.put("/wanted", 1 << 40))
        let piece = String(repeating: "a", count: 1 << 20)
        let failure = #expect(throws: RawConnection.Failure.self) { for _ in 0..<300 { try client.send(piece) } }
        #expect(failure != nil)
    }

    @Test(arguments: [(seconds: 6, isSilent: true), (seconds: 30, isSilent: false)])
    func whoKeepsTheConnectionOpenIsCutOff(_ row: (seconds: Int, isSilent: Bool)) async throws {
        let clock = StandingClock()
        // Not over TCP, which keeps small pieces back.
        let directory = try TemporaryDirectory()
        let picky = try Picky(at: "unix:\(directory.path)/socket", clock: clock)
        let client = try RawConnection(picky.address)
        try client.send(Array(Self.put("/wanted", 1 << 40).utf8))
        #expect(try client.readHead().first == "HTTP/1.1 413 Content Too Large")
        for _ in 0..<row.seconds {
            if !row.isSilent { try client.send([UInt8](repeating: 0x61, count: 1_000)) }
            try picky.look()
            clock.advance(by: .seconds(1))
            try picky.look()
        }
        // A socket that is closed is reset by what comes next.
        try await until {
            do {
                try client.send([0x61])
                return false
            } catch {
                return true
            }
        }
    }
}

@Suite struct BodyMemoryTests {
    private static func put(_ bytes: Int) -> String {
        "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(bytes)\r\n\r\n"
    }

    /// Ten clients send half a megabyte each, for which there is room for eight.
    @Test func allBodiesTogetherHaveALimit() async throws {
        var limits = ServerLimits.patient
        limits.maxBodyMemory = 4_000_008
        let directory = try TemporaryDirectory()
        let fixture = try Fixture(at: ["unix:\(directory.path)/socket"], limits: limits)
        let clients = try (0..<8).map { _ in try fixture.connect() }
        for client in clients { try client.send(Self.put(500_001) + String(repeating: "a", count: 500_000)) }
        try await until { clients.allSatisfy { !$0.hasUnread } }
        let reply = try fixture.connect().exchange(Self.put(500_000) + String(repeating: "a", count: 500_000))
        #expect(reply.status == 503 && reply.has("Retry-After: 1"))
        #expect(reply.body == "the bodies of other requests take all the memory there is for them\n")
        try await until { (fixture.server.statistics.limitHits[.bodyMemory] ?? 0) > 0 }
        // Those that were there first get their answers.
        for client in clients { #expect(try client.exchange("a").status == 200) }
        // And then there is room again.
        let again = try fixture.connect().exchange(Self.put(500_000) + String(repeating: "a", count: 500_000))
        #expect(again.status == 200 && again.body.utf8.count == 500_000)
    }

    /// Clients that take long to read their answers take nothing away from others.
    @Test func theRoomOfABodyIsFreeWhenItsAnswerBegins() async throws {
        var limits = ServerLimits.patient
        limits.maxBodyMemory = 500_000
        let directory = try TemporaryDirectory()
        let fixture = try Fixture(at: ["unix:\(directory.path)/socket"], limits: limits)
        let body = Self.put(500_000) + String(repeating: "a", count: 500_000)
        // What is echoed does not fit into the socket's buffer, so the first request goes on.
        let slow = try fixture.connect()
        try slow.send(body)
        try await until { fixture.server.statistics.requestsHandled == 1 }
        #expect(try fixture.connect().exchange(body).status == 200)
        #expect(try slow.read().status == 200)
    }

    /// What the header decides is decided by it, also when there is no room for the body.
    @Test func whatTheHeaderDecidesComesFirst() throws {
        var limits = ServerLimits.patient
        limits.maxBodyMemory = 0
        let routes = Routes([.byHeader(.put, "/closed") { _, _ in .now(Response(status: .forbidden)) }])
        let server = Server(
            configuration: ServerConfiguration(addresses: [.loopback(port: 0)], limits: limits),
            byHeader: { request in routes.answer(toHeaderOf: request) },
            handler: { request in routes.answer(to: request) }
        )
        let client = try Client(try server.start()[0])
        defer { server.stop(within: .seconds(1)) }
        let head = " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        #expect(try client.exchange("PUT /closed\(head)").status == 403)
        #expect(try client.exchange("PUT /nowhere\(head)").status == 404)
    }

    @Test func withoutAnyRoomNoBodyIsTaken() async throws {
        var limits = ServerLimits.patient
        limits.maxBodyMemory = 0
        let fixture = try Fixture(limits: limits)
        let client = try fixture.connect()
        for _ in 0..<3 { #expect(try client.exchange(Self.put(3) + "abc").status == 503) }
        #expect(try client.exchange(request("GET /hello")).status == 200)
        #expect(try client.exchange(Self.put(0)).status == 200)
        try await until { fixture.server.statistics.limitHits[.bodyMemory] == 3 }
    }
}
