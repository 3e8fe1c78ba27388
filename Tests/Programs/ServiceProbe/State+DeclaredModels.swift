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
    func declareModels(_ count: Int) throws {
        let schema = Array(slotSchema.utf8)
        try declare((0..<count).map { try JSONSchemaDeclaration(name: Self.declaredName($0), text: schema) })
    }
}
