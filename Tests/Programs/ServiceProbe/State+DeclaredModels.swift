import Foundation
import Myosin
import StateSchema
import TestSupport

extension State {
    /// The name of one of the declared models: `Model000000`, `Model000001` and so on.
    static func declaredName(_ number: Int) -> String {
        let digits = String(number)
        return "Model" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// Declares so many models, each with a schema of its own, as if each had a file.
    func declareModels(_ count: Int) throws { try declare(Self.declarations(count)) }

    /// Declares so many models, and those of the files `NAME.json` in a directory.
    func declareModels(_ count: Int, ofFilesIn directory: String) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        let others = try files.map { file in
            let text = try Data(contentsOf: URL(filePath: "\(directory)/\(file)"))
            return try JSONSchemaDeclaration(name: String(file.dropLast(".json".count)), text: Array(text))
        }
        try declare(Self.declarations(count) + others)
    }

    private static func declarations(_ count: Int) throws -> [JSONSchemaDeclaration] {
        let schema = Array(slotSchema.utf8)
        return try (0..<count).map { try JSONSchemaDeclaration(name: Self.declaredName($0), text: schema) }
    }
}
