internal import TestSupport

/// What a commit costs whoever makes it while clients watch the model over HTTP, against one that nobody watches.
///
/// It is the processor time of the committing thread: what the clients are sent is the work of others.
struct PublishingScenario: Scenario {
    let watchers: Int

    private static let commits = 20_000

    var name: String { "commit, \(watchers) watchers" }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let watched = try server("watched", measuring)
        let unwatched = try server("unwatched", measuring)
        // It reads what comes until its input ends.
        let crowd = try watchers > 0 ? clients(of: watched) : nil
        defer { crowd?.finish() }
        let pairs = try measuring.pairs {
            try nanoseconds(watched)
        } _: {
            try nanoseconds(unwatched)
        }
        return Comparison(name: name, unit: "ns/commit", peer: "nobody", pairs: pairs, bar: .atMost(1.5))
    }

    private func server(_ name: String, _ measuring: Measuring) throws -> ServerProcess {
        let directory = "\(measuring.directory)/\(name)-\(watchers)"
        return try ServerProcess(Program.path(of: "service-probe"), [directory, "watchers=\(watchers)"])
    }

    private func clients(of server: ServerProcess) throws -> ServerProcess {
        let path = Program.path(of: "http-probe")
        return try ServerProcess(path, ["events", server.address, "\(watchers)"], patience: .seconds(60))
    }

    private func nanoseconds(_ server: ServerProcess) throws -> Double {
        let answer = Figures(try server.ask("commit \(Self.commits)"))
        return Double(answer["nanoseconds"])
    }
}
