internal import Foundation
internal import TestSupport

/// An exporter as it is installed, which a scenario starts and ends: `myosin-exporter`, or Prometheus' node exporter.
struct Exporter {
    let name: String
    let path: String
    let arguments: [String]
    /// What is asked to find out that it works.
    let health: String

    /// Our executable, built as for the container image, with ten models in a directory and their values in a store.
    static func ours(in directory: String) throws -> Exporter {
        guard let executables = ProcessInfo.processInfo.environment["MYOSIN_STATIC_EXECUTABLES"] else {
            throw VoidRun(description: "MYOSIN_STATIC_EXECUTABLES does not say where myosin-exporter is")
        }
        let models = "\(directory)/models"
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        for number in 0..<10 {
            try Data(slotSchema.utf8).write(to: URL(filePath: "\(models)/Model\(number).schema.json"))
        }
        return Exporter(
            name: "myosin-exporter",
            path: try stripped("\(executables)/myosin-exporter", in: directory),
            arguments: ["--state.models=\(models)", "--state.path=\(directory)/state", "--log.level=error"],
            health: "/healthz"
        )
    }

    /// Debian's node exporter.
    static func node(in directory: String) throws -> Exporter {
        Exporter(
            name: "node exporter",
            path: try stripped("/usr/bin/prometheus-node-exporter", in: directory),
            // Without the collector that complains where there is no udev.
            arguments: ["--log.level=error", "--no-collector.diskstats"],
            health: "/"
        )
    }

    /// The size of the executable without its symbols.
    var bytes: Double {
        get throws {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (attributes[.size] as? NSNumber)?.doubleValue ?? 0
        }
    }

    private static func stripped(_ path: String, in directory: String) throws -> String {
        let copy = "\(directory)/\(URL(filePath: path).lastPathComponent)"
        let ending = try Program.run("/usr/bin/strip", ["-o", copy, path])
        guard ending.status == 0 else { throw VoidRun(description: "strip: \(ending.errors)") }
        return copy
    }

    /// Starts it and waits until it answers a request.
    func start() throws -> Running {
        let address = try freeAddress(on: "127.0.0.1")
        let start = ContinuousClock.now
        let program = try PipedProgram(path, arguments + ["--web.listen-address=\(address)"])
        while true {
            if let page = try? RawConnection.page(address, health), !page.isEmpty { break }
            guard .now < start + .seconds(30) else { throw VoidRun(description: "\(name) does not answer") }
            usleep(1_000)
        }
        return Running(address: address, untilAnswer: .now - start, program: program)
    }

    /// The process.
    struct Running {
        let address: String
        /// How long it took from its start to the first answer.
        let untilAnswer: Duration
        private let program: PipedProgram

        fileprivate init(address: String, untilAnswer: Duration, program: PipedProgram) {
            (self.address, self.untilAnswer, self.program) = (address, untilAnswer, program)
        }

        /// Its resident memory.
        var residentBytes: Double {
            get throws {
                let bytes = ProcessFigures.read(of: program.processNumber).residentBytes
                guard bytes > 0 else { throw VoidRun(description: "the system does not tell the resident memory") }
                return Double(bytes)
            }
        }

        func stop() { program.end(with: SIGTERM) }
    }
}
