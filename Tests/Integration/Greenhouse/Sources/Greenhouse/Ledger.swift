import Foundation
import Myosin
import MyosinFoundation

/// What the water has cost, in exact numbers.
struct Ledger: StateModel {
    var id = ModelID("ledger")
    var litres: Decimal = 0
    var cost: Decimal = 0
    var pricePerLitre: Decimal
    /// The litres of each zone, by its name.
    var zones: [String: Decimal] = [:]
    /// Where the bill goes.
    var recipient: URL?

    static let samples = [
        Ledger(
            pricePerLitre: 0.004,
            zones: ["Tomatoes": 3],
            recipient: URL(string: "https://bills.example.org/house-1")
        )
    ]
}
