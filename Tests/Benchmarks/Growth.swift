internal import Foundation
internal import TestSupport

/// What grows, and what is measured of it.
enum Growth: String, CaseIterable {
    /// Models; GETs of one of them a second.
    case get
    /// Models; the processor time of a commit of one of them.
    case commit
    /// Connections; GETs of one model a second.
    case connections
    /// Writers, each with a connection, on as many models; durable PUTs a second.
    case writers

    /// The steps of the pictures.
    var counts: [Int] {
        switch self {
        case .get, .commit: [10, 100, 1_000, 10_000, 100_000]
        case .connections: [32, 256, 1_024, 10_000]
        case .writers: [1, 2, 4, 8, 16, 32, 64]
        }
    }

    var unit: String { self == .commit ? "ns/commit" : "requests/s" }

    /// A service that has grown, while it runs.
    struct Subject {
        let growth: Growth
        let count: Int
        private let server: ServerProcess
        private let directory: TemporaryDirectory

        /// Starts a service with its store in a directory of its own.
        init(_ growth: Growth, _ count: Int) throws {
            (self.growth, self.count) = (growth, count)
            directory = try TemporaryDirectory()
            let models = growth == .get || growth == .commit ? ["models=\(count)"] : []
            let path = Program.path(of: "service-probe")
            server = try ServerProcess(path, [directory.path] + models, patience: .seconds(300))
        }

        /// Measures once.
        func figure(_ seconds: Int) throws -> Double {
            func requestsPerSecond(_ wrk: Wrk, _ path: String) throws -> Double {
                try wrk.requestsPerSecond(server.address, path, directory: directory.path)
            }
            switch growth {
            case .get:
                let middle = String(format: "/state/Model%06d", count / 2)
                return try requestsPerSecond(Wrk(connections: 32, seconds: seconds), middle)
            case .commit:
                return Double(Figures(try server.ask("commit 20000"))["nanoseconds"])
            case .connections:
                // Of a short run of thousands most would be their connecting.
                let wrk = Wrk(connections: count, seconds: max(seconds, count / 1_000), patienceSeconds: 10)
                return try requestsPerSecond(wrk, "/state/Slot00")
            case .writers:
                let script = Wrk.writing(Array(Wrk.slots.prefix(count)))
                return try requestsPerSecond(Wrk(connections: count, seconds: seconds, script: script), "/")
            }
        }
    }
}
