import Glibc
import MicroHTTP
import TestSupport
import Testing

@Suite struct ReleaseTests {
    /// In a process of its own, since the tests beside it open descriptors and threads too.
    @Test func stopGivesBackEveryDescriptorAndThread() async throws {
        await #expect(processExitsWith: .success) {
            // The first servers make what the runtime keeps: its own threads, say.
            for _ in 0..<2 { try await ReleaseTests.serveAndStop() }
            let before = ProcessFigures.read()
            for _ in 0..<5 { try await ReleaseTests.serveAndStop() }
            let after = ProcessFigures.read()
            #expect(after.descriptors == before.descriptors)
            #expect(after.threads == before.threads)
        }
    }

    private static func serveAndStop() async throws {
        let waiting = Waiting()
        let fixture = try Fixture(at: ["127.0.0.1:0", "[::1]:0"], [waiting.route] + Fixture.routes)
        let clients = try (0..<50).map { _ in try fixture.connect() }
        for client in clients { try client.send(request("GET /later")) }
        await waiting.reach(50)
        #expect(try fixture.connect().exchange(request("PUT /echo", body: "a")).body == "a")
        fixture.server.stop(within: .milliseconds(50))
        _ = waiting.takeAll()
    }
}
