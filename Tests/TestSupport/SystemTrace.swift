/// The system calls of a program, as strace has written them down.
package struct SystemTrace: Sendable {
    /// One system call.
    package struct Call: Sendable {
        /// Its name.
        package let name: String
        /// Its arguments, and its result where no other call came between.
        package let text: String
        /// Where in the order of all beginnings and ends it began.
        package let begin: Int
        /// Where in that order it returned; the last place when it never did.
        package fileprivate(set) var end: Int

        /// Whether it waits until a file below a directory is on disk.
        package func isFlush(in directory: String) -> Bool {
            (name == "fdatasync" || name == "fsync") && text.contains("<\(directory)")
        }
    }

    /// All calls, in order of their beginnings.
    package let calls: [Call]

    /// Reads what `strace -f -y` has written.
    package init(_ text: String) {
        var calls: [Call] = []
        // Which call of a thread is under way, by the thread's number.
        var unfinished: [Substring: Int] = [:]
        let lines = text.split(separator: "\n")
        for (place, line) in lines.enumerated() {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard let thread = parts.first, let rest = parts.last?.drop(while: { $0 == " " }) else { continue }
            if rest.hasPrefix("<... ") {
                if let index = unfinished.removeValue(forKey: thread) { calls[index].end = place }
            } else if let bracket = rest.firstIndex(of: "("), !rest.hasPrefix("+++"), !rest.hasPrefix("---") {
                let isUnfinished = rest.hasSuffix("<unfinished ...>")
                if isUnfinished { unfinished[thread] = calls.count }
                let end = isUnfinished ? lines.count : place
                calls.append(
                    Call(name: String(rest[..<bracket]), text: String(rest[bracket...]), begin: place, end: end)
                )
            }
        }
        self.calls = calls
    }

    /// The call that writes a line to a pipe or a file.
    package func write(of line: String) -> Call? {
        calls.first { $0.name == "write" && $0.text.contains("\"\(line)\\n\"") }
    }

    /// The calls that began between those that write two lines; none when one of them is missing.
    package func calls(from first: String, to last: String) -> [Call] {
        guard let first = write(of: first), let last = write(of: last) else { return [] }
        return calls.filter { $0.begin > first.begin && $0.begin < last.begin }
    }
}
