internal import Foundation
internal import TestSupport

/// What a GET costs in instructions, which hardly any noise changes: the difference of many rounds to twice as many.
///
/// A round is a request on each of 32 connections, as in the scenario that counts requests a second.
struct InstructionsScenario: Scenario {
    private static let connections = 32
    private static let rounds = 100

    var name: String { "instructions a GET" }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let ours = try instructions("benchmarks", ["serve", measuring.directory], measuring)
        let reference = try instructions("reference-server", [measuring.directory], measuring)
        return Comparison(
            name: name,
            unit: "instructions",
            peer: "C",
            pairs: [(ours: ours, peer: reference)],
            bar: .atMost(1.1)
        )
    }

    private func instructions(_ server: String, _ arguments: [String], _ measuring: Measuring) throws -> Double {
        let cost = try Valgrind(.instructions, directory: measuring.directory)
            .cost(rounds: Self.rounds) { count, valgrind in
                try Valgrind.serve(valgrind, server, arguments) { try ask($0, count) }
            }
        return cost / Double(Self.connections)
    }

    private func ask(_ address: String, _ count: Int) throws {
        let connections = try (0..<Self.connections).map { _ in try RawConnection(address) }
        for _ in 0..<count {
            for connection in connections {
                try connection.send(Array("GET /state/M HTTP/1.1\r\nHost: \(address)\r\n\r\n".utf8))
            }
            for connection in connections {
                guard try connection.readHead().first == "HTTP/1.1 200 OK" else {
                    throw VoidRun(description: "not answered with 200")
                }
                _ = try connection.read(BenchmarkServer.document.utf8.count)
            }
        }
    }
}
