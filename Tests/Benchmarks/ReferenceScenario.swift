/// What a server does over and over, against the reference server, which does nothing but that.
struct ReferenceScenario: Scenario {
    let name: String
    let connections: Int
    /// The body of PUT; GET without one.
    let body: String?
    /// Requests a second, as a share of the reference server's.
    let bar: Double

    /// Reading one document, which both send without a copy.
    static func get(connections: Int) -> ReferenceScenario {
        ReferenceScenario(name: "GET, \(connections) connections", connections: connections, body: nil, bar: 0.9)
    }

    /// Writing durably: connections wait while one thread writes and flushes what has come.
    static func durablePut(connections: Int) -> ReferenceScenario {
        ReferenceScenario(
            name: "durable PUT, \(connections) connections",
            connections: connections,
            body: BenchmarkServer.document,
            bar: 0.8
        )
    }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let wrk = Wrk(connections: connections, seconds: measuring.seconds, body: body)
        let ours = try ServerProcess.ours(in: measuring.directory)
        let reference = try ServerProcess.reference(in: measuring.directory)
        let pairs = try measuring.pairs {
            try wrk.requestsPerSecond(ours.address, "/state/M", directory: measuring.directory)
        } _: {
            try wrk.requestsPerSecond(reference.address, "/state/M", directory: measuring.directory)
        }
        return Comparison(name: name, unit: "requests/s", peer: "C", pairs: pairs, bar: .atLeast(bar))
    }
}
