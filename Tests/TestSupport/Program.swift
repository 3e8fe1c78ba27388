internal import Foundation

/// A program that a test has started and that ends with the test.
package final class Program: Sendable {
    /// How a program ended, and what it wrote.
    package struct Ending: Sendable {
        package let status: Int32
        package let isSignalled: Bool
        package let output: String
        package let errors: String
    }

    private let process: Process
    /// Files rather than pipes: a pipe stays open for as long as any process has inherited it.
    private let output: File
    private let errors: File

    /// What a program writes to, which goes away with it.
    private final class File: Sendable {
        private let path = FileManager.default.temporaryDirectory.path + "/myosin-output-\(UUID().uuidString)"
        let handle: FileHandle

        init() throws {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
            if descriptor < 0 { throw CocoaError(.fileWriteUnknown) }
            handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        var text: String {
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
    }

    /// Starts a program.
    package init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment
        variables["MYOSIN_CACHE_BASE_PATH"] = nil
        process.environment = variables.merging(environment) { $1 }
        (output, errors) = (try File(), try File())
        (process.standardOutput, process.standardError) = (output.handle, errors.handle)
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Waits until the text on standard error fits, or the program has ended.
    package func errors(until isEnough: (String) -> Bool) -> String { wait(for: errors, isEnough) }

    /// Waits until the text on standard output fits, or the program has ended.
    package func output(until isEnough: (String) -> Bool) -> String { wait(for: output, isEnough) }

    private func wait(for file: File, _ isEnough: (String) -> Bool) -> String {
        let end = SuspendingClock.now + patience
        while process.isRunning, !isEnough(file.text), SuspendingClock.now < end {
            // The other process has no way to wake this one when it has written something.
            usleep(10_000)
        }
        return file.text
    }

    /// Whether it has not ended.
    package var isRunning: Bool { process.isRunning }

    /// The number by which the system knows the process.
    package var number: Int { Int(process.processIdentifier) }

    /// Sends a signal.
    package func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Sends a signal, if one is given, and waits for the end.
    package func end(with signal: Int32? = nil) -> Ending {
        if let signal { kill(process.processIdentifier, signal) }
        process.waitUntilExit()
        return Ending(
            status: process.terminationStatus,
            isSignalled: process.terminationReason == .uncaughtSignal,
            output: output.text,
            errors: errors.text
        )
    }

    /// Runs a program to its end.
    package static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Ending
    {
        try Program(path, arguments, environment: environment).end()
    }
}
