import CoreMetrics
import Logging
import Myosin
import MyosinCommand
import ServiceLifecycle

/// An uplink that reports every reading to a cloud that is often out of reach, and notes whether it was reached.
struct Uplink: Service {
    private let state: State
    private let logger: Logger
    // As a library would that knows nothing of Myosin: what is recorded through swift-metrics is on the page too.
    private let attempts = Counter(label: "uplink.attempts")

    /// Subscribes to what is to be reported.
    init(state: State, logger: Logger) throws {
        (self.state, self.logger) = (state, logger)
        try state.subscribe(Telemetry.self) { telemetry in
            logger.debug("Telemetry report: \(telemetry)")
        }
        try state.subscribe(System.self) { system in
            logger.info("The uplink has changed", metadata: ["system.online": .stringConvertible(system.online)])
        }
    }

    func run() async throws {
        repeat {
            let isReached = Int.random(in: 0..<10) > 0
            attempts.increment()
            try await state.update(System.self, cache: true) { $0.online = isReached }
        } while await ServiceProgram.pause(for: .seconds(1))
    }
}
