import Foundation
import TestSupport
import Testing

extension LoadTests {
    /// Requests that give the service much to do, many at once: all have their answer, and others do not wait for them.
    @Suite(.serialized) struct HeavyRequestTests {
        let directory: TemporaryDirectory

        init() throws { directory = try TemporaryDirectory() }

        /// Writes what the clients send, a request in each file.
        private func makeFiles(of requests: [String]) throws -> [String] {
            try requests.enumerated()
                .map { number, request in
                    let path = "\(directory.path)/request\(number)"
                    try request.write(toFile: path, atomically: true, encoding: .utf8)
                    return path
                }
        }

        /// Starts a service with the models of the heavy requests, in memory.
        private func start(_ words: String...) throws -> Probe {
            let models = "\(directory.path)/models"
            try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
            let others = (1...3).map { (name: "Other\($0)", text: HeavyRequest.schemas[0].text) }
            for (name, schema) in HeavyRequest.schemas + others {
                try schema.write(toFile: "\(models)/\(name).json", atomically: true, encoding: .utf8)
            }
            return try Probe(["schemas", models, "models=101", "patient"] + words, of: "service-probe")
        }

        /// A document of exactly so many bytes.
        private static func document(_ number: Int, bytes: Int) -> String {
            let (start, end) = (#"{"number":\#(number),"text":""#, #""}"#)
            return start + String(repeating: "x", count: bytes - start.utf8.count - end.utf8.count) + end
        }

        /// As many bodies as fit into the memory for them, each as long as one may be: all are written.
        @Test(arguments: [1, 4]) func largeWritesAtOnceAllSucceed(models: Int) async throws {
            try await onThread {
                let names = Array(["Any", "Other1", "Other2", "Other3"].prefix(models))
                let server = try start()
                let address = try server.line(within: Load.patience)
                let requests = (0..<60)
                    .map {
                        HeavyRequest.call("PUT /state/\(names[$0 % models])", [], Self.document($0, bytes: 1 << 20))
                    }
                let before = try Self.revision(at: address)
                let clients = try Probe(["send", address, "60", "1"] + makeFiles(of: requests))
                #expect(try clients.line() == "sending")
                #expect(try clients.line(within: Load.patience) == "200=60")
                let changes = try Self.revision(at: address) - before
                #expect(changes == 60)
            }
        }

        /// The number of the last change of all models.
        private static func revision(at address: String) throws -> Int {
            let connection = try RawConnection(address)
            try connection.send(Array(HeavyRequest.call("HEAD /state").utf8))
            let lines = try connection.readHead()
            let tag = try #require(lines.first { $0.hasPrefix("ETag: ") }, "\(lines)")
            return try #require(tag.split(separator: "-").last.flatMap { Int($0.dropLast()) }, "\(tag)")
        }

        private static let kinds = ["get", "put", "watch"]

        /// Beside clients who send one heavy request after the other, others read, write and watch as ever.
        @Test(arguments: kinds) func othersGetOnBesideThem(kind: String) async throws {
            try await onThread {
                let milliseconds = Load.count(200, full: 7_500)
                let server = try start()
                let address = try server.line(within: Load.patience)
                func latency() throws -> Figures {
                    let words = ["latency", address, "\(milliseconds)", "/state/Model000001/samples", kind]
                    return Figures(try Probe(words).line(within: Load.patience))
                }
                let alone = try latency()
                let files = try makeFiles(of: HeavyRequest.bodies.map(\.text))
                let clients = try Probe(["send", address, "8", "0"] + files)
                #expect(try clients.line() == "sending")
                let beside = try latency()
                clients.goOn()
                let statuses = Figures(try clients.line(within: Load.patience))
                print("\(kind) alone: \(alone.line); beside heavy requests: \(beside.line); these had \(statuses.line)")
                #expect(beside["requests"] > 0)
                #expect(statuses["0"] == 0 && statuses["500"] == 0, "\(statuses.line)")
                #expect(statuses["200"] > 0 && statuses["422"] > 0, "\(statuses.line)")
                if Load.isFull { #expect(beside["p99"] <= 20_000, "\(beside.line)") }
            }
        }

        /// Bodies of those who may not write are not kept, and leave nothing behind.
        @Test func refusedBodiesTakeNoMemory() async throws {
            try await onThread {
                let server = try start("address=127.0.0.1:0,access=metrics")
                let address = try server.line(within: Load.patience)
                let clients = Load.count(100, full: 250)
                let request = HeavyRequest.call("PUT /state/Any", [], Self.document(0, bytes: 1 << 20))
                let file = try makeFiles(of: [request])
                let first = try Probe(["send", address, "10", "1"] + file)
                #expect(try first.line() == "sending")
                #expect(try first.line(within: Load.patience) == "403=10")
                let before = ProcessFigures.read(of: server.processNumber)
                let crowd = try Probe(["send", address, "\(clients)", "1"] + file)
                #expect(try crowd.line() == "sending")
                #expect(try crowd.line(within: Load.patience) == "403=\(clients)")
                try waitUntil { ProcessFigures.read(of: server.processNumber).descriptors <= before.descriptors }
                let after = ProcessFigures.read(of: server.processNumber)
                let (growth, peak) = (
                    after.residentBytes - before.residentBytes, after.peakBytes - before.residentBytes
                )
                print(
                    "\(clients) refused bodies of 1 MiB: memory grew by \(growth >> 10) KiB, at most by \(peak >> 10) KiB"
                )
                #expect(growth < 2 << 20)
                #expect(peak < 16 << 20)
            }
        }
    }
}
