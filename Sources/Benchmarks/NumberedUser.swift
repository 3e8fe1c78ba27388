internal import Myosin
internal import TestSupport

/// A model with the fields of `User`, of which there are several types.
protocol Nameable: StateModel {
    init()
    var name: String { get set }
}

extension Nameable {
    /// Another name than the present one, so that a commit always is a change.
    mutating func rename() { name = name == "chris" ? "cS" : "chris" }
}

/// One of 64 models, each a type of its own: `User00` to `User77`.
private struct NumberedUser<High: Digit, Low: Digit>: Nameable {
    static var modelName: String { "User\(High.digit)\(Low.digit)" }

    var id = ModelID()
    var name = "chris"
    var email = "chris@email.com"

    func validate() throws {
        guard email.unicodeScalars.contains("@") else { throw ValidationError("/email", "is not an address") }
    }
}

extension State {
    /// Loads so many models, at most 64.
    func loadUsers(_ count: Int) throws -> [any Nameable.Type] {
        func makeType<High: Digit, Low: Digit>(_ high: High.Type, _ low: Low.Type) -> any Nameable.Type {
            NumberedUser<High, Low>.self
        }
        let types = octalDigits.flatMap { high in octalDigits.map { low in makeType(high, low) } }.prefix(count)
        func load<Model: Nameable>(_ model: Model.Type) throws { try self.load(Model()) }
        for type in types { try load(type) }
        return Array(types)
    }
}
