import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

@Suite struct StreamTests {
    /// The parts that a stream is given, and what became of it.
    private final class Script: Sendable {
        let parts: Lock<[ResponseStream.Part]>
        let asked = Lock(0)
        let ended = Lock(0)

        init(_ parts: [ResponseStream.Part]) { self.parts = Lock(parts.reversed()) }

        func makeStream() -> ResponseStream {
            ResponseStream(
                next: { [parts, asked] in
                    asked.withLock { $0 += 1 }
                    return parts.withLock { $0.popLast() ?? .wait }
                },
                ended: { [ended] in ended.withLock { $0 += 1 } }
            )
        }

        func add(_ part: ResponseStream.Part) { parts.withLock { $0.insert(part, at: 0) } }
    }

    private static func route(_ stream: ResponseStream) -> Route {
        Route.atOnce(.get, "/stream") { _, _ in
            .stream(Response(status: .ok, fields: [.contentType: "text/plain"]), stream)
        }
    }

    private static func part(_ text: String) -> ResponseStream.Part { .bytes(Array(text.utf8)) }

    @Test func partsAreSentInOrderAndTheConnectionGoesOn() async throws {
        let long = String(repeating: "0123456789", count: 10_000)
        let script = Script([Self.part("one"), .shared(SharedBody("two")), Self.part(long), .end])
        let fixture = try Fixture([Self.route(script.makeStream())] + Fixture.routes)
        let client = try fixture.connect()
        let reply = try client.exchange(request("GET /stream"), hasBody: false)
        #expect(reply.status == 200)
        #expect(reply.has("Transfer-Encoding: chunked"))
        var text = ""
        while true {
            let chunk = try client.readChunk()
            if chunk.isEmpty { break }
            text += chunk
        }
        #expect(text == "onetwo\(long)")
        #expect(try client.exchange(request("GET /hello")).body == "hello")
        #expect(script.ended.withLock { $0 } == 1)
    }

    @Test func aSleepingStreamIsWokenByAnyThread() async throws {
        let script = Script([Self.part("one")])
        let stream = script.makeStream()
        let fixture = try Fixture([Self.route(stream)])
        let client = try fixture.connect()
        _ = try client.exchange(request("GET /stream"), hasBody: false)
        #expect(try client.readChunk() == "one")
        for number in 0..<100 {
            script.add(Self.part("\(number)"))
            await Task.detached { stream.wake() }.value
            #expect(try client.readChunk() == "\(number)")
        }
    }

    /// None may be lost, whenever it comes, or the last number is never sent.
    ///
    /// It may come while the stream is asked, between its answer and its sleep, and while it sleeps.
    @Test func noWakingIsLost() async throws {
        let current = Lock(0)
        let sent = Lock(0)
        let last = rounds(20_000)
        let stream = ResponseStream {
            let number = current.withLock { $0 }
            let isNew = sent.withLock { sent in
                defer { sent = number }
                return sent != number
            }
            if number == last { return isNew ? Self.part("end") : .end }
            return isNew ? Self.part(".") : .wait
        }
        let fixture = try Fixture([Self.route(stream)])
        let client = try fixture.connect()
        _ = try client.exchange(request("GET /stream"), hasBody: false)
        let waker = try WorkerThread {
            for number in 1...last {
                current.withLock { $0 = number }
                stream.wake()
            }
        }
        var text = ""
        while !text.hasSuffix("end") { text += try client.readChunk() }
        #expect(try client.readChunk() == "")
        waker.join()
    }

    /// The same at the one moment that chance hardly meets: it has been asked, and does not sleep yet.
    @Test func aWakingWhileItIsAskedHasItAskedAgain() throws {
        let stream = Lock<ResponseStream?>(nil)
        let asked = Lock(0)
        let made = ResponseStream {
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            if number == 3 { return .end }
            if number == 2 { return Self.part("again") }
            stream.withLock { $0 }?.wake()
            return .wait
        }
        stream.withLock { $0 = made }
        let fixture = try Fixture([Self.route(made)])
        let client = try fixture.connect()
        _ = try client.exchange(request("GET /stream"), hasBody: false)
        #expect(try client.readChunk() == "again")
        #expect(try client.readChunk() == "")
        stream.withLock { $0 = nil }
    }

