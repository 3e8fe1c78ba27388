internal import TestSupport

/// Reading the whole state while 1,000 clients send or read a byte now and then, and 64 writers wait for a slow disk.
///
/// A third of the clients does not end its header, another one its body, and the last one does not read what it has asked for.
struct SlowClientsScenario: Scenario {
    private static let maxMicroseconds = 20_000.0
    private static let flushMilliseconds = 100
    /// Each with what it asks for; those who do not read ask for more than the system keeps for them.
    private static let crowds = [
        (kind: "read", count: 334, path: "/metrics"), (kind: "body", count: 333, path: "/state/Slot01"),
        (kind: "head", count: 333, path: "/state"),
    ]

    var name: String { "GET /state among 1,000 slow clients" }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let pairs = try measuring.pairs {
            try microseconds(measuring)
        } _: {
            Self.maxMicroseconds
        }
        return Comparison(name: name, unit: "µs, p99", peer: "what it may", pairs: pairs, bar: .atMost(1))
    }

    private func microseconds(_ measuring: Measuring) throws -> Double {
        let directory = try TemporaryDirectory()
        let probe = Program.path(of: "service-probe")
        let server = try ServerProcess(probe, [directory.path, "flush=\(Self.flushMilliseconds)"])
        // They hold on until the server has had enough of them, after five seconds and more.
        let seconds = min(measuring.seconds, 3)
        let crowds = try Self.crowds.map { crowd in
            let words = ["slow", server.address, "\(crowd.count)", crowd.kind, "200", crowd.path]
            return try ServerProcess(Program.path(of: "http-probe"), words)
        }
        defer { withExtendedLifetime(crowds) {} }
        let reading = try Program(
            Program.path(of: "http-probe"),
            ["latency", server.address, "\(seconds * 1_000)", "/state"]
        )
        _ = try Wrk(connections: 64, seconds: seconds, script: Wrk.writing(Wrk.slots))
            .requestsPerSecond(server.address, "/", directory: directory.path)
        let latency = Figures(reading.end().output)
        guard latency["requests"] > 0 else { throw VoidRun(description: "the state was not read") }
        guard try openConnections(server) > 1_000 else { throw VoidRun(description: "the slow clients have left") }
        return Double(latency["p99"])
    }

    /// How many there are with the one that asks.
    private func openConnections(_ server: ServerProcess) throws -> Int {
        let name = "myosin_http_connections"
        let page = try RawConnection.page(server.address, "/metrics?name[]=\(name)")
        return page.split(separator: "\n").last { $0.hasPrefix("\(name) ") }
            .flatMap { Double($0.dropFirst(name.count + 1)) }.map { Int($0) } ?? 0
    }
}
