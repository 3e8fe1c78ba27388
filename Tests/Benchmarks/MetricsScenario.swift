internal import Foundation
internal import TestSupport

/// A scrape of a page of so many lines over HTTP, one after the other on one connection: the median time, against that of the fastest of
/// three libraries, each with its own way to serve, or compressed against the one that compresses.
struct MetricsScenario: Scenario {
    let lines: Int
    var isCompressed = false

    var name: String { "scrape of \(lines) lines\(isCompressed ? ", gzip" : "")" }

    private var peers: [String] { isCompressed ? ["go"] : ["rust", "cpp", "go"] }

    func compare(_ measuring: Measuring) throws -> Comparison {
        try PeerProgram.buildAll()
        let ours = try ServerProcess(Program.path(of: "service-probe"), ["empty", "lines=\(lines)"])
        let others = try peers.map { try Peer($0, lines: lines) }
        defer { for other in others { other.stop() } }
        let wrk = Wrk(connections: 1, seconds: measuring.seconds, acceptsGzip: isCompressed)
        var fastest: [String] = []
        let pairs = try measuring.pairs {
            try wrk.medianMicroseconds(ours.address, "/metrics")
        } _: {
            let times = try others.map { (try wrk.medianMicroseconds($0.address, "/metrics"), $0.name) }
            guard let best = times.min(by: { $0.0 < $1.0 }) else { throw VoidRun(description: "there is no peer") }
            fastest.append(best.1)
            return best.0
        }
        return Comparison(
            name: name,
            unit: "µs, median",
            peer: Set(fastest).sorted().joined(separator: ", "),
            pairs: pairs,
            bar: .atMost(isCompressed ? 0.5 : 1.0 / 3)
        )
    }

    /// A program of `Peers`.
    private struct Peer {
        let name: String
        let address: String
        private let program: Program

        init(_ name: String, lines: Int) throws {
            self.name = name
            address = try freeAddress(on: "127.0.0.1")
            let port = String(address.split(separator: ":")[1])
            program = try Program(PeerProgram.path(of: "metrics-\(name)"), [port, "\(lines)"])
            let end = ContinuousClock.now + .seconds(30)
            while (try? RawConnection(address)) == nil {
                guard .now < end else { throw VoidRun(description: "\(name) does not start") }
                usleep(10_000)
            }
        }

        func stop() { _ = program.end(with: SIGTERM) }
    }
}
