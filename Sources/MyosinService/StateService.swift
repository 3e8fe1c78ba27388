internal import HTTPTypes
public import Logging
public import MicroHTTP
public import Myosin

/// The HTTP service of a state: `/metrics` for Prometheus, `/state` for curl, `/healthz` for a health checker.
public final class StateService: Sendable {
    private let server: Server
    private let readiness: Readiness
    private let hub: WatchHub
    private let prepare: @Sendable () -> Void
    private let logger: Logger

    /// Makes the service; ``start()`` opens it.
    ///
    /// - Parameters:
    ///   - state: the state to show; keep it open until the service has stopped.
    ///   - configuration: where to listen and whom to let in.
    ///   - logger: what it logs to: the addresses it listens on.
    public init(
        state: State,
        configuration: ServiceConfiguration = ServiceConfiguration(),
        logger: Logger = Logger(label: "myosin.service")
    ) {
        let routes = ServiceRoutes(state: state, configuration: configuration, logger: logger)
        (readiness, hub, prepare) = (routes.readiness, routes.hub, routes.prepare)
        self.logger = logger
        let serverConfiguration = ServerConfiguration(
            addresses: configuration.addresses,
            limits: configuration.limits,
            refusal: { status, detail in Self.refusal(status, detail) }
        )
        let server = Server(configuration: serverConfiguration, handler: { request in routes.answer(to: request) })
        self.server = server
        // What a server that is gone has counted stays, but for what is open.
        routes.httpMetrics?.show({ [weak server] in server?.statistics ?? .none }, in: state.metrics)
    }

    private static func refusal(_ status: HTTPResponse.Status, _ detail: String) -> Response {
        let fields: HTTPFields = status == .serviceUnavailable ? [.retryAfter: Problem.retrySeconds] : [:]
        return Problem(status, detail.asSentence, fields: fields).response
    }

    /// Begins to answer requests.
    ///
    /// - Returns: the addresses, with the ports that were picked where 0 was asked for.
    /// - Throws: `ServerError` when an address can't be listened on, with a sentence that says what to do.
    @discardableResult
    public func start() throws(ServerError) -> [BoundAddress] {
        prepare()
        let addresses = try server.start()
        for address in addresses {
            logger.info("Listening", metadata: ["address": "\(address)"])
        }
        return addresses
    }

    /// Stops accepting, answers what is under way, and returns.
    ///
    /// - Parameter bound: how long to wait for answers at most.
    public func stop(within bound: Duration = .seconds(5)) {
        readiness.drain()
        hub.close()
        server.stop(within: bound)
        logger.info("Stopped listening")
    }
}
