import HTTPTypes
import Logging
import MicroHTTP
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
