import Foundation
import Logging
import Myosin
import MyosinFoundation
import Testing

@testable import Greenhouse

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The whole program with its service, on a free port.
@Suite struct ProgramTests {
    let store = MemoryStore()
    let uplink = RecordingUplink()

    /// Runs the program while a test uses it, and ends it as `systemctl stop` does.
    private func run(_ body: (GreenhouseProgram, URL) async throws -> Void) async throws {
        let program = try GreenhouseProgram(
            cache: .store(store),
            address: "127.0.0.1:0",
            uplink: uplink,
            logger: Logger(label: "greenhouse.test")
        )
        let address = try #require(try program.service.start().first)
        let url = try #require(URL(string: "http://\(address)"))
        let running = Task { try await program.run() }
        do {
            try await body(program, url)
        } catch {
            Issue.record(error)
        }
        await program.group.triggerGracefulShutdown()
        try await running.value
    }

    private func call(_ method: String, _ url: URL) async throws -> (status: Int, text: String) {
        var request = URLRequest(url: url)
        request.httpMethod = method
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    @Test func itsOwnPathsStandBesideThoseOfTheService() async throws {
        try await run { program, url in
            #expect(try await call("GET", url.appending(path: "version")).text == "greenhouse 1.0\n")
            try await program.state.update(Irrigation.self, cache: true) { irrigation in
                irrigation.zones = [.init(id: UUID(), name: "Tomatoes")]
            }
            let water = url.appending(path: "water/Tomatoes")
                .appending(queryItems: [.init(name: "litres", value: "2.5")])
            let answer = try await call("POST", water)
            #expect(answer.status == 200 && answer.text.contains("0.01"))
            #expect(try await call("GET", url.appending(path: "bill")).text.contains(#""litres":2.5"#))
            #expect(try await call("GET", url.appending(path: "state/Ledger")).text.contains(#""Tomatoes":2.5"#))
            let metrics = try await call("GET", url.appending(path: "metrics")).text
            #expect(metrics.contains("\nmyosin_state_ledger_litres 2.5\n"))
        }
        #expect(store.documents["Ledger"]?.json?.object?["cost"] == 0.01)
    }

    @Test func mistakesAreExplained() async throws {
        try await run { _, url in
            let missing = try await call("POST", url.appending(path: "water/Tomatoes"))
            #expect(missing.status == 400 && missing.text.contains("/water/Tomatoes?litres=2.5"))
            let water = url.appending(path: "water/Roses").appending(queryItems: [.init(name: "litres", value: "1")])
            let unknown = try await call("POST", water)
            #expect(unknown.status == 404 && unknown.text.contains("There is no zone Roses."))
        }
    }

    @Test func theStateIsClosedWhenAllOthersHaveStopped() async throws {
        var state: State?
        try await run { program, _ in state = program.state }
        let closed = try #require(state)
        let error = await #expect(throws: StateError.self) {
            try await closed.update(Irrigation.self, cache: true) { $0.mode = .off }
        }
        #expect(error?.code == .closed)
        #expect(await uplink.last != nil)
    }
}
