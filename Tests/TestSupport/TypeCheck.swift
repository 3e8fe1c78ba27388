internal import Foundation

/// Type-checks code that imports the modules that were built with the tests, as a program of a user would.
///
/// - Parameter code: the text of a file.
/// - Returns: the errors, each with its line: `4: expression is 'async' but is not marked with 'await'`.
/// - Throws: an error when the compiler can't be started.
package func typeCheck(_ code: String) throws -> [String] {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/Snippet.swift"
    try code.write(toFile: file, atomically: false, encoding: .utf8)
    let modules = [
        Bundle.main.bundleURL.appending(path: "Modules").path(), "\(repository)/Sources/CLinux",
        "\(repository)/Sources/CSQLite", "\(repository)/Sources/CSharedIndex/include",
    ]
    let ending = try Program.run(
        "/usr/bin/env",
        ["swiftc", "-typecheck", "-swift-version", "6", "-diagnostic-style=llvm"] + modules.flatMap { ["-I", $0] } + [
            file
        ]
    )
    return ending.errors.split(separator: "\n")
        .compactMap { line in
            line.wholeMatch(of: #/.*Snippet\.swift:(\d+):\d+: error: (.*)/#).map { "\($0.1): \($0.2)" }
                ?? (line.hasPrefix("error:") || line.hasPrefix("<unknown>") ? String(line) : nil)
        }
}
