import ArgumentParser
import TestSupport
import Testing

@testable import MyosinCommand

/// Flags from the command line, from variables of the environment, and by default.
@Suite struct CommandSettingsTests {
    /// A service with a flag of its own.
    private struct Greenhouse: ServiceCommand {
        static let configuration = CommandConfiguration(
            commandName: "greenhouse",
            subcommands: [HealthCommand.self, Clear.self]
        )

        @OptionGroup var options: ServiceOptions
        @OptionGroup var models: ModelOptions
        @Option(name: .customLong("pump-pause")) var pumpPause = "1m"

        func run() async throws {}
    }

    /// A subcommand that does something at once.
    private struct Clear: ParsableCommand {
        @OptionGroup var options: StoreCommandOptions
        @Flag var clear = false
        @Argument var names: [String] = []

        func run() throws {}
    }

    private func settings(_ given: [String], _ variables: [String]) throws -> CommandSettings {
        try CommandSettings(of: Greenhouse.self, given, ProgramEnvironment(variables))
    }

    @Test(arguments: [
        (["MYOSIN_LOG_LEVEL=debug"], [], ["--log.level=debug"]),
        // The command line counts, in both spellings.
        (["MYOSIN_LOG_LEVEL=debug"], ["--log.level", "error"], ["--log.level", "error"]),
        (["MYOSIN_LOG_LEVEL=debug"], ["--log.level=error"], ["--log.level=error"]),
        // Several values.
        (
            ["MYOSIN_WEB_LISTEN_ADDRESS= :9000  unix:/run/a.sock,mode=0660 "], ["--log.access"],
            ["--web.listen-address=:9000", "--web.listen-address=unix:/run/a.sock,mode=0660", "--log.access"]
        ),
        (
            ["MYOSIN_WEB_LISTEN_ADDRESS=:9000 :9001"], ["--web.listen-address", ":1"], ["--web.listen-address", ":1"]
        ),
        // A single value keeps its spaces, and may begin with a dash.
        (["MYOSIN_STATE_PATH=/var/lib/my state"], [], ["--state.path=/var/lib/my state"]),
        (["MYOSIN_STATE_GROUP=-7"], [], ["--state.group=-7"]),
        // Flags without a value.
        (["MYOSIN_LOG_ACCESS=true"], [], ["--log.access"]), (["MYOSIN_LOG_ACCESS=On"], [], ["--log.access"]),
        (["MYOSIN_LOG_ACCESS=false"], [], []), (["MYOSIN_LOG_ACCESS=0"], [], []), (["MYOSIN_LOG_ACCESS="], [], []),
        (["MYOSIN_NO_WEB_METRICS_SUMMARIES=1"], [], ["--no-web.metrics-summaries"]),
        // The program's own flag, and names that are none.
        (["MYOSIN_PUMP_PAUSE=2m"], [], ["--pump-pause=2m"]),
        (["MYOSIN_HELP=1", "MYOSIN_VERSION=1", "MYOSIN_PRINT_CONFIG=1", "MYOSIN_X=1", "LOG_LEVEL=debug"], [], []),
        // Before what ends the flags, and before the name of a flag after it.
        (
            ["MYOSIN_LOG_LEVEL=debug"], ["--", "--log.level", "error"],
            ["--log.level=debug", "--", "--log.level", "error"]
        ),
        // A value that looks like a flag.
        (
            ["MYOSIN_LOG_LEVEL=debug"], ["--state.path", "--log.level"],
            ["--log.level=debug", "--state.path", "--log.level"]
        ),
        // Behind the name of a subcommand, which takes no variable for what the service does not have.
        (["MYOSIN_STATE_PATH=/s"], ["clear", "a"], ["clear", "--state.path=/s", "a"]),
        (
            ["MYOSIN_STATE_PATH=/s"], ["--log.level", "debug", "--log.access", "clear", "a"],
            ["--log.level", "debug", "--log.access", "clear", "--state.path=/s", "a"]
        ),
        (["MYOSIN_CLEAR=true", "MYOSIN_PUMP_PAUSE=2m"], ["clear"], ["clear"]),
        (["MYOSIN_TIMEOUT=1h", "MYOSIN_READY=true"], ["health"], ["health"]),
    ])
    func variablesStandForFlags(_ variables: [String], _ given: [String], _ arguments: [String]) throws {
        #expect(try settings(given, variables).arguments == arguments)
        // The parser takes them.
        if !arguments.contains("--"), !given.contains("--log.level") || given.first != "--state.path" {
            _ = try Greenhouse.parseAsRoot(arguments)
        }
    }

