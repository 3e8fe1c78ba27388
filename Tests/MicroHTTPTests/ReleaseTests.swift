import Foundation
import MicroHTTP
import TestSupport
import Testing

@Suite struct ReleaseTests {
    /// In a process of its own, because the tests beside it open descriptors and threads too, and without tasks, for which the
    /// runtime opens some.
    @Test func stopGivesBackEveryDescriptorAndThread() async throws {
        await #expect(processExitsWith: .success) {
            // The first servers make what the runtime keeps: its own threads, say.
            for _ in 0..<2 { try ReleaseTests.serveAndStop() }
            let before = ProcessFigures.read()
            // The runtime may start as many threads as there are processors at any moment, which is less than one per server.
            let count = 2 * ProcessInfo.processInfo.activeProcessorCount + 8
            for _ in 0..<count { try ReleaseTests.serveAndStop() }
            let after = ProcessFigures.read()
            #expect(after.descriptors == before.descriptors)
            #expect(after.threads - before.threads < count)
        }
    }

    private static func serveAndStop() throws {
        let waiting = Waiting()
        let fixture = try Fixture(at: ["127.0.0.1:0", "[::1]:0"], [waiting.route] + Fixture.routes)
        let clients = try (0..<50).map { _ in try fixture.connect() }
        for client in clients { try client.send(request("GET /later")) }
        try waitUntil { waiting.count == 50 }
        #expect(try fixture.connect().exchange(request("PUT /echo", body: "a")).body == "a")
        fixture.server.stop(within: .milliseconds(50))
        _ = waiting.takeAll()
    }
}
