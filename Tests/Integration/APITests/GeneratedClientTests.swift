import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Clients that a generator makes of `/openapi.json`: openapi-python-client, from PyPI, makes them without a warning, mypy finds
/// the types right, and each operation is called.
@Suite(.serialized) struct GeneratedClientTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Runs a Python program beside the libraries and the client.
    private func python(_ arguments: [String]) throws -> Program.Ending {
        let libraries = try PythonPackages.install(
            ["openapi-python-client==0.29.1", "mypy==2.4.1"],
            as: "openapi-python-client-0.29.1"
        )
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return try Program.run(
            "/usr/bin/env",
            ["python3"] + arguments,
            environment: [
                "PYTHONPATH": "\(libraries):\(directory.path)/client", "PATH": "\(libraries)/bin:\(path)",
                "NO_PROXY": "*",
                "PYTHONDONTWRITEBYTECODE": "1",
            ]
        )
    }

    /// Generates the client, as the manual says.
    private func generate(from address: String) throws {
        // It waits for five seconds by default, within which a busy machine may not make the document.
        let settings = directory.path + "/generator.yaml"
        try "http_timeout: \(patience.components.seconds)\n".write(toFile: settings, atomically: true, encoding: .utf8)
        let ending = try python([
            "-m", "openapi_python_client", "generate", "--url", "http://\(address)/openapi.json", "--output-path",
            directory.path + "/client", "--fail-on-warning", "--config", settings,
        ])
        // On one line, as the output of a terminal is not.
        let output = ending.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(ending.status == 0 && output.hasPrefix("Generating "), "\(ending.output)\(ending.errors)")
        #expect(!output.lowercased().contains("warning"), "\(ending.output)")
    }

    private func checkTypes(_ files: String...) throws {
        // Where a choice has lists of anything, the client has a cast too many. Two processes cannot share a cache, but each has
        // executables of its own.
        let ending = try python(
            ["-m", "mypy", "--strict", "--no-warn-redundant-casts", "--cache-dir", Program.path(of: "mypy")]
                + [directory.path + "/client/myosin_client"] + files
        )
        #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
    }

    private func callEverything(at address: String) throws -> Int {
        let file = directory.path + "/openapi.json"
        let arguments = ["-sSf", "-o", file] + Service.curlLimit + ["\(address)/openapi.json"]
        let curl = try Program.run("/usr/bin/curl", arguments)
        try #require(curl.status == 0, "curl says: \(curl.errors)")
        let ending = try python([Self.script("call_everything.py"), "http://\(address)", file])
        #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
        return Int(ending.output.trimmingCharacters(in: .newlines)) ?? 0
    }

    private static func script(_ name: String) -> String { "\(repository)/Tests/Integration/OpenAPI/\(name)" }

    @Test func theManualsSessionsCanBeHadWithAClient() throws {
        let exporter = try Service("myosin-exporter", [])
        try generate(from: exporter.address)
        // The program in the manual, and what it prints.
        let manual = "\(repository)/Sources/MyosinService/MyosinService.docc/GeneratingAClient.md"
        let text = try String(contentsOfFile: manual, encoding: .utf8)
        let program = try #require(text.firstMatch(of: #/```python\n((?s:.*?))```/#)).1
        let output = try #require(text.firstMatch(of: #/prints:\n\n```text\n((?s:.*?))```/#)).1
        let file = directory.path + "/program.py"
        try program.replacing("http://localhost:8000", with: "http://\(exporter.address)")
            .write(toFile: file, atomically: true, encoding: .utf8)
        // The session with curl.
        let script = Self.script("curl_session.py")
        try checkTypes(script, file)
        let session = try python([script, "http://\(exporter.address)"])
        #expect(session.status == 0, "\(session.output)\(session.errors)")
        #expect(try callEverything(at: exporter.address) == 39)
        let ending = try python([file])
        #expect(ending.status == 0 && ending.output == output, "\(ending.output)\(ending.errors)")
    }

    /// Names that are one name for a generator, or have a meaning in a language, or in generated clients.
    private static let awkwardNames = [
        "Class", "None", "Problem", "Pump1", "Response", "Schema", "State", "Temperature", "USER", "User", "UserName",
        "pump-1",
        "pump.1", "user",
    ]

    @Test func aClientCopesWithAnyModel() throws {
        let models = directory.path + "/models"
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        for name in Self.awkwardNames {
            let text = """
                {"type": "object", "properties": {"name": {"type": "string", "default": "x"}, "temperature": {"type": "number",
                "x-metric": false, "default": 1}, "mode": {"enum": ["a", "b"], "default": "a"}}, "required": ["name"]}
                """
            try text.write(toFile: "\(models)/\(name).schema.json", atomically: true, encoding: .utf8)
        }
        for file in ["Everything", "models/Boiler", "models/Guard"] {
            let target = "\(models)/\(file.split(separator: "/").last ?? "").schema.json"
            try FileManager.default.copyItem(atPath: Self.script(file + ".schema.json"), toPath: target)
        }
        let exporter = try Service("myosin-exporter", ["--state.models", models])
        try generate(from: exporter.address)
        try checkTypes()
        #expect(try callEverything(at: exporter.address) > 400)
    }

    @Test func aClientCopesWithTypesOfEveryKind() throws {
        let probe = try PipedProgram(Program.path(of: "service-probe"), ["varied", "patient"], hasInput: true)
        let line = try #require(probe.read(upTo: patience))
        let address = String(decoding: line.dropLast(), as: UTF8.self)
        try generate(from: address)
        try checkTypes()
        #expect(try callEverything(at: address) > 50)
        #expect(probe.end(with: SIGKILL) == SIGKILL)
    }
}
