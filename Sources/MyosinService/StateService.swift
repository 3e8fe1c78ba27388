internal import Exposition
internal import HTTPTypes
public import Logging
public import MicroHTTP
public import Myosin
internal import Primitives

/// The HTTP service of a state: `/metrics` for Prometheus, `/state` for curl, `/healthz` for a health checker.
///
/// The article <doc:ServingYourProgram> adds your own routes and middleware. The product `MyosinLifecycle` makes it a service of
/// `ServiceLifecycle`, which starts and stops with the other services of a program.
public final class StateService: Sendable {
    private let server: Server
    private let readiness: Readiness
    private let hub: WatchHub
    let handlers: HandlerTasks
    private let prepare: @Sendable () -> Void
    private let fault: ServerError?
    private let hasMiddleware: Bool
    private let logger: Logger
    private let configuration: ServiceConfiguration
    private let bound = Lock<[BoundAddress]>([])

    /// Makes the service; ``start()`` opens it.
    ///
    /// - Parameters:
    ///   - state: the state to show; keep it open until the service has stopped.
    ///   - configuration: where to listen and whom to let in.
    ///   - routes: your own routes, in addition to those of the service. They must not use the service's paths, but a route
    ///     for GET of `/` replaces its page. Clients need read access for GET and HEAD, and write access for other methods.
    ///   - middleware: functions around each allowed request, the outermost first.
    ///   - logger: the logger for the listening addresses and the errors of routes.
    public init(
        state: State,
        configuration: ServiceConfiguration = ServiceConfiguration(),
        routes: [Route] = [],
        middleware: [Middleware] = [],
        logger: Logger = Logger(label: "myosin.service")
    ) {
        let routes = ServiceRoutes(
            state: state,
            configuration: configuration,
            routes: routes,
            middleware: middleware,
            logger: logger
        )
        (readiness, hub, prepare, fault) = (routes.readiness, routes.hub, routes.prepare, routes.fault)
        hasMiddleware = routes.hasMiddleware
        (handlers, self.logger, self.configuration) = (routes.handlers, logger, configuration)
        var serverConfiguration = ServerConfiguration(
            addresses: configuration.listeners.map(\.address),
            limits: configuration.limits,
            makeRefusal: { status, detail in Self.refusal(status, detail) }
        )
        if let accessLog = routes.accessLog {
            serverConfiguration.didRefuse = { accessLog.log($0) }
            serverConfiguration.didAbort = { accessLog.log($0) }
        }
        let server = Server(
            configuration: serverConfiguration,
            clock: configuration.clock,
            byHeader: { request in routes.answer(toHeaderOf: request) },
            handler: { request in routes.answer(to: request) }
        )
        self.server = server
        // What a server that is gone has counted stays, but for what is open.
        routes.httpMetrics?.show({ [weak server] in server?.statistics ?? .none }, in: state.metrics)
    }

    // Running handlers would retain the objects that they use; the server stops by itself.
    deinit { handlers.close() }

    private static func refusal(_ status: HTTPResponse.Status, _ detail: String) -> Response {
        let fields: HTTPFields = status == .serviceUnavailable ? [.retryAfter: Problem.retrySeconds] : [:]
        return Problem(status, detail.asSentence, fields: fields).response
    }

    /// Begins to answer requests.
    ///
    /// - Returns: the addresses, with the ports that were picked where 0 was asked for.
    /// - Throws: `ServerError` if an address can't be listened on, with a message that names the remedy. Its code is `badRoute`
    ///   for a route of the program that has a fault, is for OPTIONS, or has a path of the service.
    @discardableResult
    public func start() throws(ServerError) -> [BoundAddress] {
        if let fault { throw fault }
        prepare()
        let addresses = try server.start()
        bound.withLock { $0 = addresses }
        for (address, (_, access)) in zip(addresses, configuration.accessByListener) {
            logger.info("Listening", metadata: ["access": "\(access.rawValue)", "address": "\(address)"])
            // Through a proxy others reach each address.
            if access == .write, !address.isLoopback || configuration.externalURL != nil {
                logger.log(
                    level: hasMiddleware ? .notice : .warning,
                    hasMiddleware
                        ? "Only the middleware decides who may change the state at this address"
                        : "Everybody who reaches this address may change the state",
                    metadata: ["address": "\(address)"]
                )
            }
        }
        return addresses
    }

    /// The listening addresses of the service, with the chosen ports; empty before ``start()``.
    public var addresses: [BoundAddress] { bound.withLock { $0 } }

    /// Calls an action on the server's thread, once that has done what came before; never where the service does not run.
    ///
    /// - Parameter action: short, because all requests wait meanwhile.
    package func whenResponsive(_ action: @escaping @Sendable () -> Void) { server.whenResponsive(action) }

    /// Stops accepting, answers the requests in progress, and returns; blocks its thread meanwhile.
    ///
    /// Then it cancels handlers that have not answered. In an asynchronous function, call the other form with `await`. At the top
    /// level of `main.swift` Swift takes this form even behind `await`, so it waits for handlers that need the main actor. Call
    /// `stop()` in a task there.
    ///
    /// - Parameter bound: how long to wait for answers at most.
    public func stop(within bound: Duration = .seconds(5)) {
        prepareToStop()
        server.stop(within: bound)
        finishStop()
    }

    /// Stops accepting, answers the requests in progress, and returns; blocks no thread meanwhile.
    ///
    /// Then it cancels handlers that have not answered. It waits to the end even if its own task is cancelled.
    ///
    /// - Parameter bound: the maximum time to wait for answers.
    public func stop(within bound: Duration = .seconds(5)) async {
        prepareToStop()
        await server.stop(within: bound)
        finishStop()
    }

    /// Ends streams, which would not end by themselves.
    private func prepareToStop() {
        readiness.drain()
        hub.close()
    }

    private func finishStop() {
        handlers.close()
        logger.info("Stopped listening")
    }
}
