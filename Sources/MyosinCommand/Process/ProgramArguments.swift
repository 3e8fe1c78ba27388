internal import CProcess

/// The arguments of the process, as it was given them.
enum ProgramArguments {
    /// All but the program's own name; bytes that are not UTF-8 are replaced.
    static var all: [String] {
        let count = Int(cprocess_argument_count())
        // Another C library hands them to `main` alone, where Swift finds them.
        guard count > 0 else { return Array(CommandLine.arguments.dropFirst()) }
        return (1..<max(1, count)).compactMap { index in cprocess_argument(Int32(index)).map { String(cString: $0) } }
    }
}
