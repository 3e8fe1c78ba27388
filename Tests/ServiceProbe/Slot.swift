import Myosin

/// A digit as a type, of which the names of models are made.
protocol Digit: Sendable {
    static var digit: Int { get }
}

enum D0: Digit { static let digit = 0 }
enum D1: Digit { static let digit = 1 }
enum D2: Digit { static let digit = 2 }
enum D3: Digit { static let digit = 3 }
enum D4: Digit { static let digit = 4 }
enum D5: Digit { static let digit = 5 }
enum D6: Digit { static let digit = 6 }
enum D7: Digit { static let digit = 7 }

/// One of 64 models, each a type of its own: `Slot00` to `Slot77`; its document has the size of a usual one.
struct Slot<High: Digit, Low: Digit>: StateModel {
    static var modelName: String { "Slot\(High.digit)\(Low.digit)" }

    var id = ModelID("f0d8e1f2-3c4b-4a5d-8e6f-7a8b9c0d1e2f")
    var temperature = 21.5
    var humidity = 40.25
    var pressure = 1013.25
    var battery = 0.87
    var samples = 123_456
    var state = "ok"
}

extension State {
    /// Loads all 64.
    func loadSlots() throws {
        for high in Self.digits { try loadSlots(high) }
    }

    private static var digits: [any Digit.Type] {
        [D0.self, D1.self, D2.self, D3.self, D4.self, D5.self, D6.self, D7.self]
    }

    private func loadSlots<High: Digit>(_ high: High.Type) throws {
        for low in Self.digits { try loadSlot(high, low) }
    }

    private func loadSlot<High: Digit, Low: Digit>(_ high: High.Type, _ low: Low.Type) throws {
        try load(Slot<High, Low>())
    }
}