    @Test func aFlagIsTrueOrFalse() {
        let error = #expect(throws: ValidationError.self) { try settings([], ["MYOSIN_LOG_ACCESS=maybe"]) }
        #expect(error?.message == "MYOSIN_LOG_ACCESS must be true or false, got maybe.")
    }

    @Test func theVariableAtFaultIsNamed() throws {
        func faulty(_ given: [String], _ variables: [String]) throws -> String? {
            try settings(given, variables).faultyVariable { _ = try Greenhouse.parseAsRoot($0) }
        }
        let variables = ["MYOSIN_LOG_LEVEL=debug", "MYOSIN_WEB_ANONYMOUS=all", "MYOSIN_STATE_PATH=/s"]
        #expect(try faulty([], variables) == "MYOSIN_WEB_ANONYMOUS")
        #expect(try faulty(["clear", "--clear"], variables) == "MYOSIN_WEB_ANONYMOUS")
        // The command line is at fault then.
        #expect(try faulty(["--log.format", "xml"], variables) == nil)
        #expect(try faulty([], ["MYOSIN_LOG_LEVEL=debug"]) == nil)
    }

    @Test func namesLikeThoseOfSettingsAreNoticed() throws {
        let variables = [
            "MYOSIN_WEB_LISTEN_ADRESS=:1", "MYOSIN_LOG_X=1", "MYOSIN_STATE_PATH=/s", "MYOSIN_CACHE_BASE_PATH=/c",
            "MYOSIN_EXECUTABLES=/x", "WEB_LISTEN_ADRESS=1",
        ]
        #expect(
            try settings([], variables).unknownVariables == [
                .init(name: "MYOSIN_WEB_LISTEN_ADRESS", suggestion: "MYOSIN_WEB_LISTEN_ADDRESS"),
                .init(name: "MYOSIN_LOG_X", suggestion: nil),
            ]
        )
    }

    @Test func theTableHasEachValueAndItsSource() throws {
        let variables = ["MYOSIN_WEB_LISTEN_ADDRESS=:1 :2", "MYOSIN_LOG_ACCESS=yes", "MYOSIN_CACHE_BASE_PATH=/c"]
        func rows(_ given: [String], _ variables: [String], _ path: String? = nil) throws -> [String] {
            try settings(given, variables).table(statePath: path)
                .map { $0.replacing(#/  +/#, with: " | ") }
        }
        let rows = try rows(["--log.level", "trace", "--state.models", "a", "--state.models=b\u{1b}[m"], variables)
        for row in [
            "--web.listen-address | :1 | MYOSIN_WEB_LISTEN_ADDRESS",
            "--web.listen-address | :2 | MYOSIN_WEB_LISTEN_ADDRESS", "--log.access | true | MYOSIN_LOG_ACCESS",
            "--log.level | trace | command line", "--state.models | a | command line",
            #"--state.models | b\u001b[m | command line"#, "--state.path | /c | MYOSIN_CACHE_BASE_PATH",
            "--log.format | logfmt | default", "--web.external-url | (none) | default",
            "--web.anonymous | metrics | default", "--web.max-watchers | 500 | default", "--pump-pause | 1m | default",
            "--web.metrics-created | false | default",
        ] {
            #expect(rows.contains(row), "\(row)")
        }
        #expect(!rows.contains { $0.contains("print-config") || $0.contains("help") })
        let path = "--state.path | /own | default"
        #expect(try Self.rows(of: settings([], []).table(statePath: "/own")).contains(path))
    }

    private static func rows(of table: [String]) -> [String] { table.map { $0.replacing(#/  +/#, with: " | ") } }

    @Test func theFirstVariableOfANameCounts() {
        let environment = ProgramEnvironment(["A=1", "A=2", "B", "=3", "C=x=y"])
        #expect(environment["A"] == "1" && environment["B"] == nil && environment["C"] == "x=y")
    }
}
