import Glibc
import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

/// A server that runs for one test.
final class Fixture {
    let server: Server
    let addresses: [BoundAddress]
    private let hasOwnClock: Bool

    init(
        at addresses: [String] = ["127.0.0.1:0"],
        limits: ServerLimits = .patient,
        clock: StandingClock? = nil,
        _ routes: [Route] = Fixture.routes
    ) throws {
        let table = Routes(routes)
        let configuration = ServerConfiguration(
            addresses: try addresses.map { text throws(ServerError) in try ListenAddress(text) },
            limits: limits
        )
        let handler: Server.Handler = { request in table.answer(to: request) }
        server = Server(configuration: configuration, clock: clock?.reading, handler: handler)
        hasOwnClock = clock != nil
        self.addresses = try server.start()
    }

    deinit {
        // No bound is ever over by a clock that stands still. The server stops at once when its last reference goes.
        if !hasOwnClock { server.stop(within: .seconds(1)) }
    }

    func connect(receiveBytes: Int32? = nil) throws -> Client {
        try Client(addresses[0], receiveBytes: receiveBytes)
    }

    /// Has the server read its clock and end the connections whose deadlines are over.
    ///
    /// On return it has also looked at all headers that were sent before the call.
    func look() throws { _ = try connect().exchange(request("GET /look")) }

    /// Has a thread of its own stop the server.
    ///
    /// - Parameter bound: how long requests may take. With a bound that is longer than ``patience``, the stop shows by its end
    ///   that it did not wait for it.
    /// - Returns: a gate that opens when the server has stopped.
    /// - Throws: when the system has no thread to give.
    func beginStopping(within bound: Duration) throws -> Gate {
        let hasStopped = Gate()
        _ = try WorkerThread { [server] in
            server.stop(within: bound)
            hasStopped.open()
        }
        return hasStopped
    }

    static let greeting = SharedBody("hello")

    /// More than the system takes of an answer that is not read.
    static let big = SharedResponse(
        Response(status: .ok, body: .bytes([UInt8](repeating: 0x2e, count: 20_000_000)))
    )

    /// A part of a stream.
    static let piece = SharedBody([UInt8](repeating: 0x2e, count: 50_000))

    static let routes = [
        Route.atOnce(.get, "/hello") { _, _ in .now(Response(status: .ok, body: .shared(greeting))) },
        Route.atOnce(.get, "/hello/{name}") { request, parameters in
            let query = request.query.map { "\($0.name)=\($0.value ?? "nil")" }.joined(separator: ";")
            let text = "\(parameters["name"] ?? "") \(query) \(request.header(.accept) ?? "none")"
            return .now(.text(status: .ok, text))
        },
        Route.atOnce(.put, "/echo") { request, _ in .now(Response(status: .ok, body: .bytes(request.body))) },
        Route.atOnce(.post, "/echo") { request, _ in .now(Response(status: .ok, body: .bytes(request.body))) },
        Route.atOnce(.get, "/big") { _, _ in .shared(big) },
        Route.atOnce(.get, "/dropped") { _, _ in .later { _ in } },
        Route.atOnce(.get, "/listener") { request, _ in .now(.text(status: .ok, "\(request.listener)")) },
    ]
}

/// Responders that handlers have left to be answered by the test.
final class Waiting: Sendable {
    private let responders = Lock([Responder]())

    var route: Route {
        Route.atOnce(.get, "/later") { _, _ in .later { responder in self.responders.withLock { $0.append(responder) } }
        }
    }

    var count: Int { responders.withLock { $0.count } }

    func takeAll() -> [Responder] {
        responders.withLock { responders in
            defer { responders = [] }
            return responders
        }
    }

    /// Waits until so many requests wait for their answers.
    func reach(_ wanted: Int) async throws { try await until { count >= wanted } }
}

/// A server that its own handler can reach.
final class Holder: Sendable {
    let server = Lock<Server?>(nil)
}
