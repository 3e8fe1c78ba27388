import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The exporter with models of its operator's, which change while it runs.
@Suite struct ModelFilesTests {
    private let directory: TemporaryDirectory
    private var models: String { directory.path + "/models" }

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    }

    private func write(_ model: String, _ text: String) throws {
        try text.write(toFile: "\(models)/\(model).schema.json", atomically: true, encoding: .utf8)
    }

    /// A model with numbers as required fields.
    private func numbers(_ fields: String..., version: Int = 1) -> String {
        let properties = fields.map { #""\#($0)":{"type":"number","default":0}"# }.joined(separator: ",")
        let required = fields.map { #""\#($0)""# }.joined(separator: ",")
        return #"{"type":"object","x-version":\#(version),"properties":{\#(properties)},"required":[\#(required)]}"#
    }

    private func makeExporter(_ more: String...) throws -> Service {
        try Service(
            "myosin-exporter",
            ["--state.models", models, "--state.path", directory.path + "/state"] + more
        )
    }

    private func metric(_ name: String, _ exporter: Service) throws -> String? {
        try exporter.curl("/metrics").body.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    /// Has the files read again and waits until that is logged so many times.
    private func reload(_ exporter: Service, _ count: Int, _ message: String) throws {
        func isLogged(_ log: String) -> Bool { log.components(separatedBy: message).count > count }
        exporter.program.send(SIGHUP)
        let log = exporter.program.errors(until: isLogged)
        try #require(isLogged(log), "\(log)")
    }

    private static let taken = "The models are loaded"
    private static let refused = "The models stay as they were"

    @Test func filesAreTakenOverAllOrNone() throws {
        try write("Pump", numbers("flow"))
        try write("Tank", numbers("level"))
        let exporter = try makeExporter()
        #expect(try exporter.curl("/state/Pump", "-X", "PATCH", "-d", #"{"flow":2}"#).status == 200)
        #expect(try exporter.curl("/state/Tank", "-X", "PATCH", "-d", #"{"level":3}"#).status == 200)
        #expect(try metric("myosin_state_pump_flow", exporter) == "2")

        // A field is dropped without a risen version, and a third model is added: neither is taken.
        try write("Pump", numbers("speed"))
        try write("Valve", numbers("angle"))
        try reload(exporter, 1, Self.refused)
        #expect(try exporter.curl("/state/Pump").body.hasSuffix(#""flow":2}"# + "\n"))
        #expect(try exporter.curl("/state/Valve").status == 404)
        #expect(try metric("myosin_config_last_reload_successful", exporter) == "0")

        // With one both are, and a model that is gone is gone with all that shows it.
        try write("Pump", numbers("speed", version: 2))
        try FileManager.default.removeItem(atPath: models + "/Tank.schema.json")
        try reload(exporter, 2, Self.taken)
        #expect(try exporter.curl("/state/Pump").body.hasSuffix(#""speed":0}"# + "\n"))
        #expect(try exporter.curl("/state/Valve").status == 200)
        let gone = try exporter.curl("/state/Tank")
        #expect(gone.status == 404 && gone.body.contains("There is no model Tank. There are: Pump, Valve."))
        let page = try exporter.curl("/metrics").body
        #expect(!page.contains("Tank") && !page.contains("tank") && !page.contains("pump_flow"))
        #expect(page.contains("\nmyosin_state_pump_speed 0\n") && page.contains("\nmyosin_state_valve_angle 0\n"))
        #expect(page.contains("\nmyosin_config_last_reload_successful 1\n"))
        #expect(try exporter.curl("/schema/Pump").body.contains("speed"))
        let log = exporter.program.end(with: SIGTERM).errors
        #expect(
            log.contains(
                "Pump.schema.json: The present Pump is not valid under the new schema: /speed is missing; /flow is not a field of "
                    + "this model. Raise x-version"
            )
        )

        // Its row has stayed.
        try write("Tank", numbers("level"))
        let again = try makeExporter()
        #expect(try again.curl("/state/Tank").body.hasSuffix(#""level":3}"# + "\n"))
    }

    private func count(_ exporter: Service) throws -> Int {
        let answer = try exporter.curl("/state/Counter")
        let text = try #require(answer.body.firstMatch(of: #/"count":(\d+)/#), "\(answer)").1
        return try #require(Int(text))
    }

    @Test func reloadingUnderLoadLosesNothing() async throws {
        try write("Counter", numbers("count", "own1"))
        try write("Other", numbers("x"))
        let exporter = try makeExporter()
        let over = directory.path + "/over"
        let script = """
            import http.client, json, os, sys, threading, time
            host, over, patience = sys.argv[1], sys.argv[2], float(sys.argv[3])
            wrong, counts, last_success = [], [], [time.monotonic()]
            def is_over():
                return os.path.exists(over)
            def connect():
                return http.client.HTTPConnection(host, timeout=patience)
            def ask(connection, method, path, body=None, headers={}):
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            def was_held(status, body):
                # A busy machine may stop the program while it holds a lock, and writers wait for five seconds only.
                return status == 503 and b"was held by another context for too long" in body
            def count():
                connection, done = connect(), 0
                # Each counts some, however busy the machine is, unless none of them gets on any more.
                while not is_over() or done < 10:
                    status, fields, body = ask(connection, "GET", "/state/Counter")
                    number = json.loads(body)["count"] + 1
                    status, _, body = ask(connection, "PATCH", "/state/Counter", json.dumps({"count": number}),
                                          {"If-Match": fields["ETag"]})
                    if status == 200:
                        done, last_success[0] = done + 1, time.monotonic()
                    elif status != 412 and not was_held(status, body): wrong.append((status, body))
                    if time.monotonic() - last_success[0] > patience:
                        wrong.append("no count succeeds")
                        break
                counts.append(done)
            def read():
                connection = connect()
                while not is_over():
                    for path in ["/state", "/state/Other", "/metrics", "/schema/Counter", "/healthz", "/openapi.json"]:
                        status, _, body = ask(connection, "GET", path)
                        if status != 200 and not (status == 404 and path in ("/state/Other", "/openapi.json")):
                            wrong.append((path, status, body))
            def write():
                connection = connect()
                while not is_over():
                    status, _, body = ask(connection, "PUT", "/state/Other/x", "7")
                    if status not in (200, 404) and not was_held(status, body): wrong.append((status, body))
            threads = [threading.Thread(target=target) for target in [count] * 3 + [read] * 2 + [write]]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(sum(counts), wrong[:3])
            """
        let words = ["python3", "-c", script, exporter.address, over, "\(patience.components.seconds)"]
        let load = try Program("/usr/bin/env", words)
        try await onThread {
            for round in 2...26 {
                // The clients are at work between any two readings.
                let former = try count(exporter)
                try waitUntil { try count(exporter) > former }
                try write("Counter", numbers("count", "own\(round)", version: round))
                let hasOther = round % 2 == 0
                if hasOther { try? FileManager.default.removeItem(atPath: models + "/Other.schema.json") }
                if !hasOther { try write("Other", numbers("x")) }
                try reload(exporter, round, Self.taken)
                // One that is refused in between.
                try write("Bad", "{")
                try reload(exporter, round - 1, Self.refused)
                try FileManager.default.removeItem(atPath: models + "/Bad.schema.json")
            }
            try Data().write(to: URL(filePath: over))
        }
        let ending = load.end()
        let sum = try #require(ending.output.split(separator: " ").first.flatMap { Int($0) }, "\(ending.errors)")
        #expect(ending.output.hasSuffix(" []\n"), "\(ending.output)")
        #expect(sum >= 30)
        let last = try exporter.curl("/state/Counter").body
        #expect(last.hasSuffix(#""count":\#(sum),"own26":0}"# + "\n"), "\(last) after \(sum)")
    }

    @Test func aStartWithBadFilesTellsAllThatIsWrong() throws {
        try write("Pump", #"{"type":"object","propertys":{}}"#)
        try write("Tank", #"{"type":"object","properties":{"a":{"type":"number","default":"x"}}}"#)
        let arguments = ["--state.models", models]
        let start = try Program.run(Program.path(of: "myosin-exporter"), arguments)
        let check = try Program.run(Program.path(of: "myosin-exporter"), ["check"] + arguments)
        for ending in [start, check] {
            #expect(ending.status == 1 && !ending.isSignalled && ending.output.isEmpty)
            #expect(
                // At the start a line of the log may come first.
                ending.errors.replacing(models, with: "")
                    .hasSuffix(
                        """
                        Error: The models cannot be used, for 2 reasons.
                          /Pump.schema.json: /propertys is not a keyword, did you mean properties?
                          /Tank.schema.json: /properties/a/default must be a number, got a string

                        """
                    )
            )
        }
    }

    @Test func checkingSaysWhichModelsAreValid() throws {
        let check = try Program.run(
            Program.path(of: "myosin-exporter"),
            ["check", "--state.models", repository + "/docker/models"]
        )
        #expect(check.status == 0 && check.errors.isEmpty)
        #expect(check.output == "System: valid\nTelemetry: valid\nUser: valid\n3 models are valid.\n")
    }

    /// One line of the log per reading, and the same from `check`.
    @Test func whatOtherProgramsLeaveIsPassedOver() throws {
        try write("Pump", numbers("flow"))
        let names = ["Pump.schema.json~", "Pump.sync-conflict-20240101-120000-ABCDEFG.schema.json"]
        for name in names {
            try numbers("speed").write(toFile: "\(models)/\(name)", atomically: true, encoding: .utf8)
        }
        let check = try Program.run(Program.path(of: "myosin-exporter"), ["check", "--state.models", models])
        let lines = names.map {
            "\(models)/\($0): passed over, because its name is not that of a model's file\n"
        }
        #expect(check.output == "Pump: valid\n1 model is valid.\n" + lines.joined() && check.status == 0)
        let exporter = try makeExporter()
        #expect(try exporter.curl("/state").body.contains("conflict") == false)
        try reload(exporter, 1, Self.taken)
        let log = exporter.program.end(with: SIGTERM).errors.split(separator: "\n")
            .filter { $0.contains("passed over") }
        #expect(log.count == 2)
        let paths = names.map { "\(models)/\($0)" }.joined(separator: ",")
        #expect(log.allSatisfy { $0.contains("level=notice") && $0.hasSuffix(" models.leftovers=\(paths)") }, "\(log)")
    }

    @Test(arguments: ["README.md", "Sources/MyosinService/MyosinService.docc/DeclaringModels.md"])
    func theModelOfTheDocumentationIsOne(_ file: String) throws {
        let text = try String(contentsOfFile: "\(repository)/\(file)", encoding: .utf8)
        let schema = try #require(text.firstMatch(of: #/```json\n([^`]*)```/#)).1
        try write("Thermostat", String(schema))
        let check = try Program.run(Program.path(of: "myosin-exporter"), ["check", "--state.models", models])
        #expect(check.output == "Thermostat: valid\n1 model is valid.\n")
        let exporter = try makeExporter()
        let patched = try exporter.curl("/state/Thermostat", "-X", "PATCH", "-d", #"{"target":21.5}"#)
        #expect(patched.status == 200 && patched.body.contains(#","target":21.5,"mode":"eco""#))
        let metrics = try exporter.curl("/metrics").body.split(separator: "\n")
            .filter { $0.hasPrefix("myosin_state_thermostat") }
        let label = #"{myosin_state_thermostat_mode="#
        let expected = [
            "myosin_state_thermostat_mode\(label)\"comfort\"} 0", "myosin_state_thermostat_mode\(label)\"eco\"} 1",
            "myosin_state_thermostat_mode\(label)\"off\"} 0", "myosin_state_thermostat_target_celsius 21.5",
        ]
        #expect(metrics.map(String.init) == expected)
        if file == "README.md" { for line in expected { #expect(text.contains("\n\(line)\n")) } }
    }

    @Test func withoutModelsItSaysWhatToDo() throws {
        let ending = try Program.run(Program.path(of: "myosin-exporter"), [])
        #expect(ending.status != 0)
        #expect(ending.errors.contains("--state.models is missing: name a directory whose files <Model>.schema.json"))
    }

    @Test func aBrokenStoredDocumentIsToldAndCanBeSetAside() throws {
        try write("Pump", numbers("flow"))
        let exporter = try makeExporter()
        #expect(try exporter.curl("/state/Pump", "-X", "PATCH", "-d", #"{"flow":2}"#).status == 200)
        #expect(exporter.program.end(with: SIGTERM).status == 0)
        try write("Pump", numbers("speed"))
        let start = try Program.run(
            Program.path(of: "myosin-exporter"),
            ["--state.models", models, "--state.path", directory.path + "/state"]
        )
        #expect(start.status == 1)
        #expect(
            start.errors.contains(
                "The stored Pump cannot be read: /speed is missing; /flow is not a field of this model."
            )
        )
        #expect(start.errors.contains("x-version") && start.errors.contains("--state.on-corrupt=use-defaults"))
        let again = try makeExporter("--state.on-corrupt", "use-defaults")
        #expect(try again.curl("/state/Pump").body.hasSuffix(#""speed":0}"# + "\n"))
        #expect(try again.curl("/readyz").body.contains("quarantined-model"))
    }

    @Test func aThousandModelsStart() throws {
        for number in 0..<1_000 { try write("Model\(number)", numbers("a", "b")) }
        let exporter = try makeExporter()
        #expect(try exporter.curl("/state/Model999/a", "-X", "PUT", "-d", "5").status == 200)
        #expect(try metric("myosin_state_model999_a", exporter) == "5")
        #expect(try exporter.curl("/state").body.components(separatedBy: "\"Model").count == 1_001)
    }
}
