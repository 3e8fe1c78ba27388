import Foundation
import TestSupport
import Testing

/// A file of YAML, which PyYAML, from PyPI, reads.
enum YAMLFile {
    /// Where PyYAML is, for `PYTHONPATH`.
    private static func library() throws -> String {
        try PythonPackages.install(["PyYAML==6.0.2"], as: "PyYAML-6.0.2")
    }

    /// What a file of the repository has.
    static func read<Content: Decodable>(_ path: String, as type: Content.Type) throws -> Content {
        let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"
        let ending = try Program.run(
            "/usr/bin/env",
            ["python3", "-c", script, "\(repository)/\(path)"],
            environment: ["PYTHONPATH": try library()]
        )
        try #require(ending.status == 0, "\(path): \(ending.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(ending.output.utf8))
    }
}
