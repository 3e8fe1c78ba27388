import Glibc
import MicroHTTP
import Testing

@Suite struct InheritedSocketTests {
    /// In a process of its own, which has descriptor 3 for itself and an environment of its own.
    @Test func socketsOfSystemdAreServed() async throws {
        await #expect(processExitsWith: .success) {
            let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            #expect(listen(listening, 16) == 0)
            #expect(dup2(listening, 3) == 3)
            setenv("LISTEN_FDS", "1", 1)
            #expect(throws: ServerError.self) { try ListenAddress.systemd() }
            setenv("LISTEN_PID", "\(getpid())", 1)
            let addresses = try ListenAddress.systemd()
            #expect(addresses.map(\.description) == ["fd:3"])
            // The descriptor stays open, so it can be served again.
            for _ in 0..<2 {
                let fixture = try Fixture(at: addresses.map(\.description))
                #expect(fixture.addresses[0].port ?? 0 > 0)
                let client = try Client(BoundAddress(host: "127.0.0.1", port: fixture.addresses[0].port ?? 0))
                #expect(try client.exchange(request("GET /hello")).body == "hello")
                fixture.server.stop(within: .seconds(1))
            }
        }
    }

    @Test(arguments: [AF_INET, AF_UNIX])
    func whatDoesNotListenIsRefused(family: Int32) throws {
        let idle = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(idle) }
        let error = try #require(throws: ServerError.self) { _ = try Fixture(at: ["fd:\(idle)"]) }
        #expect(error.code == .badAddress)
        #expect(error.message.hasPrefix("descriptor \(idle) is not a stream socket that listens"))
        #expect(fcntl(idle, F_GETFD) >= 0)
    }

    @Test(arguments: ["fd:", "fd:-1", "fd:+3", "fd:x", "fd:99999999999"])
    func whatIsNoDescriptorIsNoAddress(_ text: String) {
        #expect(throws: ServerError.self) { try ListenAddress(text) }
    }
}
