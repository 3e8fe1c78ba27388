internal import TestSupport

/// What `.ci/build-peers` builds of the directory `Peers`.
enum PeerProgram {
    private static let directory = "\(repository)/.build/peers"

    /// Builds what is missing or older than its source.
    static func buildAll() throws {
        let build = try Program.run("\(repository)/.ci/build-peers", [directory])
        guard build.status == 0 else { throw VoidRun(description: "the peers cannot be built: \(build.errors)") }
    }

    /// Where a program is.
    static func path(of name: String) -> String { "\(directory)/\(name)" }

    /// The number that a program prints.
    static func number(_ name: String, _ arguments: [String]) throws -> Double {
        try number(of: Program.run(path(of: name), arguments), name)
    }

    /// The number that Python myosin gives.
    ///
    /// - Parameters:
    ///   - arguments: what `engine.py` is told.
    ///   - cache: where it keeps what is committed with `cache=True`.
    /// - Returns: what it prints.
    /// - Throws: ``VoidRun`` when that is no number.
    static func pythonNumber(_ arguments: [String], cache: String = "") throws -> Double {
        let ending = try Program.run(
            "/usr/bin/env",
            ["python3", "\(repository)/Tests/Benchmarks/Peers/engine.py"] + arguments,
            environment: ["PYTHONPATH": "\(directory)/python", "MYOSIN_CACHE_BASE_PATH": cache]
        )
        return try number(of: ending, "engine.py")
    }

    /// The number that the benchmarks themselves print, as a process of its own.
    static func ownNumber(_ arguments: [String]) throws -> Double {
        try number(of: Program.run(Program.path(of: "benchmarks"), arguments), arguments[0])
    }

    private static func number(of ending: Program.Ending, _ name: String) throws -> Double {
        guard ending.status == 0, let number = Double(ending.output.dropLast()) else {
            throw VoidRun(description: "\(name): \(ending.output)\(ending.errors.suffix(300))")
        }
        return number
    }
}
