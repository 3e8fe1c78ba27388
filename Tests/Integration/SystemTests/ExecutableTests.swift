import Foundation
import IntegrationSupport
import TestSupport
import Testing

@Suite struct ExecutableTests {
    let directory: TemporaryDirectory
    private var state: String { directory.path + "/a/state" }

    init() throws { directory = try TemporaryDirectory() }

    private func makeDevice() throws -> Service { try Service("device-example", ["--state.path", state]) }

    @Test func theDeviceShowsChangingValues() async throws {
        let device = try makeDevice()
        let first = try device.curl("/state/Telemetry")
        #expect(first.status == 200 && first.body.contains(#""temperature":"#))
        try await until { try device.curl("/state/Telemetry").body != first.body }
    }

    @Test func aWriteSurvivesKill() throws {
        let device = try makeDevice()
        let put = try device.curl("/state/User", "-X", "PUT", "-d", #"{"name":"cS","email":"chris@email.com"}"#)
        #expect(put.status == 200)
        #expect(put.body.contains(#""name":"cS","email":"chris@email.com"}"#))
        #expect(device.program.end(with: SIGKILL).isSignalled)
        let again = try makeDevice()
        #expect(try again.curl("/state/User").body == put.body)
    }

    @Test(arguments: ["device-example", "myosin-exporter"], [SIGTERM, SIGINT])
    func aSignalEndsTheProgramCleanly(_ executable: String, _ signal: Int32) throws {
        let service = try Service(executable, ["--state.path", state])
        #expect(try service.curl("/healthz").body == "ok\n")
        let ending = service.program.end(with: signal)
        #expect(ending.status == 0 && !ending.isSignalled)
        #expect(ending.errors.contains("Stopped listening"))
    }

    @Test func theDevicePrintsCommandsToTry() throws {
        let device = try makeDevice()
        let port = try #require(device.address.split(separator: ":").last)
        let text = device.program.output { $0.contains("Ctrl-C") }
        #expect(text.contains("curl localhost:\(port)/state/Telemetry\n"))
        #expect(
            text.contains(#"curl -X PUT -d '{"name":"cS","email":"chris@email.com"}' localhost:\#(port)/state/User"#)
        )
        #expect(text.contains("curl localhost:\(port)/metrics\n"))
    }

    @Test func theExporterServesTheExampleModels() throws {
        let exporter = try Service("myosin-exporter", ["--state.path", state])
        let all = try exporter.curl("/state")
        #expect(all.status == 200)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(all.body.utf8)) as? [String: Any])
        #expect(object.keys.sorted() == ["System", "Telemetry", "User"])
    }

    @Test func theVariableNamesTheStateDirectory() throws {
        let path = Program.path(of: "myosin-exporter")
        let arguments = ["--web.listen-address", "127.0.0.1:0", "--state.models", Service.exampleModels]
        let program = try Program(path, arguments, environment: ["MYOSIN_CACHE_BASE_PATH": state])
        _ = program.errors { $0.contains("Listening") }
        #expect(FileManager.default.fileExists(atPath: state + "/state.sqlite"))
        #expect(program.end(with: SIGTERM).status == 0)
    }

    /// A shell's soft limit of open files is for programs that use `select`.
    @Test(arguments: ["device-example", "myosin-exporter"])
    func theProgramOpensAsManyFilesAsTheHardLimitAllows(_ executable: String) throws {
        let hardLimit = try Program.run("/bin/sh", ["-c", "ulimit -H -n"]).output.split(separator: "\n").first
        let service = try Service(executable, ["--state.path", state], softFileLimit: 64)
        let page = try service.curl("/metrics").body
        let shown = page.firstMatch(of: #/\nprocess_max_fds (\S+)\n/#)?.1
        #expect(try Double(#require(shown)) == Double(#require(hardLimit)))
    }

    /// A program of Python that starts another one as systemd does, with a socket as descriptor 3.
    private static let launcher = """
        import os, socket, sys
        listening = socket.create_server(("127.0.0.1", 0))
        os.dup2(listening.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
        os.execv(sys.argv[1], sys.argv[1:])
        """

    /// As systemd starts it: the socket is descriptor 3, and listens before the program runs.
    @Test func theSocketOfAUnitIsServed() throws {
        let exporter = Program.path(of: "myosin-exporter")
        let arguments = [exporter, "--web.systemd-socket", "--state.models", Service.exampleModels]
        let program = try Program("/usr/bin/env", ["python3", "-c", Self.launcher] + arguments + Service.longDeadlines)
        let log = program.errors { $0.contains("Listening") }
        let port = try #require(log.firstMatch(of: #/address=127\.0\.0\.1:(\d+)\n/#), "it has not started: \(log)").1
        let curl = ["-sS"] + Service.curlLimit + ["127.0.0.1:\(port)/healthz"]
        #expect(try Program.run("/usr/bin/curl", curl).output == "ok\n")
        #expect(program.end(with: SIGTERM).status == 0)
    }

    /// With the socket of the unit and an address, both are served, the unit's first.
    @Test func theSocketOfAUnitGoesTogetherWithAddresses() throws {
        let path = "\(directory.path)/socket"
        let arguments = [
            Program.path(of: "myosin-exporter"), "--web.systemd-socket", "--state.models", Service.exampleModels,
            "--web.listen-address", "unix:\(path),access=read",
        ]
        let program = try Program("/usr/bin/env", ["python3", "-c", Self.launcher] + arguments + Service.longDeadlines)
        let log = program.errors { $0.contains("msg=Ready") }
        let port = try #require(log.firstMatch(of: #/access=write address=127\.0\.0\.1:(\d+)\n/#), "\(log)").1
        #expect(log.contains("access=read address=unix:\(path)\n"))
        for place in [["127.0.0.1:\(port)/healthz"], ["--unix-socket", path, "localhost/healthz"]] {
            #expect(try Program.run("/usr/bin/curl", ["-sS"] + Service.curlLimit + place).output == "ok\n")
        }
        #expect(program.end(with: SIGTERM).status == 0)
    }

    /// The unit's socket by its number, with an access of its own.
    @Test func theSocketOfAUnitCanBeRestricted() throws {
        let arguments = [
            Program.path(of: "myosin-exporter"), "--web.systemd-socket", "--state.models", Service.exampleModels,
            "--web.listen-address", "fd:3,access=read",
        ]
        let program = try Program("/usr/bin/env", ["python3", "-c", Self.launcher] + arguments + Service.longDeadlines)
        let log = program.errors { $0.contains("msg=Ready") }
        let port = try #require(log.firstMatch(of: #/access=read address=127\.0\.0\.1:(\d+)\n/#), "\(log)").1
        #expect(!log.contains("access=write address"))
        for _ in 0..<5 {
            let curl = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "DELETE"] + Service.curlLimit
            let status = try Program.run("/usr/bin/curl", curl + ["127.0.0.1:\(port)/state/System"]).output
            #expect(status == "403")
        }
        #expect(program.end(with: SIGTERM).status == 0)
    }

    @Test(arguments: [
        (
            "--web.listen-address=unix:/tmp/a,access=all",
            "there must be one access=, with one of none, metrics, read, write"
        ),
        ("--web.listen-address=unix:/tmp/a,mode=7", "write it as in mode=0660"),
        (
            "--web.listen-address=unix:/tmp/a, access=read",
            "without spaces; what clients may do there stands at the end"
        ),
        ("--web.listen-address=[::ffff:127.0.0.1]:0", "this machine has no such address"),
        ("--web.external-url=gateway.example", "write it like https://gateway.example/myosin"),
        ("--web.allowed-hosts=a,https://b", "https://b is not a host name; write it like gateway.example"),
    ])
    func wrongListenersAndNamesAreRefused(_ flag: String, _ advice: String) throws {
        let ending = try run(flag)
        #expect(ending.status != 0 && ending.errors.contains(advice), "\(ending.errors)")
    }

    @Test func withoutAUnitItSaysWhatToDo() throws {
        let ending = try run("--web.systemd-socket")
        #expect(ending.status != 0)
        #expect(ending.errors.contains("systemd has handed no socket over to this process; start it by a unit"))
    }

    @Test func addressesThatOtherMachinesReachAreClosedButForMetrics() throws {
        let exporter = try Service("myosin-exporter", [], listening: "0.0.0.0")
        #expect(try exporter.curl("/metrics").status == 200)
        #expect(try exporter.curl("/healthz").status == 200)
        let read = try exporter.curl("/state")
        #expect(read.status == 403 && read.body.contains("--web.anonymous=read"))
        let write = try exporter.curl("/state/System", "-X", "PUT", "-d", #"{"online":true}"#)
        #expect(write.status == 403 && write.body.contains("--web.anonymous=write"))
        let open = try Service("myosin-exporter", ["--web.anonymous", "write"], listening: "0.0.0.0")
        #expect(try open.curl("/state/System", "-X", "PUT", "-d", #"{"online":true}"#).status == 200)
        #expect(try open.curl("/state", "-H", "Host: elsewhere.example").status == 421)
    }

    @Test(arguments: ["logfmt", "json"]) func theLogHasALineARequestThatProgramsRead(format: String) throws {
        let exporter = try Service("myosin-exporter", ["--log.format", format, "--log.access"])
        #expect(try exporter.curl("/state/User?secret=1").status == 200)
        #expect(try exporter.curl("/state/User", "-X", "PATCH", "-d", #"{"name":"a hidden name"}"#).status == 200)
        // The end of a program does not wait long for its log.
        _ = exporter.program.errors { $0.components(separatedBy: "/state/User").count == 3 }
        let log = exporter.program.end(with: SIGTERM).errors
        let lines = log.split(separator: "\n")
        #expect(lines.count >= 5)
        for line in lines where format == "json" {
            let entry = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(entry["level"] != nil && entry["msg"] != nil && entry["logger"] as? String == "myosin-exporter")
            if entry["msg"] as? String == "Request" { #expect(entry["http.status"] as? Int == 200) }
        }
        for line in lines where format == "logfmt" {
            #expect(
                line.contains(#/^time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=\w+ logger=myosin-exporter msg=/#)
            )
        }
        let requests = lines.filter { $0.contains("/state/User") }
        #expect(requests.count == 2 && requests[0].contains("GET") && requests[1].contains("PATCH"))
        #expect(!log.contains("secret") && !log.contains("hidden"))
    }

    @Test func theFirstLineSaysWhatIsStarted() throws {
        let exporter = try Service(
            "myosin-exporter",
            [
                "--state.path", state, "--web.anonymous", "read", "--web.listen-address",
                "unix:\(directory.path)/socket",
            ],
            listening: "0.0.0.0"
        )
        _ = exporter.program.errors { $0.contains("msg=Ready") }
        let log = exporter.program.end(with: SIGTERM).errors
        let first = try #require(log.split(separator: "\n").first)
        let version =
            try Program.run(Program.path(of: "myosin-exporter"), ["--version"]).output
            .trimmingCharacters(in: .newlines).split(separator: " ")[1]
        #expect(
            first.contains(
                "msg=Starting models.path=\(Service.exampleModels) state.path=\(state) version=\(version) web.listeners="
            )
        )
        #expect(first.contains("\"unix:\(directory.path)/socket,access=write,0.0.0.0:0,access=read\""))
        #expect(log.contains("msg=Ready models.count=3 models.names=System,Telemetry,User\n"))
        #expect(log.contains("msg=Listening access=read address=0.0.0.0:"))
        #expect(!log.contains("level=warning"))
    }

    @Test(arguments: [("0.0.0.0", "write", true), ("0.0.0.0", "read", false), ("127.0.0.1", "write", false)])
    func writesByEverybodyAreWarnedOf(_ host: String, _ access: String, _ isWarned: Bool) throws {
        let exporter = try Service("myosin-exporter", ["--web.anonymous", access], listening: host)
        _ = exporter.program.errors { $0.contains("msg=Ready") }
        let log = exporter.program.end(with: SIGTERM).errors
        let warning =
            "level=warning logger=myosin-exporter msg=\"Everybody who reaches this address may change the state\""
        #expect(log.contains(warning) == isWarned)
    }

    /// What comes to no handler is logged too, and a client that watches when it leaves.
    @Test func refusedRequestsAndWatchesAreLines() async throws {
        let exporter = try Service("myosin-exporter", ["--log.access", "--log.format", "json"])
        let connection = try RawConnection(exporter.address)
        try connection.send(Array("secret nonsense\r\n\r\n".utf8))
        _ = try connection.readToEnd()
        let watcher = try Program("/usr/bin/curl", ["-sSN", "-A", "watcher\u{9b}", "\(exporter.address)/state?watch"])
        _ = watcher.output { $0.contains("Telemetry") }
        #expect(watcher.end(with: SIGKILL).isSignalled)
        #expect(try exporter.curl("/state/System", "-X", "PUT", "-d", #"{"online":true}"#).status == 200)
        let log = exporter.program.errors { $0.contains(#""http.userAgent":"watcher"#) }
        #expect(!log.contains("secret") && !log.unicodeScalars.contains("\u{9b}"))
        let lines = try log.split(separator: "\n")
            .map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
        let refused = try #require(lines.first { $0["msg"] as? String == "Request refused" })
        #expect(refused["http.status"] as? Int == 400 && refused["client.address"] as? String == "127.0.0.1")
        let watch = try #require(lines.first { ($0["http.userAgent"] as? String)?.hasPrefix("watcher") == true })
        #expect(try #require(watch["http.responseBytes"] as? Int) > 100 && watch["http.path"] as? String == "/state")
    }

    @Test func theMetricsAreWhereTheFlagSays() throws {
        let exporter = try Service("myosin-exporter", ["--web.telemetry-path", "/own/metrics"], listening: "0.0.0.0")
        #expect(try exporter.curl("/own/metrics").body.contains("myosin_meta"))
        #expect(try exporter.curl("/metrics").status == 403)
    }

    @Test func theLimitsOfTheServerHaveFlags() throws {
        let exporter = try Service(
            "myosin-exporter",
            ["--web.max-body-bytes", "20", "--web.max-target-bytes", "30"]
        )
        #expect(try exporter.curl("/state/User", "-X", "PATCH", "-d", #"{"name":"a"}"#).status == 200)
        #expect(try exporter.curl("/state/User", "-X", "PATCH", "-d", #"{"name":"a long name"}"#).status == 413)
        #expect(try exporter.curl("/state?\(String(repeating: "a", count: 30))").status == 414)
        #expect(try exporter.curl("/state", "-H", "Cookie: a=\(String(repeating: "a", count: 15_000))").status == 200)
        // Another one, which closes connections of curl too where curl sends its header too late.
        let impatient = try Service("myosin-exporter", ["--web.header-timeout", "100ms"])
        let connection = try RawConnection(impatient.address)
        #expect(try connection.readToEnd() == [])
    }

    // MARK: What a start can fail with: one sentence, a status other than 0, no trace of Swift.

    private func expectRefusal(_ ending: Program.Ending, _ phrases: String...) {
        #expect(ending.status != 0 && !ending.isSignalled)
        for phrase in phrases { #expect(ending.errors.contains(phrase), "\(ending.errors)") }
        let lines = ending.errors.split(separator: "\n").filter { $0.contains("Error: ") }
        #expect(lines.count == 1)
        for trace in ["Fatal error", "StateError(", "ServerError(", ".swift:"] {
            #expect(!ending.errors.contains(trace))
        }
    }

    /// With JSON a start that fails is a line like the others; a name in a file is text, whatever it has.
    @Test(arguments: [[], ["check"]]) func anErrorOfTheStartIsWrittenAsTheLogIs(_ command: [String]) throws {
        let schema = #"{"type":"object","properties":{"a\u001b[31mb\nNext: \u009b\u2028":{"type":"strin"}}}"#
        try Data(schema.utf8).write(to: URL(filePath: "\(directory.path)/Bad.schema.json"))
        let path = Program.path(of: "myosin-exporter")
        let flags = command + ["--state.models", directory.path]
        for format in ["json", "logfmt"] {
            let ending = try Program.run(path, flags + ["--log.format", format])
            #expect(ending.status == 1)
            let scalars = (ending.errors + ending.output).unicodeScalars
            #expect(!scalars.contains { "\u{1b}\u{9b}\u{2028}".unicodeScalars.contains($0) })
            guard format == "json" else {
                expectRefusal(
                    ending,
                    "Error: The models cannot be used.\n",
                    "a\\u001b[31mb\\u000aNext: \\u009b\\u2028"
                )
                continue
            }
            let lines = try ending.errors.split(separator: "\n")
                .map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
            let last = try #require(lines.last)
            #expect(last["level"] as? String == "error" && last["logger"] as? String == "myosin-exporter")
            #expect((last["error"] as? String)?.contains("a\u{1b}[31mb\nNext: \u{9b}\u{2028}") == true)
        }
    }

    @Test(arguments: [
        ["--log.level", "a\u{1b}[2Jb\nc\u{202e}"], ["--no\u{1b}\n"], ["--web.listen-address=\u{9b}\n:1"],
    ])
    func aWrongFlagReachesNoTerminalRaw(_ arguments: [String]) throws {
        let path = Program.path(of: "myosin-exporter")
        let ending = try Program.run(path, arguments)
        #expect(ending.status == 64)
        let lines = ending.errors.split(separator: "\n")
        #expect(lines.first?.hasPrefix("Error: ") == true && lines.last?.contains("--help") == true)
        #expect(ending.errors.contains("\\u000a") || !arguments.joined().contains("\n"))
        #expect(!ending.errors.unicodeScalars.contains { "\u{1b}\u{9b}\u{202e}".unicodeScalars.contains($0) })
        let json = try Program.run(path, arguments + ["--log.format=json"])
        let entry = try JSONSerialization.jsonObject(with: Data(json.errors.utf8)) as? [String: Any]
        #expect(json.status == 64 && entry?["level"] as? String == "error")
    }

    private func run(_ arguments: String...) throws -> Program.Ending {
        try Program.run(Program.path(of: "myosin-exporter"), arguments + ["--state.models", Service.exampleModels])
    }

    @Test func aTakenPortIsRefused() throws {
        let first = try Service("myosin-exporter", [])
        let port = try #require(first.address.split(separator: ":").last)
        expectRefusal(try run("--web.listen-address", first.address), "port \(port)", "taken")
    }

    @Test func aStateDirectoryThatCannotBeMadeIsRefused() throws {
        try Data().write(to: URL(filePath: directory.path + "/a"))
        expectRefusal(try run("--state.path", state), directory.path + "/a", "Not a directory", "name a directory")
        // Not even root may make files there.
        expectRefusal(try run("--state.path", "/proc/myosin"), "/proc/myosin")
    }

    @Test func aStateDirectoryInUseIsRefused() throws {
        let first = try Service("myosin-exporter", ["--state.path", state])
        expectRefusal(try run("--state.path", state, "--web.listen-address", "127.0.0.1:0"), "in use by process")
        #expect(first.program.end(with: SIGTERM).status == 0)
    }

    @Test(arguments: [
        ["--web.listen-address", "nonsense"], ["--web.anonymous", "all"], ["--log.level", "loud"], ["--web.port", "1"],
        ["--log.format", "xml"], ["--web.telemetry-path", "metrics"], ["--web.telemetry-path", "/state"],
        ["--web.telemetry-path", "/openapi.json"],
        ["--web.header-timeout", "5"], ["--web.max-connections", "0"], ["--web.max-body-bytes", "-1"],
        ["--web.max-header-bytes", "65537"], ["--web.max-target-bytes", "16385"],
    ])
    func aWrongFlagIsRefused(_ arguments: [String]) throws {
        expectRefusal(try Program.run(Program.path(of: "myosin-exporter"), arguments), arguments[0])
    }

    @Test(arguments: ["device-example", "myosin-exporter"])
    func theVersionAndTheFlagsAreTold(_ executable: String) throws {
        let version = try Program.run(Program.path(of: executable), ["--version"])
        #expect(version.status == 0 && version.output.wholeMatch(of: #/[a-z-]+ \d+\.\d+\.\d+\n/#) != nil)
        let help = try Program.run(Program.path(of: executable), ["--help"])
        for flag in ["web.listen-address", "state.path", "log.level", "web.anonymous", "web.allowed-hosts"] {
            #expect(help.output.contains("--\(flag) "))
        }
    }
}
