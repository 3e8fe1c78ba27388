import Foundation
import TestSupport
import Testing

extension LoadTests {
    /// One thread serves all clients: no request has it compute for long, whatever the request holds.
    @Suite(.serialized) struct TurnTests {
        let directory: TemporaryDirectory

        init() throws { directory = try TemporaryDirectory() }

        /// The processor time of the loop's thread in one turn, in microseconds: much more without optimization.
        private static let mostMicroseconds = Load.isFull ? 5_000 : 100_000

        @Test func noRequestHoldsTheLoop() async throws {
            try await onThread {
                let server = try start(HeavyRequest.schemas)
                // They receive every change. One reads nothing.
                let url = "http://\(server.address)/state?watch"
                let reader = try PipedProgram("/usr/bin/curl", ["-sN", "-o", "/dev/null", url])
                let idler = try RawConnection(server.address)
                try idler.send(Array(HeavyRequest.call("GET /state?watch").utf8))
                defer { withExtendedLifetime((reader, idler)) {} }
                for request in HeavyRequest.all {
                    for other in request.before { try Self.exchange(other, at: server.address) }
                    let (status, longest) = try turns(of: request, rounds: Load.count(1, full: 3), at: server)
                    print("\(request.name): \(status), \(longest) µs")
                }
            }
        }

        /// The same of models and requests of all shapes.
        ///
        /// `MYOSIN_SEED` is the first seed.
        @Test func noGeneratedRequestHoldsTheLoop() async throws {
            try await onThread {
                let environment = ProcessInfo.processInfo.environment
                let first = environment["MYOSIN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...999_999)
                for seed in first..<first + UInt64(Load.count(1, full: 20)) {
                    var requests = RequestGenerator(
                        seed: seed,
                        models: 12,
                        mostBytes: Load.count(100_000, full: 1_000_000)
                    )
                    let server = try start(requests.schemas)
                    var longest = 0
                    var statuses: [String: Int] = [:]
                    for number in 0..<Load.count(40, full: 200) {
                        var request = requests.next()
                        request.name = "seed \(seed), request \(number): \(request.name)"
                        let turns = try turns(of: request, rounds: 1, at: server)
                        longest = max(longest, turns.longest)
                        statuses[turns.status, default: 0] += 1
                    }
                    print("seed \(seed): \(longest) µs; statuses \(statuses.sorted { $0.key < $1.key })")
                }
            }
        }

        /// Starts a service that has these models and many others.
        private func start(_ schemas: [(name: String, text: String)]) throws -> (probe: Probe, address: String) {
            for file in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
                try FileManager.default.removeItem(atPath: "\(directory.path)/\(file)")
            }
            for (name, schema) in schemas {
                try schema.write(toFile: "\(directory.path)/\(name).json", atomically: true, encoding: .utf8)
            }
            let models = Load.count(101, full: 10_000)
            let probe = try Probe(["schemas", directory.path, "models=\(models)", "patient"], of: "service-probe")
            return (probe, try probe.line(within: Load.patience))
        }

        /// Sends a request, and expects that the server computes for a short time only in each turn.
        ///
        /// A longer time must come again: other processes slow the thread's memory, too.
        /// The defaults come back before it, so that a write changes as much as it did at first.
        ///
        /// - Returns: the status of the answer, and how long it has computed in one turn at most, in microseconds.
        private func turns(
            of request: HeavyRequest,
            rounds: Int,
            at server: (probe: Probe, address: String)
        ) throws -> (status: String, longest: Int) {
            var (status, longest) = ("", 0)
            for _ in 0..<rounds {
                var shortest = Int.max
                for attempt in 0..<3 where shortest > Self.mostMicroseconds {
                    if attempt > 0 {
                        for other in request.beforeAgain { try Self.exchange(other, at: server.address) }
                    }
                    let turns = try turn(of: request, at: server)
                    (status, shortest) = (turns.status, min(shortest, turns.longest))
                }
                longest = max(longest, shortest)
            }
            #expect(longest <= Self.mostMicroseconds, "\(request.name): \(status), \(longest) µs")
            return (status, longest)
        }

        private func turn(
            of request: HeavyRequest,
            at server: (probe: Probe, address: String)
        ) throws -> (status: String, longest: Int) {
            server.probe.goOn("turns")
            _ = try server.probe.line()
            let status: String
            do {
                status = try Self.exchange(request.text, at: server.address)
            } catch {
                Issue.record("\(request.name): \(error)")
                throw error
            }
            server.probe.goOn("turns")
            let figures = Figures(try server.probe.line())
            #expect(figures["turns"] > 0)
            return (status, figures["longest"])
        }

        @discardableResult
        private static func exchange(_ request: String, at address: String) throws -> String {
            let connection = try RawConnection(address)
            try connection.send(Array(request.utf8))
            let lines = try connection.readHead()
            let status = String(lines[0].dropFirst(9).prefix(3))
            let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            // An answer without a length is a stream.
            if let length, status != "304" {
                _ = try connection.read(Int(length.dropFirst(15).drop { $0 == " " }) ?? 0)
            }
            return status
        }
    }
}
