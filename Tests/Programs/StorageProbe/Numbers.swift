internal import Myosin
internal import TestSupport

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

    /// All of them, as they are at first.
    static let all: [any Counter] = octalDigits.flatMap { high in octalDigits.map { low in make(high, low) } }

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
