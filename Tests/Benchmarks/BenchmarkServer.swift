internal import ArgumentParser
internal import Foundation
internal import HTTPTypes
internal import MicroHTTP
internal import Primitives

/// Runs this package's HTTP server in the shape of the reference server, until its input ends.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @Argument(help: "The directory for what is written.")
    var directory: String

    func run() throws {
        let log = try CommittedLog(path: "\(directory)/ours.log")
        let configuration = ServerConfiguration(addresses: [.loopback(port: 0)])
        let routes = BenchmarkServer.routes(log)
        let server = Server(configuration: configuration, handler: { request in routes.answer(to: request) })
        let line = "\(try server.start()[0])\n"
        try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        var byte: UInt8 = 0
        _ = read(STDIN_FILENO, &byte, 1)
        server.stop(within: .seconds(5))
        log.close()
    }
}

/// The routes of the server that is compared.
enum BenchmarkServer {
    /// The document of the reference server.
    static let document = """
        {"id":"f0d8e1f2-3c4b-4a5d-8e6f-7a8b9c0d1e2f","temperature":21.5,"humidity":40.25,"pressure":1013.25,\
        "battery":0.87,"samples":123456,"state":"ok"}
        """

    static func routes(_ log: CommittedLog) -> Routes {
        let current = SharedResponse(
            Response(
                status: .ok,
                fields: [.contentType: "application/json"],
                body: .shared(SharedBody(document))
            )
        )
        return Routes([
            Route.atOnce(.get, "/state/{model}") { _, _ in .shared(current) },
            Route.atOnce(.put, "/state/{model}") { request, _ in
                let body = request.body
                return .later { log.append(body, thenSend: current.response, to: $0) }
            },
        ])
    }
}

/// A file to which one thread appends all that has come, flushes it once, and then answers.
final class CommittedLog: Sendable {
    private struct Entry: Sendable {
        let body: [UInt8]
        let response: Response
        let responder: Responder
    }

    private struct Core: Sendable {
        var entries: [Entry] = []
        var isClosing = false
    }

    private let core: Monitor<Core>
    private let thread: WorkerThread

    init(path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw VoidRun(description: "\(path): \(errno)") }
        let core = Monitor(Core())
        self.core = core
        thread = try WorkerThread {
            while let entries = Self.next(core) {
                for entry in entries where write(descriptor, entry.body, entry.body.count) < 0 { exit(1) }
                if fdatasync(descriptor) != 0 { exit(1) }
                for entry in entries { entry.responder.send(entry.response) }
            }
            Foundation.close(descriptor)
        }
    }

    func append(_ body: [UInt8], thenSend response: Response, to responder: Responder) {
        core.withLock { $0.entries.append(Entry(body: body, response: response, responder: responder)) }
        core.notifyOne()
    }

    func close() {
        core.withLock { $0.isClosing = true }
        core.notifyAll()
        thread.join()
    }

    private static func next(_ core: Monitor<Core>) -> [Entry]? {
        core.wait { core -> [Entry]?? in
            if core.entries.isEmpty { return core.isClosing ? .some(nil) : nil }
            defer { core.entries = [] }
            return core.entries
        } ?? nil
    }
}
