internal import Myosin
internal import TestSupport

/// A model with the fields of `User`, of which there are several types.
protocol Nameable: WrappingModel where Fields == User {}

extension Nameable {
    /// Another name than the present one, so that a commit always is a change.
    mutating func rename() { fields.name = fields.name == "chris" ? "cS" : "chris" }
}

/// One of 64 models, each a type of its own: `User00` to `User77`.
private struct NumberedUser<High: Digit, Low: Digit>: Nameable {
    static var modelName: String { "User\(High.digit)\(Low.digit)" }

    var fields: User
}

extension State {
    /// Loads so many models, at most 64.
    func loadUsers(_ count: Int) throws -> [any Nameable.Type] {
        func makeType<High: Digit, Low: Digit>(_ high: High.Type, _ low: Low.Type) -> any Nameable.Type {
            NumberedUser<High, Low>.self
        }
        let types = octalDigits.flatMap { high in octalDigits.map { low in makeType(high, low) } }.prefix(count)
        func load<Model: Nameable>(_ model: Model.Type) throws {
            try self.load(Model(fields: User(name: "chris", email: "chris@email.com")))
        }
        for type in types { try load(type) }
        return Array(types)
    }
}
