internal import ArgumentParser
internal import CProcess
internal import Logging
internal import StateSchema

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// How a program ends: the lines for standard error, and the exit status.
struct ProgramEnding {
    let status: Int32
    private(set) var lines: [[UInt8]] = []

    /// Prints what was asked for, such as the list of flags, and words what has gone wrong.
    ///
    /// - Parameters:
    ///   - error: why the program ends; nil where nothing has gone wrong.
    ///   - command: the command, which knows its flags.
    ///   - arguments: what the program was started with.
    init(_ error: (any Error)?, of command: any ServiceCommand.Type, _ arguments: [String]) {
        let code = error.map { command.exitCode(for: $0) } ?? .success
        if let error, code == .success { print(command.fullMessage(for: error)) }
        if code == .success {
            // What `print` has kept until now is written here, and what did not fit on a disk is an error.
            status = cprocess_flush_output() ? 0 : 1
            if status != 0 {
                let sentence = "Standard output cannot be written: \(String(cString: strerror(errno)))."
                lines = Self.lines([sentence], "Error: \(sentence)", of: command, arguments)
            }
            return
        }
        status = code.rawValue
        guard let error else { return }
        let (message, text) = Self.message(of: error, command, arguments)
        if text.isEmpty { return }
        let faults = (error as? ModelDirectory.Failure)?.faults.map(\.description)
        lines = Self.lines(faults ?? [message], text, of: command, arguments)
    }

    /// The sentence, and the text for a terminal.
    private static func message(
        of error: any Error,
        _ command: any ServiceCommand.Type,
        _ arguments: [String]
    ) -> (String, String) {
        if let failure = error as? ModelDirectory.Failure {
            // A line each, of which a name in a file can make no two.
            let faults = failure.faults.map { "  \($0.description.withoutControls)" }
            let first = "\(failure)".prefix { $0 != "\n" }
            return ("\(failure)", "Error: \(([String(first)] + faults).joined(separator: "\n"))")
        }
        // What the parser quotes is quoted as it can be shown.
        let shown = arguments.map(\.withoutControls)
        if shown != arguments {
            do {
                _ = try command.parseAsRoot(shown)
            } catch {
                return (command.message(for: error), command.fullMessage(for: error))
            }
        }
        let message = command.message(for: error)
        let text = command.fullMessage(for: error)
        // The error's own text has no lines; those after it are the parser's.
        return (message, text.replacing(message, with: message.withoutControls, maxReplacements: 1))
    }

    private static func lines(
        _ sentences: [String],
        _ text: String,
        of command: any ServiceCommand.Type,
        _ arguments: [String]
    ) -> [[UInt8]] {
        guard LogFormat.isJSON(arguments) else {
            let priority = JournalStream.isStandardError ? JournalStream.prefix(.error) : ""
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { priority + String($0).withoutControls }
            return [Array((lines.joined(separator: "\n") + "\n").utf8)]
        }
        return sentences.map { sentence in
            LogLine.text(
                level: .error,
                label: command.configuration.commandName ?? "\(command)",
                message: "The program ends",
                metadata: ["error": "\(sentence)"],
                .json
            )
        }
    }
}

extension LogFormat {
    /// Whether arguments that cannot be parsed, perhaps, ask for JSON.
    fileprivate static func isJSON(_ arguments: [String]) -> Bool {
        let flag = "--log.format"
        var format: Substring?
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("\(flag)=") { format = argument.dropFirst(flag.count + 1) }
            if argument == flag, index + 1 < arguments.count { format = arguments[index + 1][...] }
        }
        return format.map(String.init) == LogFormat.json.rawValue
    }
}
