internal import Myosin
internal import StateSchema

/// The way to a field of a model: the names behind the model's in a path.
struct FieldPath: Sendable {
    let steps: [String]

    init(steps: [String]) { self.steps = steps }

    /// - Parameter text: the names with slashes between them.
    init(_ text: String) {
        // By scalars: a mark that joins the slash before it would make another character of the two.
        steps = text.unicodeScalars.split(separator: "/").map { String($0) }
    }

    /// Where the way leaves what a schema declares.
    ///
    /// - Parameter document: the place of whole documents.
    /// - Returns: how many steps are declared, and what the names may be after those; nil if all are.
    func undeclared(in document: DocumentPlace) -> (steps: Int, names: [String])? {
        var place = document
        for (index, step) in steps.enumerated() {
            guard let next = Self.next(step, below: place) else { return (index, place.fieldNames) }
            place = next
        }
        return nil
    }

    /// Whether a value can be put at the end of the way: what is missing before becomes an object where it may be one, and
    /// arrays stay as long as they are.
    ///
    /// - Parameters:
    ///   - document: the present one.
    ///   - place: that of whole documents, which declares the way.
    /// - Returns: false where there is no such place now.
    func hasPlace(in document: JSONValue, of place: DocumentPlace) -> Bool {
        var place = place
        var value: JSONValue? = document
        for step in steps {
            switch value {
            case .object(let object)?: value = object[step]
            case .array?:
                value = value?.value(at: [step])
                if value == nil { return false }
            case nil, .null?:
                guard place.mayBe(.object) else { return false }
                value = nil
            default: return false
            }
            guard let next = Self.next(step, below: place) else { return false }
            place = next
        }
        return true
    }

    private static func next(_ step: String, below place: DocumentPlace) -> DocumentPlace? {
        place.field(step) ?? Int(step).flatMap { $0 >= 0 ? place.element($0) : nil }
    }
}
