internal import Foundation
internal import TestSupport

/// Counts what a program does, which hardly any noise changes.
struct Valgrind {
    enum Figure {
        case instructions
        /// Calls of a function, whatever calls it.
        case calls(of: String)
        /// Of memory.
        case allocations
    }

    private let figure: Figure
    /// What it writes.
    private let output: String

    init(_ figure: Figure, directory: String) { (self.figure, output) = (figure, "\(directory)/valgrind-output") }

    /// What one of many rounds costs: the difference of some to twice as many, so that start and end do not count.
    ///
    /// - Parameters:
    ///   - rounds: how many rounds to make at first.
    ///   - run: runs a program to its end for so many rounds, by ``run(_:_:_:)`` or ``serve(_:_:_:_:)``, which take the words.
    /// - Returns: the cost of one round.
    /// - Throws: ``VoidRun`` when valgrind counts nothing, and what the closure throws.
    func cost(rounds: Int, _ run: (_ rounds: Int, _ valgrind: [String]) throws -> Void) throws -> Double {
        let once = try total(rounds, run)
        let twice = try total(2 * rounds, run)
        return Double(twice - once) / Double(rounds)
    }

    /// Runs an executable of this package to its end.
    static func run(_ valgrind: [String], _ executable: String, _ arguments: [String]) throws {
        let ending = try Program.run("/usr/bin/env", valgrind + [Program.path(of: executable)] + arguments)
        guard ending.status == 0 else {
            throw VoidRun(description: "\(executable) under valgrind: \(ending.errors.suffix(300))")
        }
    }

    /// Runs a server of this package while it is used; whatever it keeps must be new in each run.
    static func serve(
        _ valgrind: [String],
        _ executable: String,
        _ arguments: [String],
        _ use: (_ address: String) throws -> Void
    ) throws {
        let words = valgrind + [Program.path(of: executable)] + arguments
        let server = try ServerProcess("/usr/bin/env", words, patience: .seconds(60))
        try use(server.address)
        server.finish()
    }

    private func total(_ rounds: Int, _ run: (Int, [String]) throws -> Void) throws -> Int {
        let tool =
            switch figure {
            case .allocations: ["--leak-check=no", "--log-file=\(output)"]
            // The threads of a server take turns in order of arrival, not as luck has it.
            default: ["--tool=callgrind", "--callgrind-out-file=\(output)", "--quiet", "--fair-sched=yes"]
            }
        // Dictionaries in the same order in each run. And glibc fills and copies with vectors: callgrind counts each byte of a string
        // instruction as one instruction, but the processor does 32 at a time.
        let most = "1000000000"
        let environment = [
            "SWIFT_DETERMINISTIC_HASHING=1",
            "GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=\(most):glibc.cpu.x86_rep_movsb_threshold=\(most)",
        ]
        try run(rounds, environment + ["valgrind"] + tool)
        let text = try String(contentsOfFile: output, encoding: .utf8)
        switch figure {
        case .instructions: return try number(#/^totals: ([0-9]+)/#, in: text)
        case .allocations: return try number(#/total heap usage: ([0-9,]+) allocs/#, in: text)
        case .calls(let function): return Self.calls(of: function, in: text)
        }
    }

    private func number(_ pattern: Regex<(Substring, Substring)>, in text: String) throws -> Int {
        guard let match = text.firstMatch(of: pattern.anchorsMatchLineEndings()),
            let number = Int(match.1.filter { $0 != "," })
        else { throw VoidRun(description: "valgrind counts nothing: \(text.suffix(300))") }
        return number
    }

    /// Adds up the lines `calls=…` after a line `cfn=(number) name`; a name is told once, and then its number only.
    ///
    /// It is the format of the Callgrind manual, section "Callgrind Format Specification".
    private static func calls(of function: String, in text: String) -> Int {
        var (numbers, isCalled, count): (Set<Substring>, Bool, Int) = ([], false, 0)
        for line in text.split(separator: "\n") {
            if let match = line.prefixMatch(of: #/c?fn=(\([0-9]+\))(?: (.*))?/#) {
                // A version of the symbol follows the name.
                if let name = match.2, name == function || name.hasPrefix(function + "@") { numbers.insert(match.1) }
                if line.hasPrefix("c") { isCalled = numbers.contains(match.1) }
            } else if isCalled, let match = line.prefixMatch(of: #/calls=([0-9]+)/#) {
                count += Int(match.1) ?? 0
                isCalled = false
            }
        }
        return count
    }
}
