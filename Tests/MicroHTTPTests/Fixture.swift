import Glibc
import HTTPTypes
import Locking
import MicroHTTP
import Testing

/// A server that runs for one test.
final class Fixture {
    let server: Server
    let addresses: [BoundAddress]

    init(
        at addresses: [String] = ["127.0.0.1:0"],
        limits: ServerLimits = ServerLimits(),
        _ routes: [Route] = Fixture.routes
    ) throws {
        let table = Routes(routes)
        let configuration = ServerConfiguration(
            addresses: try addresses.map { text throws(ServerError) in try ListenAddress(text) },
            limits: limits
        )
        server = Server(configuration: configuration, handler: { request in table.answer(to: request) })
        self.addresses = try server.start()
    }

    deinit { server.stop(within: .seconds(1)) }

    func connect() throws -> Client { try Client(addresses[0]) }

    static let greeting = SharedBody("hello")

    /// More than the system takes of an answer that is not read.
    static let big = SharedResponse(
        Response(status: .ok, body: .bytes([UInt8](repeating: 0x2e, count: 20_000_000)))
    )

    /// A part of a stream.
    static let piece = SharedBody([UInt8](repeating: 0x2e, count: 50_000))

    static let routes = [
        Route(.get, "/hello") { _, _ in .now(Response(status: .ok, body: .shared(greeting))) },
        Route(.get, "/hello/{name}") { request, parameters in
            let query = request.query.map { "\($0.name)=\($0.value ?? "nil")" }.joined(separator: ";")
            let text = "\(parameters["name"] ?? "") \(query) \(request.header(.accept) ?? "none")"
            return .now(.text(status: .ok, text))
        },
        Route(.put, "/echo") { request, _ in .now(Response(status: .ok, body: .bytes(request.body))) },
        Route(.post, "/echo") { request, _ in .now(Response(status: .ok, body: .bytes(request.body))) },
        Route(.get, "/big") { _, _ in .shared(big) },
        Route(.get, "/dropped") { _, _ in .later { _ in } },
        Route(.get, "/listener") { request, _ in .now(.text(status: .ok, "\(request.listener)")) },
    ]
}

/// Responders that handlers have left to be answered by the test.
final class Waiting: Sendable {
    private let responders = Lock([Responder]())

    var route: Route {
        Route(.get, "/later") { _, _ in .later { responder in self.responders.withLock { $0.append(responder) } } }
    }

    var count: Int { responders.withLock { $0.count } }

    func takeAll() -> [Responder] {
        responders.withLock { responders in
            defer { responders = [] }
            return responders
        }
    }

    /// Yields until so many wait, at most ten seconds.
    func reach(_ wanted: Int) async {
        let deadline = ContinuousClock.now + .seconds(10)
        while count < wanted, .now < deadline { await Task.yield() }
    }
}

/// A server that its own handler can reach.
final class Holder: Sendable {
    let server = Lock<Server?>(nil)
}
