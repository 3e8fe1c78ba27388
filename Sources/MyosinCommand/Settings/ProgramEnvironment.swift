internal import CProcess

/// The variables that configure a program.
struct ProgramEnvironment: Sendable {
    private let values: [String: String]

    /// The variables of this process.
    static var own: ProgramEnvironment {
        var entries: [String] = []
        while let entry = cprocess_variable(Int32(entries.count)) { entries.append(String(cString: entry)) }
        return ProgramEnvironment(entries)
    }

    /// Takes variables that have the form `NAME=VALUE`.
    init(_ entries: some Sequence<String>) {
        let pairs = entries.map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
        // The first of a name counts, as for the C library.
        values = Dictionary(
            pairs.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The value of a variable; nil for one that is missing or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The names that begin with a text, in order.
    func names(from prefix: String) -> [String] { values.keys.filter { $0.hasPrefix(prefix) }.sorted() }
}
