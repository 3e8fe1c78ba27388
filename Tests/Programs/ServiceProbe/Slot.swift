import Myosin
import TestSupport

/// The fields of the 64 models; a document of them has the size of a usual one.
struct SlotFields: StateModel {
    var id = ModelID("f0d8e1f2-3c4b-4a5d-8e6f-7a8b9c0d1e2f")
    var temperature = 21.5
    var humidity = 40.25
    var pressure = 1013.25
    var battery = 0.87
    var samples = 123_456
    var state = "ok"
}

/// One of 64 models, each a type of its own: `Slot00` to `Slot77`.
struct Slot<High: Digit, Low: Digit>: WrappingModel {
    static var modelName: String { "Slot\(High.digit)\(Low.digit)" }

    var fields = SlotFields()
}

extension State {
    /// Loads all 64.
    func loadSlots() throws {
        for high in octalDigits { try loadSlots(high) }
    }

    private func loadSlots<High: Digit>(_ high: High.Type) throws {
        for low in octalDigits { try loadSlot(high, low) }
    }

    private func loadSlot<High: Digit, Low: Digit>(_ high: High.Type, _ low: Low.Type) throws {
        try load(Slot<High, Low>())
    }
}
