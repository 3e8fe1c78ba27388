import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The executable under a service manager, and its settings in the environment, as a unit or a container has them.
@Suite(.serialized) struct ServiceManagerTests {
    private let directory: TemporaryDirectory
    private let socket: ReportSocket

    init() throws {
        directory = try TemporaryDirectory()
        socket = try ReportSocket()
        let models = "\(directory.path)/models"
        try FileManager.default.copyItem(atPath: Service.exampleModels, toPath: models)
    }

    private var settings: [String: String] {
        [
            "MYOSIN_STATE_MODELS": "\(directory.path)/models", "MYOSIN_STATE_PATH": "\(directory.path)/state",
            "MYOSIN_WEB_LISTEN_ADDRESS": "127.0.0.1:0 unix:\(directory.path)/socket,access=read",
        ]
    }

    /// Starts it without a flag.
    private func start(_ more: [String: String] = [:]) throws -> Program {
        let variables = settings.merging(socket.environment) { $1 }.merging(more) { $1 }
        return try Program(Program.path(of: "myosin-exporter"), [], environment: variables)
    }

    @Test func itReportsItsLife() async throws {
        let program = try start(["WATCHDOG_USEC": "100000"])
        try await until { socket.reports.count { $0 == "WATCHDOG=1" } >= 3 }
        let ready = try #require(socket.steps.last)
        let status = #/READY=1\nSTATUS=3 models, listening on 127\.0\.0\.1:\d+, unix:.*/socket/#
        #expect(ready.wholeMatch(of: status) != nil, "\(ready)")
        #expect(socket.reports.first == "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=Opening the state")

        let models = "\(directory.path)/models"
        try FileManager.default.removeItem(atPath: "\(models)/System.schema.json")
        program.send(SIGHUP)
        try await until { socket.steps.last?.hasPrefix("READY=1\nSTATUS=2 models, ") == true }
        try "{".write(toFile: "\(models)/User.schema.json", atomically: true, encoding: .utf8)
        let count = socket.steps.count
        program.send(SIGHUP)
        try await until { socket.steps.count == count + 2 }
        #expect(socket.steps[count].hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(socket.steps[count + 1].hasPrefix("READY=1\nSTATUS=2 models, "))

        #expect(program.end(with: SIGTERM).status == 0)
        #expect(socket.steps.last == "STOPPING=1\nSTATUS=Stopping")
    }

    /// What keeps a program from starting is no report, as its status says it.
    @Test func aFailedStartIsNotReady() throws {
        let ending = try start(["MYOSIN_WEB_LISTEN_ADDRESS": "203.0.113.1:80"]).end()
        #expect(ending.status == 1)
        #expect(!socket.reports.contains { $0.contains("READY") })
    }

    @Test func theJournalGetsPriorities() throws {
        // As systemd names the stream: by the device and the inode of standard error.
        let launch = """
            import os, sys
            error = os.fstat(2)
            os.environ["JOURNAL_STREAM"] = f"{error.st_dev}:{error.st_ino}"
            os.execv(sys.argv[1], sys.argv[1:])
            """
        let exporter = Program.path(of: "myosin-exporter")
        func run(_ variables: [String: String]) throws -> [Substring] {
            let variables = settings.merging(["MYOSIN_WEB_LISTEN_ADDRESS": "203.0.113.1:80"]) { $1 }
                .merging(variables) { $1 }
            let ending = try Program.run("/usr/bin/python3", ["-c", launch, exporter], environment: variables)
            return ending.errors.split(separator: "\n")
        }
        for format in ["logfmt", "json"] {
            let lines = try run(["MYOSIN_LOG_FORMAT": format, "MYOSIN_WEB_LISTENADDRESS": "1"])
            #expect(lines.contains { $0.hasPrefix("<6>") && $0.contains("Starting") })
            #expect(lines.contains { $0.hasPrefix("<4>") && $0.contains("MYOSIN_WEB_LISTENADDRESS") })
            #expect(lines.last?.hasPrefix("<3>") == true && lines.allSatisfy { $0.hasPrefix("<") }, "\(lines)")
        }
        // Several lines, each with its priority.
        let usage = try run(["MYOSIN_LOG_LEVEL": "loud"])
        #expect(usage.count > 1 && usage.allSatisfy { $0.hasPrefix("<3>") }, "\(usage)")
        // Another stream than that of the journal has none.
        let plain = try start(["JOURNAL_STREAM": "1:1", "MYOSIN_LOG_LEVEL": "loud"]).end()
        #expect(plain.errors.hasPrefix("Error: "))
    }

