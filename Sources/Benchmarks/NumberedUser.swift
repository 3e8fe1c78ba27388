internal import Myosin

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

/// A digit as a type, of which the names of models are made.
private protocol Digit: Sendable {
    static var digit: Int { get }
}

private enum Zero: Digit { static let digit = 0 }
private enum One: Digit { static let digit = 1 }
private enum Two: Digit { static let digit = 2 }
private enum Three: Digit { static let digit = 3 }
private enum Four: Digit { static let digit = 4 }
private enum Five: Digit { static let digit = 5 }
private enum Six: Digit { static let digit = 6 }
private enum Seven: Digit { static let digit = 7 }

extension State {
    /// Loads so many models, at most 64.
    func loadUsers(_ count: Int) throws -> [any Nameable.Type] {
        let digits: [any Digit.Type] = [
            Zero.self, One.self, Two.self, Three.self, Four.self, Five.self, Six.self, Seven.self,
        ]
        func makeType<High: Digit, Low: Digit>(_ high: High.Type, _ low: Low.Type) -> any Nameable.Type {
            NumberedUser<High, Low>.self
        }
        let types = digits.flatMap { high in digits.map { low in makeType(high, low) } }.prefix(count)
        func load<Model: Nameable>(_ model: Model.Type) throws { try self.load(Model()) }
        for type in types { try load(type) }
        return Array(types)
    }
}
