internal import Foundation
internal import TestSupport

/// What the executable of the container image asks of a machine, with ten models: disk, time and memory.
struct ExecutableScenario: Scenario {
    enum Figure {
        /// The stripped file, against Debian's node exporter.
        case size
        /// The time from its start to the first answer.
        case start
        /// Resident memory after the first answer.
        case idleMemory
        /// Resident memory after some seconds of GETs as fast as they are answered, against the node exporter.
        case busyMemory
    }

    let figure: Figure

    var name: String {
        switch figure {
        case .size: "executable, stripped"
        case .start: "start to first answer"
        case .idleMemory: "resident memory, idle"
        case .busyMemory: "resident memory after load"
        }
    }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let directory = try TemporaryDirectory()
        let ours = try Exporter.ours(in: directory.path)
        let node = try Exporter.node(in: directory.path)
        // Before anything is measured once, so that the executable is in memory and the store is made.
        try ours.start().stop()
        switch figure {
        case .size:
            let pairs = [(ours: try ours.bytes / 1_000, peer: try node.bytes / 1_000)]
            return Comparison(name: name, unit: "KB", peer: node.name, pairs: pairs, bar: .atMost(1))
        case .start:
            let pairs = try measuring.pairs {
                let running = try ours.start()
                running.stop()
                return running.untilAnswer / .microseconds(1)
            } _: {
                50_000
            }
            return Comparison(name: name, unit: "µs", peer: "what it may", pairs: pairs, bar: .atMost(1))
        case .idleMemory:
            let pairs = try measuring.pairs {
                let running = try ours.start()
                defer { running.stop() }
                return try running.residentBytes / 1_000
            } _: {
                16_000
            }
            return Comparison(name: name, unit: "KB", peer: "what it may", pairs: pairs, bar: .atMost(1))
        case .busyMemory:
            let pairs = try measuring.pairs {
                try kilobytes(ours, after: "/state/Model5", measuring)
            } _: {
                try kilobytes(node, after: "/", measuring)
            }
            return Comparison(name: name, unit: "KB", peer: node.name, pairs: pairs, bar: .atMost(1))
        }
    }

    private func kilobytes(_ exporter: Exporter, after path: String, _ measuring: Measuring) throws -> Double {
        let running = try exporter.start()
        defer { running.stop() }
        _ = try Wrk(connections: 32, seconds: measuring.seconds)
            .requestsPerSecond(running.address, path, directory: measuring.directory)
        return try running.residentBytes / 1_000
    }
}