    @Test func aFlagCountsMoreThanItsVariable() throws {
        let program = try Program(
            Program.path(of: "myosin-exporter"),
            ["--web.listen-address", "unix:\(directory.path)/other", "--log.format=json"],
            environment: settings.merging(["MYOSIN_LOG_FORMAT": "logfmt", "MYOSIN_LOG_ACCESS": "true"]) { $1 }
        )
        let log = program.errors { $0.contains("Ready") }
        #expect(log.contains(#""web.listeners":["unix:\#(directory.path)/other,access=write"]"#), "\(log)")
        // Other commands take the same variables.
        let health = try Program.run(
            Program.path(of: "myosin-exporter"),
            ["health"],
            environment: ["MYOSIN_WEB_LISTEN_ADDRESS": "unix:\(directory.path)/other"]
        )
        #expect(health.output == "unix:\(directory.path)/other is healthy.\n", "\(health.errors)")
        #expect(program.end(with: SIGTERM).status == 0)
        let copy = "\(directory.path)/copy"
        let backup = try Program.run(Program.path(of: "myosin-exporter"), ["backup", copy], environment: settings)
        #expect(backup.output == "\(copy) has 0 models of \(directory.path)/state.\n", "\(backup.errors)")
        // With the arguments of the service.
        let arguments = [
            "--web.listen-address", ":1", "--log.access", "--state.models", "x", "--state.path",
            "\(directory.path)/state",
        ]
        let again = try Program.run(Program.path(of: "myosin-exporter"), ["backup"] + arguments + ["\(copy)2"])
        #expect(again.status == 0, "\(again.errors)")
    }

    @Test func whatHoldsIsPrinted() throws {
        let variables = settings.merging(["MYOSIN_LOG_LEVEL": "debug"]) { $1 }
        let ending = try Program.run(
            Program.path(of: "myosin-exporter"),
            ["--print-config", "--log.format", "json"],
            environment: variables
        )
        #expect(ending.status == 0, "\(ending.errors)")
        let rows = ending.output.split(separator: "\n").map { String($0).replacing(#/  +/#, with: " | ") }
        for row in [
            "--web.listen-address | 127.0.0.1:0 | MYOSIN_WEB_LISTEN_ADDRESS",
            "--state.path | \(directory.path)/state | MYOSIN_STATE_PATH", "--log.level | debug | MYOSIN_LOG_LEVEL",
            "--log.format | json | command line", "--web.telemetry-path | /metrics | default",
        ] {
            #expect(rows.contains(row), "\(row)")
        }
        // Nothing was started.
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/state"))
        let device = try Program.run(Program.path(of: "device-example"), ["--print-config"])
        #expect(device.output.contains("/device-example-state"), "\(device.errors)")
    }

    @Test(arguments: [
        (
            "MYOSIN_LOG_LEVEL", "loud",
            "Error: The value 'loud' is invalid for '--log.level <level>': Expected one of trace, debug, info, notice, warning, error, "
                + "critical. The value is from MYOSIN_LOG_LEVEL.\n"
        ),
        ("MYOSIN_LOG_ACCESS", "maybe", "Error: MYOSIN_LOG_ACCESS must be true or false, got maybe.\n"),
        (
            "MYOSIN_WEB_ROUTE_PREFIX", "/a/../b",
            "Error: The value '/a/../b' is invalid for '--web.route-prefix <path>': It is not a path; write it like /myosin. "
                + "The value is from MYOSIN_WEB_ROUTE_PREFIX.\n"
        ),
        (
            "MYOSIN_WEB_MAX_WATCHERS", "-1",
            "Error: --web.max-watchers must be 0 or more, got -1. The value is from MYOSIN_WEB_MAX_WATCHERS.\n"
        ),
    ])
    func aWrongVariableIsNamed(_ name: String, _ value: String, _ message: String) throws {
        let ending = try start([name: value]).end()
        #expect(ending.status == 64 && ending.errors.hasPrefix(message), "\(ending.errors)")
    }
}
