/// Numbers of a line such as `closed=3 last=12`.
package struct Figures {
    /// The line itself.
    package let line: String
    private let numbers: [Substring: Int]

    /// Reads a line.
    package init(_ line: String) {
        self.line = line
        let pairs = line.split(separator: " ").map { $0.split(separator: "=") }.filter { $0.count == 2 }
        numbers = Dictionary(pairs.compactMap { pair in Int(pair[1]).map { (pair[0], $0) } }) { $1 }
    }

    /// A number; 0 if there is none.
    package subscript(name: String) -> Int { numbers[name[...]] ?? 0 }
}
