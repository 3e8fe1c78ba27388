import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// `check` says what a start would do, in its words, and touches nothing.
@Suite struct CheckTests {
    private let directory: TemporaryDirectory
    private var models: String { directory.path + "/models" }
    private var place: String { directory.path + "/state" }
    private static let exporter = Program.path(of: "myosin-exporter")

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    }

    private func write(_ model: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(models)/\(model).schema.json"))
    }

    /// A model with numbers as required fields.
    private func numbers(_ fields: String..., version: Int = 1, more: String = "") -> String {
        let properties = fields.map { #""\#($0)":{"type":"number","default":0}"# }.joined(separator: ",")
        let required = fields.map { #""\#($0)""# }.joined(separator: ",")
        return
            #"{"type":"object","x-version":\#(version),"properties":{\#(properties)},"required":[\#(required)]\#(more)}"#
    }

    private func service(_ more: String...) throws -> Service {
        try Service("myosin-exporter", ["--state.models", models, "--state.path", place] + more)
    }

    private func check(_ more: String...) throws -> Outcome {
        let ending = try Program.run(Self.exporter, ["check", "--state.models", models, "--state.path", place] + more)
        expectNoSwift(ending)
        #expect(!ending.isSignalled)
        return plain(ending)
    }

    /// A start that is expected to fail.
    private func start(_ more: String...) throws -> Outcome {
        let flags = ["--state.models", models, "--state.path", place, "--web.listen-address", "127.0.0.1:0"]
        let ending = try Program.run(Self.exporter, flags + more)
        expectNoSwift(ending)
        #expect(ending.status == 1)
        return plain(ending)
    }

    /// How a program has ended, with paths from the test's directory.
    private struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    private func plain(_ ending: Program.Ending) -> Outcome {
        func short(_ text: String) -> String { text.replacing(directory.path, with: "") }
        return Outcome(status: ending.status, output: short(ending.output), errors: short(ending.errors))
    }

    private func expectNoSwift(_ ending: Program.Ending) {
        for name in ["onCorrupt", ".useDefaults", "StateError", "schemaVersion", "State(", "Int ", ".self", "Optional"]
        {
            #expect(!(ending.output + ending.errors).contains(name), "\(name): \(ending)")
        }
    }

    private func patch(_ service: Service, _ model: String, _ body: String) throws {
        #expect(try service.curl("/state/\(model)", "-X", "PATCH", "-d", body).status == 200)
    }

    /// Leaves a state with `Pump` at flow 2.
    private func leaveState(_ signal: Int32 = SIGTERM) throws {
        try write("Pump", numbers("flow"))
        let running = try service()
        try patch(running, "Pump", #"{"flow":2}"#)
        _ = running.program.end(with: signal)
    }

    // MARK: What it says

    @Test func eachModelHasALine() throws {
        try leaveState()
        try write("Tank", numbers("level"))
        let first = try check()
        #expect(
            first.output == """
                Pump: valid; the stored document of version 1 is used as it is
                Tank: valid; nothing is stored, so it begins with its defaults
                2 models are valid.

                """
        )
        #expect(first.status == 0 && first.errors.isEmpty)
        try write("Pump", numbers("flow", "angle", version: 2))
        #expect(
            try check().output
                .hasPrefix(
                    "Pump: valid; the stored document of version 1 is migrated (/angle with defaults), and a copy goes to quarantine\n"
                )
        )
        try FileManager.default.removeItem(atPath: "\(models)/Pump.schema.json")
        #expect(
            try check().output
                .hasSuffix(
                    "1 model is valid.\nNo file declares what /state has of \"Pump\"; a start leaves it as it is.\n"
                )
        )
        try FileManager.default.removeItem(atPath: place)
        #expect(try check().output.hasSuffix("1 model is valid.\n/state is missing; a start makes it.\n"))
        #expect(!FileManager.default.fileExists(atPath: place))
        let alone = try Program.run(Self.exporter, ["check", "--state.models", models])
        #expect(alone.output == "Tank: valid\n1 model is valid.\n")
    }

    /// The service runs, has stopped, or was killed.
    @Test(arguments: [nil, SIGTERM, SIGKILL]) func nothingIsTouched(_ signal: Int32?) throws {
        try write("Pump", numbers("flow"))
        let running = try service()
        try patch(running, "Pump", #"{"flow":2}"#)
        if let signal { _ = running.program.end(with: signal) }
        for version in [1, 2] {
            try write("Pump", numbers(version == 1 ? "flow" : "speed", version: version))
            for action in ["fail", "use-defaults"] {
                let before = try directory.contents()
                let ending = try check("--state.on-corrupt", action)
                #expect(ending.status == 0, "\(ending)")
                #expect(try directory.contents() == before)
                #expect(ending.output.contains("is in use by process") == (signal == nil), "\(ending)")
                #expect(
                    ending.output.contains(
                        version == 1 ? "used as it is" : "is migrated (/speed with defaults; without /flow)"
                    )
                )
            }
        }
        if signal == nil { #expect(try running.curl("/state/Pump").body.contains(#""flow":2"#)) }
    }

    @Test func aDirectoryWithoutModelsIsValidUntilOneIsStored() throws {
        #expect(try check().output.contains("0 models are valid."))
        let service = try service()
        #expect(service.program.errors { $0.contains("Ready") }.contains("No file declares a model yet"))
        try write("Pump", numbers("a"))
        service.program.send(SIGHUP)
        _ = service.program.errors { $0.contains("models.count=1 models.names=Pump") }
        try patch(service, "Pump", #"{"a":1}"#)
        _ = service.program.end(with: SIGTERM)
        try FileManager.default.removeItem(atPath: models + "/Pump.schema.json")
        let fault = "/models: has no file that ends with .schema.json; such a file declares a model"
        for outcome in [try check(), try start()] {
            #expect(outcome.status == 1 && outcome.errors.contains(fault))
        }
    }

    @Test func aRenamedFieldIsAWarning() throws {
        try leaveState()
        try write("Pump", numbers("speed", version: 2))
        let ending = try check()
        #expect(ending.status == 0 && ending.output.hasSuffix("1 model is valid.\n"))
        #expect(
            ending.errors.hasPrefix("Warning: /models/Pump.schema.json: fields seem to be renamed: /flow to /speed."),
            "\(ending)"
        )
        let json = try check("--log.format", "json")
        let line = try JSONSerialization.jsonObject(with: Data(json.errors.utf8)) as? [String: Any]
        #expect(line?["level"] as? String == "warning")
        let running = try service()
        let warning = #"model.renamedFields="/flow to /speed""#
        #expect(running.program.errors { $0.contains(warning) }.contains(warning))
    }

    // MARK: What a start would refuse

    @Test func aStartFailsForTheSameReasons() throws {
        try leaveState()
        try write("Pump", numbers("speed"))
        try write("Tank", #"{"type":"object","propertys":{},"x-verzion":2}"#)
        try write("Bad", #"{"type":"object","x-max-bytes":3,"properties":{"a":{"default":1}}}"#)
        let ending = try check()
        #expect(ending.status == 1 && ending.output.isEmpty)
        #expect(
            ending.errors == """
                Error: A start would fail, for 4 reasons.
                  /models/Bad.schema.json: /x-max-bytes is 3, and the defaults have 7 bytes; raise it
                  /models/Tank.schema.json: /propertys is not a keyword, did you mean properties?
                  /models/Tank.schema.json: /x-verzion is not a keyword, did you mean x-version?
                  /models/Pump.schema.json: The stored Pump cannot be read: /speed is missing; /flow is not a field of this model. It \
                was left as it is. Raise x-version to 2 to fill missing fields and drop unknown ones. Renamed fields lose their values \
                by that: /flow to /speed. Or start with \
                --state.on-corrupt=use-defaults to keep it in quarantine and begin with the defaults.

                """
        )
        for model in ["Tank", "Bad"] { try FileManager.default.removeItem(atPath: "\(models)/\(model).schema.json") }
        let fault = try #require(try check().errors.split(separator: "\n").last)
        #expect(try start().errors.hasSuffix("\n\(fault)\n"))
        let lost = try check("--state.on-corrupt=use-defaults")
        #expect(lost.status == 0 && lost.output.hasPrefix("Pump: valid; the stored document goes to quarantine"))
        #expect(
            lost.errors.hasPrefix(
                "Warning: /models/Pump.schema.json: The stored Pump cannot be read: /speed is missing"
            ),
            "\(lost)"
        )
    }

    @Test func modelsWhoseMetricsCollideAreRefused() throws {
        try write("Pump", numbers("flow_rate", "flowRate"))
        for ending in [try check(), try start()] {
            #expect(
                ending.errors.contains("has the metric myosin_state_pump_flow_rate, which Pump/flow_rate has too"),
                "\(ending)"
            )
        }
    }

    @Test func theStateIsSeenAsAStartSeesIt() throws {
        try leaveState()
        try Program.sqlite("update state set document = '{}'", in: place)
        try expectSameFault("The stored Pump is damaged: its checksum does not fit.")
        try Program.sqlite("update numbers set value = value - 1", in: place)
        try expectSameFault("/state/state.sqlite is damaged: the checksum of the table numbers does not fit")
        try Program.sqlite("pragma user_version = 99", in: place)
        try expectSameFault("/state/state.sqlite has tables of version 99")
        try Data("no database, but a text that is long enough to be one".utf8)
            .write(to: URL(filePath: place + "/state.sqlite"))
        try expectSameFault("/state/state.sqlite cannot be used: file is not a database. It is damaged")
        try FileManager.default.removeItem(atPath: place)
        try Data().write(to: URL(filePath: place))
        try expectSameFault("A file is in the way; name a directory.")
    }

    private func expectSameFault(_ phrase: String) throws {
        let (checked, started) = (try check(), try start())
        #expect(checked.status == 1 && checked.errors.contains(phrase), "\(checked)")
        #expect(started.errors.contains(phrase), "\(started)")
    }

    @Test func filesOfPythonMyosinAreAnnounced() throws {
        try write("Pump", numbers("flow"))
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        try Data(#"{"id":"p","flow":3}"#.utf8).write(to: URL(filePath: place + "/Pump.json"))
        let before = try directory.contents()
        let ending = try check()
        #expect(
            ending.output.hasPrefix(
                "Pump: valid; the file of Python myosin is migrated, and a copy goes to quarantine\n"
            ),
            "\(ending)"
        )
        #expect(try directory.contents() == before)
        try Data(#"{"id":"p","flow":"x"}"#.utf8).write(to: URL(filePath: place + "/Pump.json"))
        try expectSameFault("Mend the file, or move it away.")
    }

    @Test func flagsAreChecked() throws {
        try write("Pump", numbers("flow"))
        for flags in [
            ["--web.listen-address", "nonsense"], ["--state.group", "no-such-group"],
            ["--web.telemetry-path", "/state"], ["--web.listen-address=:9", "--web.listen-address=:9", "twice"],
        ] {
            let ending = try Program.run(
                Self.exporter,
                ["check", "--state.models", models, "--state.path", place] + flags.filter { $0 != "twice" }
            )
            #expect(ending.status == (flags[0] == "--state.group" ? 1 : 64), "\(ending)")
            #expect(ending.errors.contains(flags.last ?? ""), "\(ending)")
        }
        let small = try check("--state.max-document-bytes", "3")
        #expect(
            small.status == 0 && small.errors.contains("the defaults have 10 bytes, and a document may have 3"),
            "\(small)"
        )
    }

    // MARK: Advice that helps

    @Test func raisingTheVersionIsFollowed() throws {
        try leaveState()
        try write("Pump", numbers("speed"))
        #expect(try start().errors.contains("Raise x-version to 2 to fill missing fields and drop unknown ones."))
        try write("Pump", numbers("speed", version: 2))
        #expect(try service().curl("/state/Pump/speed").body == "0\n")
    }

    @Test func aValueThatNoVersionMendsIsChangedUnderTheFormerSchema() throws {
        try leaveState()
        let narrow = numbers("flow").replacing(#""number""#, with: #""number","maximum":1"#)
        try write("Pump", narrow)
        let refused = try start().errors
        #expect(
            refused.contains("A higher x-version does not help") && !refused.contains("Raise x-version"),
            "\(refused)"
        )
        try write("Pump", numbers("flow"))
        let running = try service()
        try patch(running, "Pump", #"{"flow":1}"#)
        _ = running.program.end(with: SIGTERM)
        try write("Pump", narrow)
        #expect(try service().curl("/state/Pump/flow").body == "1\n")
    }

    @Test func goingBackToALowerVersionIsExplained() throws {
        try leaveState()
        let copy = directory.path + "/copy.sqlite"
        #expect(try Program.run(Self.exporter, ["backup", copy, "--state.path", place]).status == 0)
        try write("Pump", numbers("speed", version: 2))
        _ = try service().program.end(with: SIGTERM)
        try write("Pump", numbers("flow"))
        let refused = try start().errors
        #expect(refused.contains("The stored Pump has the version 2, and the schema has 1."), "\(refused)")
        for phrase in [
            "Set x-version to 2", "raise x-version once more; the command quarantine shows", "with the command restore",
        ] {
            #expect(refused.contains(phrase), "\(refused)")
        }
        // The former fields under a version that is higher still; their values are in quarantine.
        try write("Pump", numbers("flow", version: 3))
        let running = try service()
        #expect(try running.curl("/state/Pump/flow").body == "0\n")
        let kept = try Program.run(Self.exporter, ["quarantine", "--show", "1", "--state.path", place])
        #expect(kept.output.contains(#""flow":2"#))
        try patch(running, "Pump", #"{"flow":2}"#)
        _ = running.program.end(with: SIGTERM)
        // A copy from before.
        try write("Pump", numbers("flow"))
        #expect(try Program.run(Self.exporter, ["restore", copy, "--state.path", place]).status == 0)
        #expect(try service().curl("/state/Pump/flow").body == "2\n")
    }

    // MARK: A reload that fails

    private func reload(_ service: Service, _ count: Int) -> String {
        func isLogged(_ log: String) -> Bool {
            log.components(separatedBy: "The models stay as they were").count > count
        }
        service.program.send(SIGHUP)
        return service.program.errors(until: isLogged)
    }

    @Test func aFailedReloadSaysThatTheNextStartFails() throws {
        try write("Pump", numbers("flow"))
        let running = try service()
        try patch(running, "Pump", #"{"flow":2}"#)
        let advice =
            "The next start would fail for the same reasons. Mend the files and send SIGHUP again, or put the former"
        for (count, text) in ["{", numbers("speed")].enumerated() {
            try write("Pump", text)
            #expect(reload(running, count + 1).components(separatedBy: advice).count == count + 2)
            #expect(try check().status == 1)
        }
        // Mended, it is taken; a start with the bad file fails as was said.
        try write("Pump", numbers("speed"))
        _ = running.program.end(with: SIGTERM)
        #expect(try start().errors.contains("/speed is missing; /flow is not a field"))
        try write("Pump", numbers("flow"))
        #expect(try service().curl("/state/Pump/flow").body == "2\n")
    }

    @Test func aFailedReloadSaysThatTheNextStartLosesAValue() throws {
        try write("Pump", numbers("flow"))
        let running = try service("--state.on-corrupt", "use-defaults")
        try patch(running, "Pump", #"{"flow":2}"#)
        try write("Pump", numbers("speed"))
        let log = reload(running, 1)
        #expect(
            log.contains("The next start would move stored documents to quarantine")
                && log.contains("models.names=Pump"),
            "\(log)"
        )
        _ = running.program.end(with: SIGTERM)
        #expect(try service("--state.on-corrupt", "use-defaults").curl("/state/Pump/speed").body == "0\n")
    }

    @Test func aFailedReloadSaysThatTheNextStartForgetsWhatIsInMemory() throws {
        let more = #","x-durable":false"#
        try write("Pump", numbers("flow", more: more))
        let running = try service()
        try patch(running, "Pump", #"{"flow":2}"#)
        try write("Pump", numbers("speed", more: more))
        let log = reload(running, 1)
        #expect(
            log.contains("The next start would take the files, and values that are in memory only would be lost"),
            "\(log)"
        )
        #expect(try check().output.contains("Pump: valid; nothing is stored"))
        _ = running.program.end(with: SIGTERM)
        #expect(try service().curl("/state/Pump/speed").body == "0\n")
    }

    // MARK: Files that are no JSON

    @Test(arguments: [
        ("UTF-16", "is in UTF-16LE, and JSON is in UTF-8; save it as UTF-8"), ("UTF-16BE", "is in UTF-16BE"),
        ("LATIN1", "with ä here (byte 17, line 1, column 18)"),
    ])
    func otherEncodingsAreNamed(_ encoding: String, _ phrase: String) throws {
        let text = #"{"description":"Wärme","type":"object","properties":{"a":{}}}"#
        try Data(text.utf8).write(to: URL(filePath: "\(directory.path)/text"))
        let command = #"iconv -f UTF-8 -t "$0" "$1" > "$2""#
        let words = ["-c", command, encoding, "\(directory.path)/text", "\(models)/Heat.schema.json"]
        #expect(try Program.run("/bin/sh", words).status == 0)
        let ending = try check()
        #expect(
            ending.errors.contains("Heat.schema.json: is not JSON: it ") && ending.errors.contains(phrase),
            "\(ending)"
        )
    }

    @Test func aByteOrderMarkIsAccepted() throws {
        try write("Pump", "\u{feff}" + numbers("flow"))
        #expect(try check().status == 0)
        #expect(try service().curl("/schema/Pump").status == 200)
    }
}
