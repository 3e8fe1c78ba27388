import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Whether `/openapi.json` is OpenAPI, and true: schemathesis, from PyPI, makes requests of it and looks at the answers.
///
/// `MYOSIN_API_EXAMPLES` is how many requests it makes up for an operation, at least; `MYOSIN_API_SEEDS` of what.
@Suite(.serialized) struct OpenAPITests {
    private static let variables = ProcessInfo.processInfo.environment
    private static let examples = variables["MYOSIN_API_EXAMPLES"] ?? "50"
    private static let seeds = (variables["MYOSIN_API_SEEDS"] ?? "1").split(separator: " ").map(String.init)

    /// Where the Python libraries are.
    private func libraries() throws -> String {
        try PythonPackages.install(["schemathesis==4.32.5", "openapi-spec-validator==0.9.0"], as: "openapi-1")
    }

    private func python(_ arguments: [String]) throws -> Program.Ending {
        try Program.run(
            "/usr/bin/env",
            ["python3", "-m"] + arguments,
            environment: [
                "PYTHONPATH": try libraries(), "SCHEMATHESIS_HOOKS": repository + "/Tests/Integration/OpenAPI/hooks.py",
                "HYPOTHESIS_STORAGE_DIRECTORY": repository + "/.build/hypothesis",
            ]
        )
    }

    /// A service that nobody else changes.
    private enum Server: String, CaseIterable, CustomTestStringConvertible {
        /// The example's models, from files.
        case exampleModels
        /// Models that files declare with every keyword there is.
        case declaredModels
        /// Models that are types of every kind.
        case variedModels

        var testDescription: String { rawValue }
    }

    /// Calls the function with the address of a server that runs meanwhile.
    private func with(_ server: Server, _ body: (String) throws -> Void) throws {
        switch server {
        case .exampleModels, .declaredModels:
            let models =
                server == .exampleModels ? Service.exampleModels : repository + "/Tests/Integration/OpenAPI/models"
            let service = try Service("myosin-exporter", ["--state.models", models])
            try body(service.address)
            #expect(service.program.end(with: SIGTERM).status == 0)
        case .variedModels:
            let probe = try PipedProgram(Program.path(of: "service-probe"), ["varied", "patient"], hasInput: true)
            let line = try #require(probe.read(upTo: patience))
            try body(String(decoding: line.dropLast(), as: UTF8.self))
            #expect(probe.end(with: SIGKILL) == SIGKILL)
        }
    }

    @Test(arguments: Server.allCases) private func theDocumentIsOpenAPI(server: Server) throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/openapi.json"
        try with(server) { address in
            let arguments = ["-sSf", "-o", file] + Service.curlLimit + ["\(address)/openapi.json"]
            let curl = try Program.run("/usr/bin/curl", arguments)
            try #require(curl.status == 0, "curl says: \(curl.errors)")
        }
        let ending = try python(["openapi_spec_validator", "--errors", "all", file])
        #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
    }

    @Test(arguments: Server.allCases, seeds) private func theDocumentIsTrue(server: Server, seed: String) throws {
        try with(server) { address in
            let ending = try python([
                "schemathesis.cli", "--config-file", repository + "/Tests/Integration/OpenAPI/schemathesis.toml", "run",
                "http://\(address)/openapi.json", "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful",
                "--mode", "all", "--max-examples", Self.examples, "--seed", seed, "--continue-on-failure",
                "--generation-database", "none", "--warnings", "off", "--no-color",
            ])
            #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
            // It says nothing of phases that found nothing to do.
            for phase in ["Examples", "Coverage", "Fuzzing", "Stateful"] {
                #expect(ending.output.contains("✅ \(phase)"), "\(phase): \(ending.output)")
            }
        }
    }
}
