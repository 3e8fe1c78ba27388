import Glibc
import HTTPTypes
import Primitives
import TestSupport
import Testing

@testable import MicroHTTP

@Suite struct LifecycleTests {
    private static let host = "127.77.0.1"

    /// An address that no other program gets when the server has left it.
    private static func address() throws -> String { try freeAddress(on: host) }

    @Test func aTakenPortIsReportedWithWhatToDo() throws {
        let address = try Self.address()
        let fixture = try Fixture(at: [address])
        let port = try #require(fixture.addresses[0].port)
        let configuration = ServerConfiguration(addresses: [try ListenAddress(address)])
        let server = Server(configuration: configuration, handler: { _ in .now(Response(status: .ok)) })
        let error = try #require(throws: ServerError.self) { try server.start() }
        #expect(error.code == .addressInUse)
        #expect(error.underlyingErrno == EADDRINUSE)
        #expect(
            "\(error)"
                == "port \(port) on \(Self.host) is taken by another process; stop it or choose another with port 0, "
                + "which picks a free one"
        )
        fixture.server.stop(within: .seconds(1))
        #expect(try server.start().first?.port == port)
        server.stop(within: .seconds(1))
    }

    @Test func aDeadUnixSocketIsReplacedAndALiveOneIsInUse() throws {
        let path = "/tmp/microhttp-\(UInt64.random(in: 0 ... .max)).sock"
        StaleSocket.leave(at: path)
        let fixture = try Fixture(at: ["unix:\(path)"])
        #expect(try fixture.connect().exchange(request("GET /hello")).status == 200)
        let error = try #require(throws: ServerError.self) { _ = try Fixture(at: ["unix:\(path)"]) }
        #expect(error.code == .addressInUse)
        #expect(try fixture.connect().exchange(request("GET /hello")).status == 200)
        fixture.server.stop(within: .seconds(1))
        #expect(access(path, F_OK) != 0)
    }

    @Test func stopEndsWithinItsBoundWhileRequestsAreSuspended() async throws {
        let waiting = Waiting()
        let clock = StandingClock()
        let fixture = try Fixture(at: [Self.address()], clock: clock, [waiting.route])
        let first = try fixture.connect()
        try first.send(request("GET /later"))
        try await waiting.reach(1)
        let inTime = waiting.takeAll()
        let clients = try (0..<20).map { _ in try fixture.connect() }
        for client in clients { try client.send(request("GET /later")) }
        try await waiting.reach(20)
        let hasStopped = try fixture.beginStopping(within: .seconds(10))
        // Its bound is known once no client can connect any more.
        try await until { (try? fixture.connect()) == nil }
        clock.advance(by: .seconds(9))
        for responder in inTime { #expect(responder.send(Response(status: .ok))) }
        #expect(try first.read().status == 200)
        clock.advance(by: .seconds(2))
        // A later bound changes nothing, but has the server look at its clock.
        #expect(try fixture.beginStopping(within: .beyondPatience).wait())
        #expect(hasStopped.wait())
        for responder in waiting.takeAll() { #expect(!responder.send(Response(status: .ok))) }
        for client in clients {
            let reply = try client.read()
            #expect(reply.status == 503)
            #expect(reply.has("Connection: close"))
        }
    }

    @Test func stopWaitsForARequestThatIsAnsweredInTime() async throws {
        let waiting = Waiting()
        let fixture = try Fixture(at: [Self.address()], [waiting.route])
        let client = try fixture.connect()
        try client.send(request("GET /later"))
        try await waiting.reach(1)
        let hasStopped = try fixture.beginStopping(within: .beyondPatience)
        // The server is stopping once no client can connect any more.
        try await until { (try? fixture.connect()) == nil }
        for responder in waiting.takeAll() { responder.send(Response(status: .ok)) }
        #expect(try client.read().status == 200)
        #expect(hasStopped.wait())
    }

    /// A client that does not read does not hold up the stop for the whole of its bound, and one that reads gets all.
    @Test(arguments: ["127.0.0.1:0", "unix"], [true, false])
    func stopWaitsForClientsThatTakeSomething(place: String, reads: Bool) throws {
        let directory = try TemporaryDirectory()
        // One that reads goes on whenever it gets to it.
        let clock = reads ? StandingClock() : nil
        let fixture = try Fixture(at: [place == "unix" ? "unix:\(directory.path)/socket" : place], clock: clock)
        let client = try fixture.connect(receiveBytes: 10_000)
        try client.send(request("GET /big"))
        #expect(try !client.read(bytes: 1_000).isEmpty)
        let hasStopped = try fixture.beginStopping(within: .beyondPatience)
        if reads {
            var count = 1_000
            // The head of the answer comes on top.
            while count < Fixture.big.response.body.count {
                count += try client.read(bytes: min(100_000, Fixture.big.response.body.count - count)).count
            }
        }
        #expect(hasStopped.wait())
    }

    @Test func progressIsWhateverChanges() {
        typealias Mark = DrainProgress.Mark
        let still = Mark(requestsRunning: 1, requestsHandled: 1)
        let changes: [Mark] = [
            Mark(requestsRunning: 0, requestsHandled: 1), Mark(requestsRunning: 1, requestsHandled: 2),
            Mark(requestsRunning: 1, requestsHandled: 1, bytes: 1),
            Mark(requestsRunning: 1, requestsHandled: 1, isWorking: true),
        ]
        for change in changes {
            var progress = DrainProgress()
            let looks = [
                progress.isStalled(still, at: 5_000), progress.isStalled(still, at: 6_499),
                progress.isStalled(change, at: 6_500), progress.isStalled(change, at: 7_999),
                progress.isStalled(change, at: 8_000),
            ]
            // As long as a handler works it goes on.
            #expect(looks == [false, false, false, false, !change.isWorking])
            #expect(progress.nextLook == 8_100)
        }
    }

    @Test func stopMayBeCalledByManyAndAgain() async throws {
        let fixture = try Fixture()
        let server = fixture.server
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { server.stop(within: .seconds(1)) } }
        }
        await server.stop(within: .zero)
        let error = try #require(throws: ServerError.self) { try server.start() }
        #expect(error.code == .stopped)
    }

    @Test func aHandlerMayStopItsServer() throws {
        let holder = Holder()
        let fixture = try Fixture([
            Route.atOnce(.get, "/stop") { _, _ in
                holder.server.withLock { $0 }?.stop(within: .beyondPatience)
                return .now(Response(status: .ok))
            }
        ])
        holder.server.withLock { $0 = fixture.server }
        let client = try fixture.connect()
        #expect(try client.exchange(request("GET /stop")).status == 200)
        #expect(client.isClosedByServer())
        holder.server.withLock { $0 = nil }
    }
}
