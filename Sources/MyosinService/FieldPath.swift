internal import Myosin
internal import StateSchema

/// The way to a field of a model: the names behind the model's in a path.
struct FieldPath: Sendable {
    let steps: [String]

    init(steps: [String]) { self.steps = steps }

    /// - Parameter text: the names with slashes between them.
    init(_ text: String) { steps = text.split(separator: "/").map(String.init) }

    /// Where the way leaves what a schema declares.
    ///
    /// - Parameter document: the place of whole documents.
    /// - Returns: how many steps are declared, and what the names may be after those; nil if all are.
    func undeclared(in document: SchemaPlace) -> (steps: Int, names: [String])? {
        var place = document
        for (index, step) in steps.enumerated() {
            let element = Int(step).flatMap { $0 >= 0 ? place.element($0) : nil }
            guard let next = place.field(step) ?? element else { return (index, place.fieldNames) }
            place = next
        }
        return nil
    }
}
