import TestSupport
import Testing

extension LoadTests {
    /// Clients that send or read a byte now and then are gone within their deadline, and others do not notice them.
    @Suite struct SlowClients {
        /// A kind of client, and the limit that ends it.
        struct Kind: Sendable, CustomTestStringConvertible {
            let name: String
            let limit: String
            /// The name of the limit in the probe's arguments.
            let word: String
            /// The limit in the full run, in milliseconds, which is the default.
            let full: Int

            var testDescription: String { name }
        }

        static let kinds = [
            Kind(name: "head", limit: "headerTime", word: "header", full: 5_000),
            Kind(name: "body", limit: "bodyTime", word: "body", full: 10_000),
            Kind(name: "read", limit: "writeTime", word: "write", full: 10_000),
        ]

        @Test(arguments: kinds) func theyAreGoneInTime(_ kind: Kind) async throws {
            try await onThread {
                let deadline = Load.count(1_000, full: kind.full)
                let period = Load.count(200, full: 2_000)
                let count = Load.count(100, full: 1_000)
                let server = try Probe(["serve", "connections=2000", "\(kind.word)=\(deadline)"])
                let address = try server.line()
                let crowd = try Probe(["slow", address, "\(count)", kind.name, "\(period)"])
                #expect(try crowd.line() == "ready")
                let normal = try Probe(["latency", address, "\(deadline)"])
                let closed = Figures(try crowd.line())
                let latency = Figures(try normal.line())
                server.goOn()
                let figures = Figures(try server.line())
                print("\(count) slow clients (\(kind.name)): \(closed.line); beside them \(latency.line)")
                #expect(closed["closed"] == count, "\(closed.line)")
                // The other client can miss the deadline for its first header, too, and connects again then.
                #expect(figures["hit.\(kind.limit)"] == count + latency["reconnects"], "\(figures.line)")
                #expect(latency["requests"] > 0)
                guard Load.isFull else { return }
                // Told at the next byte of theirs; each round of a thousand takes a while, too.
                #expect(closed["last"] < deadline * 3 / 2 + 2 * period, "\(closed.line)")
                #expect(latency["p99"] <= 20_000, "\(latency.line)")
            }
        }
    }
}
