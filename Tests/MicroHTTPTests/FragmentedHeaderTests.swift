import Dispatch
import Foundation
import MicroHTTP
import TestSupport
import Testing

/// Headers that come in parts, on a connection that has served a request before.
@Suite struct FragmentedHeaderTests {
    private static func fixture() throws -> Fixture {
        try Fixture(at: ["unix:/tmp/microhttp-parts-\(UInt64.random(in: 0 ... .max)).sock"])
    }

    /// Where to cut: everywhere, where there is time for that.
    private static func places(in bytes: [UInt8]) -> StrideTo<Int> {
        stride(from: 0, to: bytes.count, by: max(1, bytes.count / rounds(bytes.count)))
    }

    /// Sends three parts, the first of which was read before the second is sent, which is a single byte.
    private static func send(_ bytes: [UInt8], cutAt place: Int, on connection: RawConnection) async throws {
        try connection.send(Array(bytes[..<place]))
        try await until { !connection.hasUnread }
        let rest = bytes[place...]
        try connection.send(Array(rest.prefix(1)))
        try connection.send(Array(rest.dropFirst()))
    }

    @Test func aLaterHeaderMayComeInParts() async throws {
        let fixture = try Self.fixture()
        let connection = try RawConnection(fixture.addresses[0])
        let body = "abc"
        let bytes = Array(request("PUT /echo", fields: ["Accept:a", "X: y"], body: body).utf8)
        try connection.send(bytes)
        for place in Self.places(in: bytes) {
            #expect(try connection.readHead().first == "HTTP/1.1 200 OK", "\(place)")
            #expect(try connection.read(body.utf8.count) == Array(body.utf8))
            try await Self.send(bytes, cutAt: place, on: connection)
        }
        #expect(try connection.readHead().first == "HTTP/1.1 200 OK")
    }

