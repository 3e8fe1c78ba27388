import HTTPTypes
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
        case .stream: Issue.record("A stream was not asked for.")
        }
        #expect(recorded.lines.map(\.message) == ["Request"])
        return try #require(recorded.lines.first).metadata.mapValues { "\($0)" }
    }

    @Test func anAnswerIsALineWithoutTheQueryAndTheBody() throws {
        let place = BoundAddress(host: "127.0.0.1", port: 8_000)
        let call = Call.put("/state/User?secret=1", "hidden").owned(listener: place)
        var line = try line(call) { .now(.text(status: .ok, "also hidden")) }
        let duration = line.removeValue(forKey: "http.durationMicroseconds").flatMap { Int($0) }
        #expect(try #require(duration) >= 0)
        // The text ends with a line feed.
        #expect(
            line == [
                "http.method": "PUT", "http.path": "/state/User", "http.status": "200", "http.responseBytes": "12",
                "http.listener": "127.0.0.1:8000",
            ]
        )
    }

    @Test func anAnswerThatComesLaterIsALineToo() throws {
        let call = Call.get("/state/User").owned(listener: BoundAddress(path: "/run/service.sock"))
        let line = try line(call) { .later { _ = $0.send(.text(status: .notFound, "")) } }
        #expect(line["http.status"] == "404")
        #expect(line["http.listener"] == "unix:/run/service.sock")
    }
}
