/// Writing documents durably: connections wait while one thread writes and flushes what has come, as in C.
struct DurablePutScenario: Scenario {
    let connections: Int

    var name: String { "durable PUT, \(connections) connections" }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let wrk = Wrk(connections: connections, seconds: measuring.seconds, body: BenchmarkServer.document)
        let ours = try ServerProcess.ours(in: measuring.directory)
        let reference = try ServerProcess.reference(in: measuring.directory)
        let pairs = try measuring.pairs {
            try wrk.requestsPerSecond(ours.address, "/state/M", directory: measuring.directory)
        } _: {
            try wrk.requestsPerSecond(reference.address, "/state/M", directory: measuring.directory)
        }
        return Comparison(name: name, unit: "requests/s", peer: "C", pairs: pairs, bar: .atLeast(0.8))
    }
}
