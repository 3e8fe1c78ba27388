internal import Foundation
internal import TestSupport

/// How many instructions each of some operations takes, as a file keeps them: a name and a number a line, comments after `#`.
struct InstructionFigures {
    /// From what on a change is told.
    private static let tolerance = 0.1

    /// In order of the file.
    let numbers: [(name: String, count: Int)]
    /// What they were counted with.
    let tools: String

    init(_ numbers: [(name: String, count: Int)]) { (self.numbers, tools) = (numbers, Self.toolsHere()) }

    /// Reads a file.
    init(contentsOf path: String) throws {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        tools = lines.first { $0.hasPrefix(Self.toolsMark) }.map { String($0.dropFirst(Self.toolsMark.count)) } ?? ""
        numbers = try lines.filter { !$0.hasPrefix("#") }
            .map { line in
                guard let space = line.lastIndex(of: " "), let count = Int(line[space...].dropFirst()), count > 0 else {
                    throw VoidRun(description: "\(path): not a name and a number: \(line)")
                }
                return (String(line[..<space]), count)
            }
    }

    /// Writes the file.
    func write(to path: String) throws {
        let head = """
            # Instructions that an operation takes; `make instruction-test` compares, with ARGS=--accept it writes this file.
            \(Self.toolsMark)\(tools)

            """
        let lines = numbers.map { "\($0.name) \($0.count)\n" }.joined()
        try Data((head + lines).utf8).write(to: URL(filePath: path))
    }

    /// What is to be told about these figures.
    ///
    /// - Parameter before: those that are kept.
    /// - Returns: a line for each, and whether none has risen by more than a tenth and none is missing.
    func compared(with before: InstructionFigures) -> (lines: [String], isGood: Bool) {
        var (lines, isGood): ([String], Bool) = ([], true)
        for (name, count) in numbers {
            guard let former = before.numbers.first(where: { $0.name == name })?.count else {
                lines.append("\(name): \(count), and no figure is kept")
                isGood = false
                continue
            }
            let change = Double(count) / Double(former) - 1
            let text = String(format: "%@: %d, %d before, %+.1f %%", name, count, former, 100 * change)
            let verdict = abs(change) <= Self.tolerance ? "" : change > 0 ? " – RISEN" : " – fallen"
            lines.append(text + verdict)
            isGood = isGood && change <= Self.tolerance
        }
        for (name, _) in before.numbers where !numbers.contains(where: { $0.name == name }) {
            lines.append("\(name): is kept, but was not counted")
            isGood = false
        }
        return (lines, isGood)
    }

    private static let toolsMark = "# Counted with "

    /// The compiler and the libraries whose instructions are among those counted.
    private static func toolsHere() -> String {
        let words = [
            ["swift", "--version"], ["valgrind", "--version"], ["pkg-config", "--modversion", "libmicrohttpd"],
            ["pkg-config", "--modversion", "sqlite3"], ["getconf", "GNU_LIBC_VERSION"],
        ]
        let versions = words.map { words in
            // What cannot tell its version is told as unknown; the figures are as good without.
            let output = try? Program.run("/usr/bin/env", words).output
            let version = output?.split(separator: "\n").first ?? "unknown"
            return words[0] == "pkg-config" ? "\(words[2]) \(version)" : "\(version)"
        }
        return versions.joined(separator: ", ")
    }
}
