import Foundation
import MicroHTTP
import Myosin
import MyosinFoundation
import MyosinService

/// The greenhouse's own paths, beside those of the service.
func routes(of state: State) -> [Route] {
    [
        Route(.get, "/version") { _ in .text("greenhouse 1.0") },
        Route(.get, "/bill") { _ in .json(try Bill(of: state)) },
        Route(.post, "/water/{zone}") { request in
            guard let litres = request.query["litres"].flatMap({ Decimal(string: $0) }), litres > 0 else {
                throw Problem(.badRequest, "Give the litres, as in /water/Tomatoes?litres=2.5.")
            }
            do {
                return .json(try await state.water(litres, to: request.parameters["zone"] ?? "", at: .now))
            } catch WateringError.noSuchZone(let zone) {
                throw Problem(.notFound, "There is no zone \(zone).")
            } catch WateringError.isOff {
                throw Problem(.conflict, "The irrigation is off.")
            }
        },
    ]
}

/// What the water has cost so far.
nonisolated struct Bill: Encodable {
    var litres: Decimal
    var cost: Decimal
    var recipient: URL?

    init(of state: State) throws {
        let ledger = try state.checkout(Ledger.self)
        (litres, cost, recipient) = (ledger.litres, ledger.cost, ledger.recipient)
    }
}
