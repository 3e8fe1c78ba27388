internal import Foundation

/// A program that has run to its end under strace.
package struct TracedProgram: Sendable {
    /// Why there is nothing to look at.
    package struct Failure: Error {
        /// What strace or the program says.
        package let what: String
    }

    /// The calls by which files are written and flushed.
    package let trace: SystemTrace
    /// What the program has written to standard output.
    package let output: String

    /// Runs a program.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - arguments: what to tell it.
    /// - Throws: ``Failure`` when it can't be traced or fails.
    package init(_ path: String, _ arguments: [String]) throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/trace"
        let ending = try Program.run(
            "/usr/bin/strace",
            ["-f", "--seccomp-bpf", "-y", "-e", "trace=fdatasync,fsync,write,pwrite64", "-o", file, path] + arguments
        )
        guard ending.status == 0, !ending.isSignalled else { throw Failure(what: ending.errors) }
        trace = SystemTrace(try String(contentsOfFile: file, encoding: .utf8))
        output = ending.output
    }
}