    /// Clients may send an empty line behind a body (RFC 9112, section 2.2).
    @Test func anEmptyLineBetweenRequestsIsSkipped() throws {
        let fixture = try Self.fixture()
        let client = try fixture.connect()
        for _ in 0..<3 { #expect(try client.exchange(request("PUT /echo", body: "abc") + "\r\n").body == "abc") }
    }

    /// It fills more than libmicrohttpd reads at once.
    @Test(arguments: [0, 1]) func aLongLaterHeaderIsTakenUpToTheLimit(tooMuch: Int) throws {
        let fixture = try Self.fixture()
        let client = try fixture.connect()
        #expect(try client.exchange(request("GET /hello")).status == 200)
        let shortest = request("GET /hello", fields: ["Accept: "]).utf8.count
        let filling = String(repeating: "a", count: ServerLimits().maxHeaderBytes - shortest + tooMuch)
        let reply = try client.exchange(request("GET /hello", fields: ["Accept: \(filling)"]))
        #expect(reply.status == (tooMuch == 0 ? 200 : 431))
    }

    @Test(arguments: RefusedRequest.hidden)
    func whatIsRefusedIsRefusedInParts(_ refused: RefusedRequest) async throws {
        let fixture = try Self.fixture()
        let bytes = Array((refused.text.replacing("{id}", with: "1") + request("GET /hello")).utf8)
        for place in Self.places(in: bytes) {
            let connection = try RawConnection(fixture.addresses[0])
            try connection.send(Array(request("GET /hello").utf8))
            _ = try connection.readHead()
            // It may have closed before everything is sent.
            try? await Self.send(bytes, cutAt: place, on: connection)
            let answer = String(decoding: try connection.readToEnd(), as: UTF8.self)
            #expect(!answer.contains("HTTP/1.1 200"), "\(place): \(answer)")
        }
    }

    /// An answer to HEAD has no content, whoever gives it (RFC 9110, section 9.3.2).
    @Test(arguments: [true, false]) func theRefusalOfHeadHasNoBody(isFirst: Bool) throws {
        let fixture = try Self.fixture()
        let client = try fixture.connect()
        if !isFirst { #expect(try client.exchange(request("GET /hello")).status == 200) }
        #expect(try client.exchange(request("HEAD /hello", fields: ["A b: c"]), hasBody: false).status == 400)
        #expect(client.isClosedByServer())
    }

    /// A NUL that is received last looks like nothing; libmicrohttpd, which takes it into the value, ends a byte later.
    @Test(arguments: 1...3) func nulAtTheEndOfAPartIsRefused(count: Int) async throws {
        let fixture = try Self.fixture()
        let connection = try RawConnection(fixture.addresses[0])
        try connection.send(Array(request("GET /hello").utf8))
        _ = try connection.readHead()
        _ = try connection.read(5)
        try connection.send(Array("GET /hello HTTP/1.1\r\nHost: a\(String(repeating: "\0", count: count))".utf8))
        try await until { !connection.hasUnread }
        try connection.send(Array("\r\nX: y\r\n\r\n".utf8))
        let answer = String(decoding: try connection.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 400 ") && fixture.server.statistics.requestsHandled == 1, "\(answer)")
    }

    @Test func aClientThatLeavesInAHeaderLeavesNothing() async throws {
        let fixture = try Self.fixture()
        for part in ["", "GET /hel", "GET /hello HTTP/1.1\r\nHos"] {
            do {
                let fresh = try fixture.connect()
                let kept = try fixture.connect()
                #expect(try kept.exchange(request("GET /hello")).status == 200)
                try fresh.send(part)
                try kept.send(part)
            }
            try await until { fixture.server.statistics.connections == 0 }
        }
    }

    @Test(arguments: [true, false]) func aHeaderInPartsHasItsTime(isFirst: Bool) async throws {
        var limits = ServerLimits.patient
        limits.headerTimeout = .milliseconds(100)
        limits.idleTimeout = .milliseconds(100)
        // It sends before the server accepts, so that its request cannot come too late.
        let socket = try EarlySocket()
        let client = try socket.connect()
        try client.send((isFirst ? "" : request("GET /hello")) + "GET /hello HTTP/1.1\r\nHost: a\r\n")
        let fixture = try socket.serve(limits: limits)
        if !isFirst { #expect(try client.read().status == 200) }
        #expect(try client.read().status == 408)
        #expect(client.isClosedByServer())
        try await until { fixture.server.statistics.limitHits[.headerTime] == 1 }
        try await until { fixture.server.statistics.connections == 0 }
    }

    /// Those that idle begin a header when they see others being sent away: libmicrohttpd must not end with one suspended.
    @Test func headersThatBeginAtTheVeryEndAreSurvived() async throws {
        // On threads of their own: all the tests' common ones may wait, and then none would stop the server.
        try await onThread {
            for _ in 0..<rounds(20) {
                let fixture = try Self.fixture()
                let clients = try (0..<40).map { _ in try RawConnection(fixture.addresses[0]) }
                for client in clients {
                    try client.send(Array(request("GET /hello").utf8))
                    _ = try client.readHead()
                    _ = try client.read(5)
                }
                let part = Array("GET /hello HTTP/1.1\r\nHos".utf8)
                for client in clients[..<8] { try client.send(part) }
                let server = fixture.server
                let stopped = DispatchSemaphore(value: 0)
                Thread.detachNewThread {
                    server.stop(within: .milliseconds(10))
                    stopped.signal()
                }
                _ = try clients[0].readToEnd()
                // It may have closed already.
                for client in clients[8...] { try? client.send(part) }
                stopped.wait()
            }
        }
    }

    @Test func stopEndsWhileHeadersAreWaitedFor() throws {
        // On a Unix socket, what was sent is there at once, so that the server sees it before it stops.
        let fixture = try Self.fixture()
        let clients = try (0..<4).map { _ in try fixture.connect() }
        for client in clients[..<2] { #expect(try client.exchange(request("GET /hello")).status == 200) }
        for client in clients { try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n") }
        #expect(try fixture.beginStopping(within: .beyondPatience).wait())
        for client in clients {
            #expect(try client.read().status == 503)
            #expect(client.isClosedByServer())
        }
    }
}
