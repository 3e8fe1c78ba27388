internal import Foundation
internal import TestSupport

/// A server that runs while a scenario needs it; it ends with its input.
final class ServerProcess {
    /// Where it listens, as `127.0.0.1:8000`.
    let address: String
    private let program: PipedProgram
    private var lines = LineSplitter()

    /// Starts a server that prints its address in its first line.
    init(_ path: String, _ arguments: [String], patience: Duration = .seconds(10)) throws {
        program = try PipedProgram(path, arguments, hasInput: true)
        guard let line = try Self.line(of: program, &lines, within: patience) else {
            throw VoidRun(description: "\(path) has not said where it listens")
        }
        address = line
    }

    private static func line(
        of program: PipedProgram,
        _ lines: inout LineSplitter,
        within patience: Duration
    ) throws -> String? {
        let end = ContinuousClock.now + patience
        while .now < end, let bytes = program.read(upTo: end - .now) {
            if let line = lines.lines(adding: bytes).first { return line }
        }
        return nil
    }

    /// Writes a line to it, and waits for the line that it answers.
    func ask(_ line: String) throws -> String {
        program.write(Array("\(line)\n".utf8))
        guard let answer = try Self.line(of: program, &lines, within: .seconds(120)) else {
            throw VoidRun(description: "no answer to \(line)")
        }
        return answer
    }

    /// Lets it end by itself, and waits for that.
    func finish() {
        program.write(Array("\n".utf8))
        while let bytes = program.read(upTo: .seconds(30)), !bytes.isEmpty {}
        program.end(with: SIGKILL)
    }

    /// The server of this package in the shape of the reference server.
    static func ours(in directory: String) throws -> ServerProcess {
        try ServerProcess(Program.path(of: "benchmarks"), ["serve", directory])
    }

    /// The reference server in C.
    static func reference(in directory: String) throws -> ServerProcess {
        try ServerProcess(Program.path(of: "reference-server"), [directory])
    }
}