    @Test func aClientThatLeavesEndsItsStream() async throws {
        let script = Script([Self.part("one")])
        let stream = script.makeStream()
        let fixture = try Fixture([Self.route(stream)])
        do {
            let client = try fixture.connect()
            _ = try client.exchange(request("GET /stream"), hasBody: false)
            #expect(try client.readChunk() == "one")
        }
        // The first goes into the void, and comes back as an error for the next.
        try await until {
            script.add(Self.part("?"))
            stream.wake()
            return script.ended.withLock { $0 } == 1
        }
        try await until { fixture.server.statistics.connections == 0 }
        stream.wake()
        #expect(script.ended.withLock { $0 } == 1)
    }

    @Test func aSlowReaderHoldsTheStreamBack() async throws {
        let asked = Lock(0)
        let stream = ResponseStream {
            asked.withLock { $0 += 1 }
            return .shared(Fixture.piece)
        }
        let fixture = try Fixture([Self.route(stream)] + Fixture.routes)
        let client = try fixture.connect()
        try client.send(request("GET /stream"))
        // Other clients are served, so the server does not spin; then nothing more is asked for.
        var before = -1
        try await until {
            _ = try fixture.connect().exchange(request("GET /hello"))
            let now = asked.withLock { $0 }
            defer { before = now }
            return now > 0 && now == before
        }
        // What the system's buffers take, of which there are two.
        #expect(asked.withLock { $0 } * Fixture.piece.bytes.count < 32 << 20)
        let taken = asked.withLock { $0 }
        _ = try client.read(bytes: 20 << 20)
        try await until { asked.withLock { $0 } > taken }
    }

    @Test func anOldClientGetsTheStreamUntilTheConnectionCloses() throws {
        let script = Script([Self.part("one"), Self.part(String(repeating: "x", count: 5_000)), .end])
        let fixture = try Fixture([Self.route(script.makeStream())])
        let client = try fixture.connect()
        let reply = try client.exchange("GET /stream HTTP/1.0\r\n\r\n", hasBody: false)
        #expect(reply.status == 200)
        #expect(try client.read(bytes: 5_003).count == 5_003)
        #expect(client.isClosedByServer())
    }

    @Test func headOfAStreamHasNoBody() async throws {
        let script = Script([Self.part("one"), .end])
        let fixture = try Fixture([Self.route(script.makeStream())] + Fixture.routes)
        let client = try fixture.connect()
        let reply = try client.exchange(request("HEAD /stream"), hasBody: false)
        #expect(reply.status == 200)
        #expect(reply.has("Content-Type: text/plain"))
        #expect(client.isClosedByServer())
        #expect(script.asked.withLock { $0 } == 0)
        try await until { script.ended.withLock { $0 } == 1 }
    }

    @Test func aStreamServesOneAnswer() throws {
        let script = Script([.end])
        let fixture = try Fixture([Self.route(script.makeStream())])
        #expect(try fixture.connect().exchange(request("GET /stream"), hasBody: false).status == 200)
        #expect(try fixture.connect().exchange(request("GET /stream")).status == 500)
    }

    @Test func stoppingEndsStreamsProperly() async throws {
        let scripts = (0..<20).map { _ in Script([Self.part("one")]) }
        let streams = Lock(scripts.map { $0.makeStream() })
        let fixture = try Fixture([
            Route.atOnce(.get, "/stream") { _, _ in
                streams.withLock { $0.popLast() }.map { .stream(Response(status: .ok), $0) }
                    ?? .now(.text(status: .gone, ""))
            }
        ])
        let clients = try (0..<20).map { _ in try fixture.connect() }
        for client in clients {
            _ = try client.exchange(request("GET /stream"), hasBody: false)
            #expect(try client.readChunk() == "one")
        }
        #expect(try fixture.beginStopping(within: .beyondPatience).wait())
        for client in clients {
            #expect(try client.readChunk() == "")
            #expect(client.isClosedByServer())
        }
        for script in scripts { #expect(script.ended.withLock { $0 } == 1) }
    }
}
