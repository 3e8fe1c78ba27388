internal import TestSupport

/// 5,000 clients that watch a model over HTTP: what they cost while nothing changes, or how long a change takes to reach all.
struct WatchersScenario: Scenario {
    enum Figure {
        /// Resident memory of the server, in bytes a client.
        case memory
        /// The time from the request that changes the model until the last client has read of it.
        case delay
    }

    let figure: Figure
    private static let count = 5_000

    var name: String {
        switch figure {
        case .memory: "5,000 idle watchers, memory of each"
        case .delay: "a change reaches 5,000 watchers"
        }
    }

    func compare(_ measuring: Measuring) throws -> Comparison {
        switch figure {
        case .memory:
            // Each time from the beginning: a server keeps for the next crowd what the first one has needed.
            let pairs = try measuring.pairs(bytes) { 13_000 }
            return Comparison(name: name, unit: "bytes", peer: "what it may", pairs: pairs, bar: .atMost(1))
        case .delay:
            let directory = try TemporaryDirectory()
            let server = try server(in: directory)
            let crowd = try crowd(of: server)
            defer { crowd.finish() }
            let pairs = try measuring.pairs {
                let change = Figures(try crowd.ask("1"))
                guard change["clients"] == Self.count, change["wrong"] == 0 else {
                    throw VoidRun(description: "not all were told: \(change.line)")
                }
                return Double(change["milliseconds"])
            } _: {
                500
            }
            return Comparison(name: name, unit: "ms", peer: "what it may", pairs: pairs, bar: .atMost(1))
        }
    }

    private func bytes() throws -> Double {
        let directory = try TemporaryDirectory()
        let server = try server(in: directory)
        // What the process keeps for good comes with the first requests.
        _ = try Program.run(Program.path(of: "http-probe"), ["latency", server.address, "500", "/state/Slot01"])
        let before = Figures(try server.ask("figures"))
        let crowd = try crowd(of: server)
        let after = Figures(try server.ask("figures"))
        crowd.finish()
        return Double(after["resident"] - before["resident"]) / Double(Self.count)
    }

    private func server(in directory: TemporaryDirectory) throws -> ServerProcess {
        try ServerProcess(Program.path(of: "service-probe"), [directory.path, "watchers=\(Self.count)"])
    }

    /// Returns once all are told what is there.
    private func crowd(of server: ServerProcess) throws -> ServerProcess {
        let words = ["events", server.address, "\(Self.count)"]
        return try ServerProcess(Program.path(of: "http-probe"), words, patience: .seconds(60))
    }
}
