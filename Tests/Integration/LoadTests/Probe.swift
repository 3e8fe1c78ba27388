import Foundation
import Primitives
import TestSupport

/// `http-probe` or `service-probe` as a process of its own, which is told to go on by a line on its standard input.
final class Probe: Sendable {
    private let program: PipedProgram
    private let lines = Lock(LineSplitter())
    private let waiting = Lock<[String]>([])

    /// The probe has printed no line.
    struct Silent: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts it, or another program of the kind; a limit of open files is set where one is given.
    init(_ words: [String], of name: String = "http-probe", maxOpenFiles: Int? = nil) throws {
        var command = [Program.path(of: name)] + words
        if let maxOpenFiles { command = ["/bin/sh", "-c", "ulimit -n \(maxOpenFiles); exec \"$@\"", "sh"] + command }
        program = try PipedProgram(command[0], Array(command.dropFirst()), hasInput: true)
    }

    /// The number by which the system knows the process.
    var processNumber: Int { program.processNumber }

    /// The next line that it says.
    func line(within bound: Duration = patience) throws -> String {
        let end = SuspendingClock.now + bound
        while true {
            if let line = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return line }
            guard let bytes = program.read(upTo: min(patience, end - SuspendingClock.now)) else {
                throw Silent(description: "the probe has ended")
            }
            if bytes.isEmpty, SuspendingClock.now >= end { throw Silent(description: "the probe says nothing") }
            let new = lines.withLock { $0.lines(adding: bytes) }
            waiting.withLock { $0 += new }
        }
    }

    /// Lets it go on, with something to do where it takes that.
    func goOn(_ what: String = "") { program.write(Array("\(what)\n".utf8)) }
}

/// How large the crowds are, and how long tests wait for them: those that `make test` has time for, or with `MYOSIN_LOAD=full` the real
/// ones.
enum Load {
    static let isFull = ProcessInfo.processInfo.environment["MYOSIN_LOAD"] == "full"

    /// How long a test waits for all that a crowd does.
    static let patience = TestSupport.patience * (isFull ? 12 : 3)

    static func count(_ small: Int, full: Int) -> Int { isFull ? full : small }
}
