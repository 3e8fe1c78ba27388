import Foundation
import Logging
import Myosin
import MyosinFoundation
import ServiceLifecycle

/// Where the house reports to.
protocol Uplink: Sendable {
    func send(_ report: Report) async throws
}

/// What the house looks like at one moment.
struct Report: Codable, Sendable, Equatable {
    var celsius: Double
    var litresLeft: Decimal
    var measuredAt: Date?
}

/// Sends a report whenever the climate or the irrigation has changed.
struct Relay: Service {
    let state: State
    let uplink: any Uplink
    let logger: Logger

    func run() async throws {
        for await (climate, irrigation) in state.changes(of: Climate.self, Irrigation.self)
            .cancelOnGracefulShutdown()
        {
            let report = Report(
                celsius: climate.celsius,
                litresLeft: irrigation.tank.litres,
                measuredAt: climate.measuredAt
            )
            do {
                try await uplink.send(report)
            } catch {
                logger.warning("The report was not sent", metadata: ["error": "\(error.localizedDescription)"])
            }
        }
    }
}
