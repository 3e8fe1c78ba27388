import HTTPTypes
import Primitives
import TestSupport
import Testing

@testable import MicroHTTP

/// Who is told of what a server refuses itself: requests that reach no handler, and connections above a limit.
@Suite struct RefusedClientTests {
    /// A server and what it has told of.
    private final class Listener {
        let server: Server
        let address: BoundAddress
        private let told = Lock<[RefusedClient]>([])

        var all: [RefusedClient] { told.withLock { $0 } }

        init(at place: ListenAddress = .loopback(port: 0), limits: ServerLimits = .patient, clock: StandingClock? = nil)
            throws
        {
            var configuration = ServerConfiguration(addresses: [place], limits: limits)
            configuration.didRefuse = { [told] client in told.withLock { $0.append(client) } }
            let handler: Server.Handler = { request in
                let client = request.clientAddress ?? "none"
                return request.path == "/dropped" ? .later { _ in } : .now(.text(status: .ok, client))
            }
            if let clock {
                server = Server(configuration: configuration, clock: clock.reading, handler: handler)
            } else {
                server = Server(configuration: configuration, handler: handler)
            }
            address = try server.start()[0]
        }

        func expect(_ status: HTTPResponse.Status) async throws {
            try await until { !all.isEmpty }
            #expect(all.map(\.status) == [status])
            #expect(all.allSatisfy { $0.clientAddress == "127.0.0.1" && $0.listener == address && !$0.detail.isEmpty })
        }
    }

    @Test(arguments: RefusedRequest.all) func aRequestThatReachesNoHandlerIsToldOnce(_ refused: RefusedRequest)
        async throws
    {
        let listener = try Listener()
        let connection = try RawConnection(listener.address)
        try connection.send(Array(refused.text.replacing("{id}", with: "1").utf8))
        let answer = String(decoding: try connection.readToEnd(), as: UTF8.self)
        try await listener.expect(.init(code: Int(try #require(answer.split(separator: " ").dropFirst().first)) ?? 0))
    }

    @Test func aConnectionAboveTheLimitIsTold() async throws {
        var limits = ServerLimits.patient
        limits.maxConnections = 0
        let listener = try Listener(limits: limits)
        _ = try RawConnection(listener.address).readToEnd()
        try await listener.expect(.serviceUnavailable)
        #expect(listener.all.first?.detail == "too many connections are open")
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"])
    func aRequestThatTakesTooLongIsTold(_ text: String) async throws {
        let clock = StandingClock()
        let listener = try Listener(clock: clock)
        let connection = try RawConnection(listener.address)
        try connection.send(Array(text.utf8))
        let other = try RawConnection(listener.address)
        // Once it is answered, the server has looked at what came before.
        for _ in 0..<2 {
            try other.send(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            _ = try other.readHead()
            _ = try other.read("127.0.0.1\n".utf8.count)
        }
        clock.advance(by: .seconds(10_000_000))
        _ = try? RawConnection(listener.address).send([0x47])
        _ = try connection.readToEnd()
        try await until { listener.all.contains { $0.status == .requestTimeout } }
    }

    @Test func aRequestThatIsLetGoOfIsTold() async throws {
        let listener = try Listener()
        let connection = try RawConnection(listener.address)
        try connection.send(Array("GET /dropped HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
        _ = try connection.readToEnd()
        try await listener.expect(.internalServerError)
    }

    @Test func aUnixSocketHasNoClientAddress() async throws {
        let directory = try TemporaryDirectory()
        let listener = try Listener(at: ListenAddress("unix:\(directory.path)/socket"))
        let connection = try RawConnection(listener.address)
        try connection.send(Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
        #expect(String(decoding: try connection.readToEnd(), as: UTF8.self).hasSuffix("none\n"))
        let other = try RawConnection(listener.address)
        try other.send(Array("nonsense\r\n\r\n".utf8))
        _ = try other.readToEnd()
        try await until { listener.all.map(\.clientAddress) == [nil] }
    }
}
