internal import Foundation
internal import TestSupport

/// How often the service asks for memory for a `GET /state/M`, against what libmicrohttpd itself does so for.
struct AllocationsScenario: Scenario {
    private static let rounds = 1_000

    var name: String { "allocations of \(Self.rounds) GET /state/M" }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let valgrind = Valgrind(.allocations, directory: measuring.directory)
        func allocations(_ server: String) throws -> Double {
            let cost = try valgrind.cost(rounds: Self.rounds) { rounds, valgrind in
                let directory = try TemporaryDirectory()
                try Valgrind.serve(valgrind, server, [directory.path]) { address in
                    let client = try SingleClient(address)
                    for _ in 0..<rounds { try client.get("/state/Slot00") }
                }
            }
            return cost * Double(Self.rounds)
        }
        let ours = try allocations("service-probe")
        // At least one in all rounds, as there is no ratio to none.
        let reference = max(1, try allocations("reference-server"))
        return Comparison(name: name, unit: "allocations", peer: "C", pairs: [(ours, reference)], bar: .atMost(1))
    }
}
