import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

/// The code of the article "Answering requests".
@Suite struct AnsweringRequestsTests {
    /// Numbers for a stream, each once.
    private final class Counter: Sendable {
        private let numbers = Lock(Array(1...3))
        let isForgotten = Lock(false)

        func next() -> Int? { numbers.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        func forgetStream() { isForgotten.withLock { $0 = true } }
    }

    private func measure() async -> Double { 21.5 }

    @Test func aTableOfRoutesIsServed() async throws {
        // DOC begins
        let routes = Routes([
            Route.atOnce(.get, "/greeting/{name}") { request, parameters in
                let name = parameters["name"] ?? ""
                return .now(.text(status: .ok, "Hello, \(name)"))
            },
            Route.atOnce(.put, "/echo") { request, _ in
                .now(Response(status: .ok, fields: [.contentType: "text/plain"], body: .bytes(request.body)))
            },
        ])
        let configuration = ServerConfiguration(addresses: [.loopback(port: 0)])
        let server = Server(configuration: configuration, handler: { request in routes.answer(to: request) })
        let addresses = try server.start()
        // DOC ends
        var reply: (status: Substring?, body: [UInt8])?
        try await until {
            do {
                let connection = try RawConnection(addresses[0])
                try connection.send(Array("GET /greeting/Ada HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                reply = (try connection.readHead().first, try connection.read(11))
                return true
            } catch is RawConnection.Failure {
                // With the limits of the article, the server closes a connection whose request takes more than five seconds.
                return false
            }
        }
        #expect(reply?.status == "HTTP/1.1 200 OK")
        #expect(reply?.body == Array("Hello, Ada\n".utf8))
        await server.stop(within: .zero)
        // DOC begins
        let answer = routes.answer(to: Request(OwnedRequest(path: "/greeting/Ada")))
        // DOC ends
        guard case .now(let response) = answer else {
            Issue.record("not answered at once")
            return
        }
        #expect(response.body.bytes == Array("Hello, Ada\n".utf8))
    }

    @Test func aHeaderIsAnsweredBeforeItsBody() throws {
        let secret = "Bearer a"
        let configuration = ServerConfiguration(addresses: [.loopback(port: 0)], limits: .patient)
        // DOC begins
        let settings = Route.byHeader(.put, "/settings") { request, _ in
            guard request.header(.authorization) == secret else {
                return .now(.text(status: .forbidden, "write access is missing"))
            }
            return .afterBody { request in .now(.text(status: .ok, "\(request.body.count) bytes")) }
        }
        let authorized = Routes([settings])
        let guarded = Server(
            configuration: configuration,
            byHeader: { request in authorized.answer(toHeaderOf: request) },
            handler: { request in authorized.answer(to: request) }
        )
        // DOC ends
        let address = try guarded.start()[0]
        for (more, status) in [("", "403 Forbidden"), ("Authorization: Bearer a\r\n", "100 Continue")] {
            let connection = try RawConnection(address)
            let head = "PUT /settings HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\(more)\r\n"
            try connection.send(Array(head.utf8))
            #expect(try connection.readHead().first == "HTTP/1.1 \(status)")
        }
        guarded.stop(within: .zero)
    }

    @Test func aResponseIsSharedAndAnotherOneComesLater() async throws {
        // DOC begins
        let current = SharedResponse(.text(status: .ok, "the same for all"))
        let shared = Route.atOnce(.get, "/current") { _, _ in .shared(current) }
        // DOC ends
        // DOC begins
        let slow = Route.atOnce(.get, "/measurement") { _, _ in
            .later { responder in
                Task {
                    let value = await measure()
                    responder.send(.text(status: .ok, "\(value)"))
                }
            }
        }
        // DOC ends
        // DOC begins
        let measured = Route(.get, "/measurement/{sensor}") { request in
            let value = await measure()
            return .text("\(request.parameters["sensor"] ?? ""): \(value) \(request.query["unit"] ?? "°C")")
        }
        // DOC ends
        let routes = Routes([shared, slow, measured])
        guard case .shared(let answer) = routes.answer(to: Request(OwnedRequest(path: "/current"))),
            case .later(let begin) = routes.answer(to: Request(OwnedRequest(path: "/measurement")))
        else {
            Issue.record("answered otherwise")
            return
        }
        #expect(answer === current)
        let response = await withCheckedContinuation { continuation in
            begin(
                Responder { response in
                    continuation.resume(returning: response)
                    return true
                }
            )
        }
        #expect(response?.body.bytes == Array("21.5\n".utf8))
        let unit = QueryItem(name: "unit", value: "K")
        let request = OwnedRequest(path: "/measurement/roof", query: [unit])
        guard case .later(let beginTask) = routes.answer(to: Request(request)) else {
            Issue.record("answered otherwise")
            return
        }
        let other = await withCheckedContinuation { continuation in
            beginTask(
                Responder { response in
                    continuation.resume(returning: response)
                    return true
                }
            )
        }
        #expect(other?.body.bytes == Array("roof: 21.5 K\n".utf8))
    }

    @Test func aStreamIsAskedForItsParts() throws {
        let counter = Counter()
        // DOC begins
        let stream = ResponseStream(
            next: { counter.next().map { .bytes(Array("data: \($0)\n\n".utf8)) } ?? .wait },
            ended: { counter.forgetStream() }
        )
        let events = Route.atOnce(.get, "/events") { _, _ in
            .stream(Response(status: .ok, fields: [.contentType: "text/event-stream"]), stream)
        }
        // DOC ends
        let routes = Routes([events])
        let configuration = ServerConfiguration(addresses: [.loopback(port: 0)], limits: .patient)
        let server = Server(configuration: configuration, handler: { request in routes.answer(to: request) })
        let connection = try RawConnection(try server.start()[0])
        // HTTP/1.0 has no chunks.
        try connection.send(Array("GET /events HTTP/1.0\r\n\r\n".utf8))
        #expect(try connection.readHead().first == "HTTP/1.1 200 OK")
        #expect(try connection.read(27) == Array("data: 1\n\ndata: 2\n\ndata: 3\n\n".utf8))
        server.stop(within: patience)
        #expect(counter.isForgotten.withLock { $0 })
    }
}
