public import ArgumentParser
internal import Dispatch
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A command that is an executable: write `@main` before it, and put ``ServiceOptions`` into it.
///
/// It begins without Swift's pool of threads, so that a program with too few of them says so; it reads its arguments also where
/// there is no `/proc`; and what goes wrong is told as the flag `--log.format` wants it, without a character that a terminal
/// would obey.
public protocol ServiceCommand: AsyncParsableCommand {}

extension ServiceCommand {
    /// Runs the command that the arguments of the process name, and ends the process.
    public static func main() {
        StandardStreams.prepare()
        let arguments = ProgramArguments.all
        do {
            // Before the parser, which a small stack is not enough for.
            try StackLimit.check()
            try ProgramArguments.check()
            let command = try parse(arguments, .own)
            if let command = command as? any AsyncParsableCommand { try start(command, arguments) }
            var only = command
            try only.run()
            end(nil, arguments)
        } catch {
            end(error, arguments)
        }
    }

    /// Parses arguments and the variables that stand for others.
    private static func parse(_ given: [String], _ environment: ProgramEnvironment) throws -> any ParsableCommand {
        let settings: CommandSettings
        do {
            settings = try CommandSettings(of: Self.self, given, environment)
        } catch {
            // The help is the way out of a wrong variable.
            do {
                _ = try parseAsRoot(given)
            } catch let request where exitCode(for: request) == .success {
                throw request
            }
            throw error
        }
        for variable in settings.usedVariables { try ProgramArguments.checkVariable(variable) }
        CommandSettings.current.withLock { $0 = settings }
        do {
            return try parseAsRoot(settings.arguments)
        } catch {
            guard let variable = settings.faultyVariable({ _ = try parseAsRoot($0) }) else { throw error }
            throw ArgumentParser.ValidationError("\(message(for: error)) The value is from \(variable).")
        }
    }

    /// Runs a command on threads of the program; the thread of `main` serves the main actor meanwhile.
    private static func start(_ command: any AsyncParsableCommand, _ arguments: [String]) throws -> Never {
        // Handed over: nothing else has it.
        nonisolated(unsafe) var command = command
        Task(executorPreference: try ProgramExecutor.shared()) {
            do {
                try await command.run()
                end(nil, arguments)
            } catch {
                end(error, arguments)
            }
        }
        dispatchMain()
    }

    /// Says why the process ends, and ends it.
    private static func end(_ error: (any Error)?, _ given: [String]) -> Never {
        // A variable may say how the log is written.
        let arguments = CommandSettings.current.withLock { $0?.arguments } ?? given
        let ending = ProgramEnding(error, of: Self.self, arguments)
        for line in ending.lines { LogWriter.log.write(line, isLast: true) }
        leave(ending.status)
    }
}

// Outside of the commands, whose member hides the C function of the same name.
private func leave(_ status: Int32) -> Never { exit(status) }
