import Logging
import MicroHTTP
import Myosin
import MyosinLifecycle
import MyosinService
import ServiceLifecycle

// DOC begins
struct Tank: StateModel {
    var id = ModelID()
    var litres = 0.0
}

struct Refill: Decodable {
    var litres: Double
}

let arguments = CommandLine.arguments.dropFirst()  // the addresses: 127.0.0.1:8000
let state = try State(cache: .directory("tank-state"))
try state.load(Tank())

let service = StateService(
    state: state,
    configuration: ServiceConfiguration(addresses: try arguments.map { try ListenAddress($0) }),
    routes: [
        Route(.get, "/version") { _ in .json(["version": "1.0"]) },
        Route(.post, "/refill") { request in
            let refill = try request.decode(Refill.self)
            guard refill.litres > 0 else { throw Problem(.unprocessableContent, "Refill with more than 0 litres.") }
            let tank = try await state.update(Tank.self, cache: true) { tank in
                tank.litres += refill.litres
                return tank
            }
            return .json(tank)
        },
    ]
)
let group = ServiceGroup(
    services: [state, service],
    gracefulShutdownSignals: [.sigterm, .sigint],
    logger: Logger(label: "tank")
)
try await group.run()
// DOC ends
