import Glibc
import HTTPTypes
import Locking
import MicroHTTP
import Testing

@Suite struct LifecycleTests {
    @Test func aTakenPortIsReportedWithWhatToDo() throws {
        // An address that nothing else uses: on 127.0.0.1 anybody may get the port between its two owners here, as the
        // port of a server or of a client.
        let host = "127.77.0.1"
        let fixture = try Fixture(at: ["\(host):0"])
        let port = try #require(fixture.addresses[0].port)
        let configuration = ServerConfiguration(addresses: [try ListenAddress("\(host):\(port)")])
        let server = Server(configuration: configuration, handler: { _ in .now(Response(status: .ok)) })
        let error = try #require(throws: ServerError.self) { try server.start() }
        #expect(error.code == .addressInUse)
        #expect(error.underlyingErrno == EADDRINUSE)
        #expect(
            "\(error)"
                == "port \(port) on \(host) is taken by another process; stop it or choose another with port 0, "
                + "which picks a free one"
        )
        fixture.server.stop(within: .seconds(1))
        #expect(try server.start().first?.port == port)
        server.stop(within: .seconds(1))
    }

    @Test func aDeadUnixSocketIsReplacedAndALiveOneIsInUse() throws {
        let path = "/tmp/microhttp-\(UInt64.random(in: 0 ... .max)).sock"
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafePointer(to: address) {
            _ = bind(
                dead,
                UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_un>.size)
            )
        }
        close(dead)
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
        let fixture = try Fixture([waiting.route])
        let clients = try (0..<20).map { _ in try fixture.connect() }
        for client in clients { try client.send(request("GET /later")) }
        await waiting.reach(20)
        let start = ContinuousClock.now
        fixture.server.stop(within: .milliseconds(200))
        #expect(ContinuousClock.now - start < .seconds(2))
        for responder in waiting.takeAll() { #expect(!responder.send(Response(status: .ok))) }
        for client in clients {
            let reply = try client.read()
            #expect(reply.status == 503)
            #expect(reply.has("Connection: close"))
        }
    }

    @Test func stopWaitsForARequestThatIsAnsweredInTime() async throws {
        let waiting = Waiting()
        let fixture = try Fixture([waiting.route])
        let client = try fixture.connect()
        try client.send(request("GET /later"))
        await waiting.reach(1)
        let server = fixture.server
        async let stopped: Void = server.stop(within: .seconds(30))
        for responder in waiting.takeAll() { responder.send(Response(status: .ok)) }
        #expect(try client.read().status == 200)
        await stopped
    }

    @Test func stopMayBeCalledByManyAndAgain() async throws {
        let fixture = try Fixture()
        let server = fixture.server
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { server.stop(within: .seconds(1)) } }
        }
        server.stop(within: .zero)
        let error = try #require(throws: ServerError.self) { try server.start() }
        #expect(error.code == .stopped)
    }

    @Test func aHandlerMayStopItsServer() throws {
        let holder = Holder()
        let fixture = try Fixture([
            Route(.get, "/stop") { _, _ in
                holder.server.withLock { $0 }?.stop(within: .seconds(1))
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
