import HTTPTypes
import Logging
import MicroHTTP
import Myosin
import TestSupport
import Testing

@testable import MyosinService

/// One line per request, without bodies and queries.
@Suite struct AccessLogTests {
    /// The fields of the line that an answer writes.
    private func line(_ request: OwnedRequest, _ answer: @escaping () -> Answer) throws -> [String: String] {
        let recorded = RecordedLog()
        switch AccessLog(logger: recorded.logger).log(Request(request), { _ in answer() }) {
        case .now, .shared: break
        case .later(let begin): begin(LateAnswer().makeResponder())
        case .stream(_, let stream):
            #expect(recorded.lines.isEmpty)
            stream.end(sentBytes: 123)
            stream.end(sentBytes: 456)
        }
        #expect(recorded.lines.map(\.message) == ["Request"])
        return try #require(recorded.lines.first).metadata.mapValues { "\($0)" }
    }

    @Test func anAnswerIsALineWithoutTheQueryAndTheBody() throws {
        let place = BoundAddress(host: "127.0.0.1", port: 8_000)
        var call = Call.put("/state/User?secret=1", "hidden").owned(listener: place)
        call.clientAddress = "192.0.2.1"
        call.headers[.userAgent] = String(repeating: "a", count: 300)
        var line = try line(call) { .now(.text(status: .ok, "also hidden")) }
        let duration = line.removeValue(forKey: "http.durationMicroseconds").flatMap { Int($0) }
        #expect(try #require(duration) >= 0)
        // The text ends with a line feed.
        #expect(
            line == [
                "http.method": "PUT", "http.path": "/state/User", "http.status": "200", "http.responseBytes": "12",
                "http.listener": "127.0.0.1:8000", "client.address": "192.0.2.1",
                "http.userAgent": String(repeating: "a", count: 200) + "…",
            ]
        )
    }

    /// HEAD and answers without content send no body.
    @Test(arguments: [(HTTPRequest.Method.head, 200), (.get, 304), (.get, 204)])
    func whatIsNotSentIsNotCounted(_ method: HTTPRequest.Method, _ code: Int) throws {
        let line = try line(OwnedRequest(method: method)) { .now(.text(status: .init(code: code), "not sent")) }
        #expect(line["http.responseBytes"] == "0" && line["http.status"] == "\(code)")
        #expect(line["client.address"] == nil && line["http.userAgent"] == nil)
    }

    /// What a service logs of clients that send raw bytes.
    private func lines(
        of texts: [String],
        adjust: (inout ServiceConfiguration) -> Void = { _ in },
        _ act: (StateService, [RawConnection]) async throws -> Void
    ) async throws -> [[String: String]] {
        let recorded = RecordedLog()
        let state = try State(cache: .none)
        defer { state.close() }
        try state.load(User())
        var configuration = ServiceConfiguration(addresses: [.loopback(port: 0)])
        configuration.limits = .patient
        configuration.logsAccess = true
        adjust(&configuration)
        let service = StateService(state: state, configuration: configuration, logger: recorded.logger)
        let address = try service.start()[0]
        defer { service.stop() }
        var connections: [RawConnection] = []
        for text in texts {
            connections.append(try RawConnection(address))
            try connections.last?.send(Array(text.utf8))
        }
        try await act(service, connections)
        connections = []
        // Without those of requests that are answered.
        try await until { recorded.lines.contains { $0.message.hasPrefix("Request ") } }
        return recorded.lines.filter { $0.message.hasPrefix("Request ") }
            .map { line in
                line.metadata.mapValues { "\($0)" }.merging(["message": line.message]) { $1 }
                    .filter { !["http.listener", "http.durationMicroseconds"].contains($0.key) }
            }
    }

    private static let begun =
        "PUT /state/User?secret=1 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: half/1\r\nContent-Length: 90\r\n\r\nhidden"

    /// The line of that request.
    private static func line(_ message: String, _ fields: [String: String]) -> [String: String] {
        [
            "message": message, "http.method": "PUT", "http.path": "/state/User", "http.userAgent": "half/1",
            "client.address": "127.0.0.1",
        ]
        .merging(fields) { $1 }
    }

    private static func aborted(_ reason: String) -> [String: String] {
        line("Request aborted", ["http.requestBytes": "6", "http.abortReason": reason])
    }

    /// A request that is answered first: by then what follows it was received.
    private static let answered = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private static func readAnswer(_ connection: RawConnection) throws {
        _ = try connection.readHead()
        #expect(try connection.read(3) == Array("ok\n".utf8))
    }

    @Test(arguments: ["", answered])
    func aRequestWhoseBodyIsTooLongIsNamed(_ before: String) async throws {
        let lines = try await lines(of: [before + Self.begun]) {
            $0.limits.maxBodyBytes = 20
        } _: { _, connections in
            _ = try connections[0].readToEnd()
        }
        #expect(
            lines == [
                Self.line(
                    "Request refused",
                    ["http.status": "413", "http.refusal": "the body is longer than 20 bytes"]
                )
            ]
        )
    }

    @Test func aRequestWhoseBodyIsTooSlowIsNamed() async throws {
        let lines = try await lines(of: [Self.begun]) {
            $0.limits.bodyTimeout = .milliseconds(50)
        } _: { _, connections in
            _ = try connections[0].readToEnd()
        }
        #expect(
            lines == [Self.line("Request refused", ["http.status": "408", "http.refusal": "the body took too long"])]
        )
    }

    @Test func aClientThatLeavesInTheMidstOfItsBodyIsALine() async throws {
        let lines = try await lines(of: [Self.answered + Self.begun]) { _, connections in
            try Self.readAnswer(connections[0])
        }
        #expect(lines == [Self.aborted("the client has left")])
    }

    /// The time of a stop is over while a body is missing.
    @Test func aStopInTheMidstOfABodyIsALine() async throws {
        let lines = try await lines(of: [Self.answered + Self.begun]) { service, connections in
            try Self.readAnswer(connections[0])
            service.stop(within: .milliseconds(100))
        }
        #expect(lines == [Self.aborted("the server has stopped")])
    }

    @Test func aStreamIsALineAtItsEnd() throws {
        let line = try line(OwnedRequest(path: "/state")) {
            .stream(.text(status: .ok, ""), ResponseStream { .wait })
        }
        #expect(line["http.responseBytes"] == "123" && line["http.path"] == "/state")
        #expect(try Int(#require(line["http.durationMicroseconds"])) != nil)
    }

    @Test func numbersStayNumbers() throws {
        let recorded = RecordedLog()
        _ = AccessLog(logger: recorded.logger).log(Request(OwnedRequest())) { _ in .now(.text(status: .ok, "")) }
        let metadata = try #require(recorded.lines.first).metadata
        for key in ["http.status", "http.responseBytes", "http.durationMicroseconds"] {
            guard case .stringConvertible(let number)? = metadata[key] else {
                Issue.record("\(key) is text")
                continue
            }
            #expect(number is Int)
        }
    }

    @Test func anAnswerThatComesLaterIsALineToo() throws {
        let call = Call.get("/state/User").owned(listener: BoundAddress(path: "/run/service.sock"))
        let line = try line(call) { .later { _ = $0.send(.text(status: .notFound, "")) } }
        #expect(line["http.status"] == "404")
        #expect(line["http.listener"] == "unix:/run/service.sock")
    }
}
