internal import Glibc
internal import HTTPTypes
internal import MicroHTTP
internal import Primitives
internal import TestSupport

/// A server with a route for each kind of answer, until its standard input ends.
struct ServeCommand {
    private var address = "127.0.0.1:0"
    private var limits = ServerLimits.patient

    init(_ words: ArraySlice<String>) throws {
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map { String($0) }
            let number = Int(parts.last ?? "") ?? 0
            switch parts.first {
            case "address": address = parts.last ?? ""
            case "connections": limits.maxConnections = number
            case "header": limits.headerTimeout = .milliseconds(number)
            case "body": limits.bodyTimeout = .milliseconds(number)
            case "idle": limits.idleTimeout = .milliseconds(number)
            case "write": limits.writeTimeout = .milliseconds(number)
            default: throw Crowd.Failure(what: "what is \(word)?")
            }
        }
    }

    func run() throws {
        let configuration = ServerConfiguration(addresses: [try ListenAddress(address)], limits: limits)
        let site = ProbeSite()
        let routes = site.routes
        let server = Server(configuration: configuration, handler: { request in routes.answer(to: request) })
        site.server.withLock { $0 = server }
        for address in try server.start() { HTTPProbe.say("\(address)") }
        HTTPProbe.waitForInput()
        server.stop(within: .seconds(10))
        HTTPProbe.say("stopped \(site.figures)")
        site.server.withLock { $0 = nil }
    }
}

/// What the server of the probe answers.
final class ProbeSite: Sendable {
    let server = Lock<Server?>(nil)
    private let waiting = Lock<[Responder]>([])
    private let watchers = Lock<[ObjectIdentifier: ResponseStream]>([:])
    private let published = Lock((number: 1, body: SharedBody("data: 1\n\n")))
    private let big = SharedResponse(
        Response(status: .ok, body: .bytes([UInt8](repeating: 0x2e, count: 10_000_000)))
    )
    private let hello = SharedResponse(
        Response(status: .ok, fields: [.contentType: "text/plain"], body: .shared(SharedBody("hello")))
    )

    /// The table; it is made anew at each use.
    var routes: Routes {
        Routes([
            Route.atOnce(.get, "/hello") { [hello] _, _ in .shared(hello) },
            Route.atOnce(.get, "/fresh/{name}") { request, parameters in
                .now(.text(status: .ok, "\(parameters["name"] ?? "") \(request.query.count)"))
            },
            Route.atOnce(.put, "/echo") { request, _ in .now(Response(status: .ok, body: .bytes(request.body))) },
            Route.atOnce(.get, "/big") { [big] _, _ in .shared(big) },
            Route.atOnce(.get, "/medium") { _, _ in
                .now(Response(status: .ok, body: .bytes([UInt8](repeating: 0x2e, count: 20_000))))
            },
            Route.atOnce(.get, "/later") { [waiting] _, _ in
                .later { responder in waiting.withLock { $0.append(responder) } }
            },
            Route.atOnce(.put, "/answer") { [self] _, _ in .now(.text(status: .ok, "\(answerAll())")) },
            Route.atOnce(.get, "/watch") { [self] _, _ in watch() },
            Route.atOnce(.put, "/publish") { [self] request, _ in .now(.text(status: .ok, "\(publish(request.body))"))
            },
            Route.atOnce(.get, "/soon") { _, _ in .later { $0.send(.text(status: .ok, "soon")) } },
            Route.atOnce(.get, "/figures") { [self] _, _ in .now(.text(status: .ok, figures)) },
        ])
    }

    /// What the process uses and what the server has counted, as `name=value`.
    var figures: String {
        let process = ProcessFigures.read()
        let statistics = server.withLock { $0 }?.statistics
        let waiting = waiting.withLock { $0.count }
        let watchers = watchers.withLock { $0.count }
        let hits = (statistics?.limitHits ?? [:]).filter { $0.value > 0 }.map { "hit.\($0.key)=\($0.value)" }.sorted()
        return """
            resident=\(process.residentBytes) files=\(process.descriptors) threads=\(process.threads) \
            connections=\(statistics?.connections ?? 0) handled=\(statistics?.requestsHandled ?? 0) \
            running=\(statistics?.requestsRunning ?? 0) refused=\(statistics?.requestsRefused ?? 0) \
            waiting=\(waiting) watchers=\(watchers) \(hits.joined(separator: " "))
            """
    }

    /// Answers all that waits, from another thread.
    private func answerAll() -> Int {
        let responders = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        let thread = try? WorkerThread { for responder in responders { responder.send(.text(status: .ok, "late")) } }
        // Without a thread they are answered 500 when they go, which the client counts.
        return thread == nil ? 0 : responders.count
    }

    private func watch() -> Answer {
        let seen = Lock(0)
        let key = Lock<ObjectIdentifier?>(nil)
        let stream = ResponseStream(
            next: { [published] in
                let (number, body) = published.withLock { $0 }
                let isNew = seen.withLock { seen in
                    defer { seen = number }
                    return seen != number
                }
                return isNew ? .shared(body) : .wait
            },
            ended: { [watchers] in
                guard let key = key.withLock({ $0 }) else { return }
                watchers.withLock { watchers in _ = watchers.removeValue(forKey: key) }
            }
        )
        key.withLock { $0 = ObjectIdentifier(stream) }
        watchers.withLock { $0[ObjectIdentifier(stream)] = stream }
        return .stream(Response(status: .ok, fields: [.contentType: "text/event-stream"]), stream)
    }

    private func publish(_ text: [UInt8]) -> Int {
        let body = SharedBody(Array("data: ".utf8) + text + Array("\n\n".utf8))
        published.withLock { $0 = ($0.number + 1, body) }
        let streams = watchers.withLock { Array($0.values) }
        for stream in streams { stream.wake() }
        return streams.count
    }
}
