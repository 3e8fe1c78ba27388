import Glibc
import MicroHTTP
import Testing

@Suite struct InheritedSocketTests {
    @Test func aSocketThatListensIsServedAndStaysOpen() throws {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(listening) }
        #expect(listen(listening, 16) == 0)
        for _ in 0..<2 {
            let fixture = try Fixture(at: ["fd:\(listening)"])
            let address = BoundAddress(host: "127.0.0.1", port: fixture.addresses[0].port ?? 0)
            #expect(try Client(address).exchange(request("GET /hello")).body == "hello")
            fixture.server.stop(within: .seconds(1))
        }
    }

    /// In a process of its own, which has an environment of its own.
    @Test func socketsOfSystemdAreThoseOfThisProcess() async throws {
        await #expect(processExitsWith: .success) {
            setenv("LISTEN_FDS", "2", 1)
            #expect(throws: ServerError.self) { try ListenAddress.systemd() }
            setenv("LISTEN_PID", "\(getppid())", 1)
            #expect(throws: ServerError.self) { try ListenAddress.systemd() }
            setenv("LISTEN_PID", "\(getpid())", 1)
            let addresses = try ListenAddress.systemd()
            #expect(addresses.map(\.description) == ["fd:3", "fd:4"])
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
