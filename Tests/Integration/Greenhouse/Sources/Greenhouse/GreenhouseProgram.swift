import Foundation
import Logging
import MicroHTTP
import Myosin
import MyosinFoundation
import MyosinLifecycle
import MyosinService
import ServiceLifecycle

/// The whole program: the state, its producers, and the service that shows it.
struct GreenhouseProgram {
    let state: State
    let service: StateService
    let group: ServiceGroup

    init(cache: State.Cache, address: String, uplink: any Uplink, logger: Logger) throws {
        state = try State(cache: cache, logger: logger)
        try state.load(Climate.initial, onCorrupt: .useDefaults)
        try state.load(Irrigation(tank: .init(litres: 150, capacity: 200)))
        try state.load(Ledger(pricePerLitre: 0.004))
        service = StateService(
            state: state,
            configuration: ServiceConfiguration(addresses: [try ListenAddress(address)]),
            routes: routes(of: state),
            logger: logger
        )
        Hygrometer(state: state) { SimulatedLine.next() }.start()
        group = ServiceGroup(
            services: [
                state,
                service,
                Thermometer(state: state, name: "roof") { 20 + .random(in: -1...1) },
                Thermometer(state: state, name: "door") { 19 + .random(in: -1...1) },
                Gardener(state: state),
                Relay(state: state, uplink: uplink, logger: logger),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
    }

    func run() async throws {
        try await group.run()
    }
}

/// A hygrometer that is not there.
nonisolated enum SimulatedLine {
    static func next() -> Double? {
        Thread.sleep(forTimeInterval: 1)
        return .random(in: 40...60)
    }
}

/// Runs the controller until it is stopped: `greenhouse-controller DIRECTORY [ADDRESS]`.
public func runGreenhouse(_ arguments: [String]) async throws {
    let words = arguments.dropFirst()
    let program = try GreenhouseProgram(
        cache: words.first.map { .directory($0) } ?? .none,
        address: words.dropFirst().first ?? "127.0.0.1:8000",
        uplink: PrintingUplink(),
        logger: Logger(label: "greenhouse")
    )
    try await program.run()
}

struct PrintingUplink: Uplink {
    func send(_ report: Report) async throws { print(report) }
}
