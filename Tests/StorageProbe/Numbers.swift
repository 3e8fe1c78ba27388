internal import Myosin

/// A model that counts its commits.
protocol Counter: StateModel {
    var count: Int { get set }
}

/// Sixty-four models of one shape, from `Number00` to `Number77`.
enum Numbers {
    private struct Number<High: Digit, Low: Digit>: Counter {
        static var modelName: String { "Number\(High.digit)\(Low.digit)" }

        var id: ModelID = 0
        var count = 0
    }

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

    private static let digits: [any Digit.Type] = [
        Zero.self, One.self, Two.self, Three.self, Four.self, Five.self, Six.self, Seven.self,
    ]

    /// All of them, as they are at first.
    static let all: [any Counter] = digits.flatMap { high in digits.map { low in make(high, low) } }

    private static func make<High: Digit, Low: Digit>(_ high: High.Type, _ low: Low.Type) -> any Counter {
        Number<High, Low>()
    }
}

extension State {
    /// Loads a model whose type is known only when the program runs.
    func load(any defaults: any Counter) throws {
        func load(_ defaults: some Counter) throws { try self.load(defaults) }
        try load(defaults)
    }

    /// Makes one durable commit.
    func count(_ model: any Counter.Type) throws {
        func count<Model: Counter>(_ model: Model.Type) throws { try update(model, cache: true) { $0.count += 1 } }
        try count(model)
    }
}
