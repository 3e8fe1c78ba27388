import Exposition
import Glibc
import HTTPTypes
import Logging
import MicroHTTP
import Myosin
import TestSupport

@testable import MyosinService

/// How a test reaches the service.
enum Way: Sendable, CaseIterable {
    /// By a call of its routes.
    case direct
    /// Over a socket.
    case socket
    /// By a call of its routes, with models that are declared by schemas instead of types.
    case declared
}

/// Where a service listens.
enum Place: Sendable, CaseIterable {
    case loopback, unix, everywhere

    func listenAddress(_ directory: String) throws -> ListenAddress {
        switch self {
        case .loopback: .loopback(port: 0)
        case .unix: try ListenAddress("unix:\(directory)/socket")
        case .everywhere: .everywhere(port: 0)
        }
    }

    /// What requests tell of it when there is no socket.
    var bound: BoundAddress {
        switch self {
        case .loopback: BoundAddress(host: "127.0.0.1", port: 8_000)
        case .unix: BoundAddress(path: "/run/service.sock")
        case .everywhere: BoundAddress(host: "::", port: 8_000)
        }
    }
}

/// A state with the four test models, loaded in the order of their names, and the service that shows it.
///
/// With a ``ControlledStore`` their revisions are 1, 2, 3 and 4, and so is the last publication.
final class Fixture {
    let state: State
    let routes: ServiceRoutes
    private let listener: BoundAddress
    /// The addresses of the service; none where there is no socket.
    let addresses: [BoundAddress]
    let service: StateService?
    private let directory: String

    init(
        _ way: Way,
        store: (any StateStore)? = ControlledStore(),
        at place: Place = .loopback,
        access: AnonymousAccess = .metrics,
        allowedHosts: [String] = [],
        loadsModels: Bool = true,
        routes own: [Route] = [],
        middleware: [Middleware] = [],
        logger: Logger? = nil,
        adjust: (inout ServiceConfiguration) -> Void = { _ in }
    ) throws {
        let quiet = logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        state = try State(cache: store.map { .store($0) } ?? .none, logger: quiet, limits: .patient)
        if loadsModels, way == .declared {
            try state.declare(try DeclaredModels.all(["Counter", "Device", "Telemetry", "User"]))
        } else if loadsModels {
            try state.load(Counter())
            try state.load(Device())
            try state.load(Telemetry())
            try state.load(User())
        }
        var name = Array("/tmp/myosin-service-XXXXXX".utf8CString)
        guard way != .socket || mkdtemp(&name) != nil else {
            throw RawConnection.Failure(what: "mkdtemp failed with \(errno)")
        }
        directory = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var configuration = ServiceConfiguration(
            addresses: [try place.listenAddress(directory)],
            anonymousAccess: access,
            allowedHosts: allowedHosts,
            limits: .patient
        )
        configuration.advice = { setting, value in "Set \(setting) to \(value)." }
        adjust(&configuration)
        routes = ServiceRoutes(
            state: state,
            configuration: configuration,
            routes: own,
            middleware: middleware,
            logger: quiet
        )
        switch way {
        case .direct, .declared: (service, listener, addresses) = (nil, place.bound, [])
        case .socket:
            let service = StateService(
                state: state,
                configuration: configuration,
                routes: own,
                middleware: middleware,
                logger: quiet
            )
            addresses = try service.start()
            (self.service, listener) = (service, addresses[0])
        }
    }

    deinit {
        guard let service else { return }
        // No client waits for an answer any longer.
        service.stop(within: .zero)
        rmdir(directory)
    }

    /// What the service has routes for.
    var served: [Route] { routes.routes.routes }

    /// Stops the service, where there is one.
    func stop() { service?.stop(within: patience) }

    /// Has the routes tell that the service is stopping.
    func drain() { routes.readiness.drain() }

    /// The value of a sample on the page of metrics, by its name with labels; nil when there is none.
    func sample(_ series: String) -> Double? {
        let page = String(decoding: state.metrics.render(), as: UTF8.self)
        let line = page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    /// How many contexts of a model have ended, among them those that wait for the disk.
    func endedContexts(of model: String) -> Int {
        Int(sample("myosin_context_hold_seconds_count{model=\"\(model)\"}") ?? -1)
    }

    /// A connection of its own, where there are sockets.
    func connect() throws -> Client { try Client(listener) }

    /// Sends a request and does not wait for the answer.
    func begin(_ call: Call) throws -> Underway {
        if service != nil {
            let client = try connect()
            try client.send(call)
            return Underway(call: call, stage: .sent(client))
        }
        switch routes.answer(to: Request(call.owned(listener: listener))) {
        case .now(let response): return Underway(call: call, stage: .answered(response))
        case .later(let begin):
            let answer = LateAnswer()
            begin(answer.makeResponder())
            return Underway(call: call, stage: .awaited(answer))
        case .shared(let shared): return Underway(call: call, stage: .answered(shared.response))
        case .stream(let head, _): return Underway(call: call, stage: .answered(head))
        }
    }

    /// Sends a request and waits for the answer.
    func reply(to call: Call) throws -> Reply {
        let reply = try begin(call).reply()
        // Whatever a test looks for, the page has to be right.
        if call.path.hasPrefix("/metrics"), reply.status == 200, reply.fields[.contentEncoding] == nil {
            try PageCheck.check(reply.text)
        }
        return reply
    }
}

/// A request that was sent.
struct Underway {
    enum Stage {
        case answered(Response)
        case awaited(LateAnswer)
        case sent(Client)
    }

    let call: Call
    let stage: Stage

    /// Whether an answer has come.
    var isAnswered: Bool {
        switch stage {
        case .answered: true
        case .awaited(let answer): answer.isThere
        case .sent(let client): client.hasAnswer
        }
    }

    /// Waits for the answer.
    func reply() throws -> Reply {
        switch stage {
        case .answered(let response): Reply(response, to: call.method)
        case .awaited(let answer): Reply(try answer.wait(), to: call.method)
        case .sent(let client): try client.read(method: call.method)
        }
    }
}
