import HTTPTypes
import MicroHTTP
import Myosin
import Primitives
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

/// Documents and bodies that take long: another thread works on them, and they have a limit.
@Suite struct LargeDocumentTests {
    private static let schema =
        #"{"type":"object","properties":{"list":{"type":"array","uniqueItems":true},"text":{"type":"string"}},"#
        + #""additionalProperties":{"type":"string"}}"#

    private func fixture(_ way: Way = .socket, maxBytes: Int? = nil) throws -> Fixture {
        let fixture = try Fixture(way)
        let text = maxBytes.map { Self.schema.dropLast() + #","x-max-bytes":\#($0)}"# } ?? Self.schema
        try fixture.state.declare([try JSONSchemaDeclaration(name: "Large", text: Array(text.utf8))])
        return fixture
    }

    private static func list(_ count: Int) -> String { "[" + (0..<count).map(String.init).joined(separator: ",") + "]" }

    /// The same answers, whichever thread makes them.
    @Test(arguments: [Way.socket, .direct]) func largeDocumentsAreWrittenAndReadAsSmallOnes(way: Way) throws {
        let fixture = try fixture(way)
        let list = Self.list(5_000)
        #expect(try fixture.reply(to: .put("/state/Large", #"{"list":\#(list)}"#)).status == 200)
        #expect(try fixture.reply(to: .get("/state/Large/list")).text == list + "\n")
        #expect(try fixture.reply(to: .get("/state/Large/list/4999")).text == "4999\n")
        #expect(try fixture.reply(to: .get("/state/Large/lst")).status == 404)
        #expect(try fixture.reply(to: .put("/state/Large/text", #""a""#)).text == "\"a\"\n")
        let behind = try Refused(try fixture.reply(to: .put("/state/Large/list/5001", "1")))
        #expect(behind.status == 404 && behind.detail.contains("has 5000 elements"), "\(behind.detail)")
        let patch = try fixture.reply(to: .patch("/state", #"{"Large":{"text":"b"},"User":{"name":"anna"}}"#))
        #expect(patch.status == 200 && patch.text.contains(#""text":"b"}"#))
        let faulty = try Refused(try fixture.reply(to: .put("/state/Large", #"{"list":[1,\#(list.dropFirst())}"#)))
        #expect(faulty.status == 422 && faulty.faults.first?.pointer == "/list")
        #expect(try fixture.reply(to: .get("/state")).text.contains(#""Large":{"#))
        #expect(try fixture.reply(to: .get("/schema")).text.contains(#""Large":"schema/Large""#))
        #expect(try fixture.reply(to: .get("/schema/Large")).text.contains(#""uniqueItems":true"#))
        let notJSON = try Refused(try fixture.reply(to: .put("/state/Large", String(list.dropLast()))))
        #expect(notJSON.status == 400)
    }

    @Test func manyAtOnceAreAllAnswered() async throws {
        let fixture = try fixture()
        let body = #"{"list":\#(Self.list(5_000))}"#
        let clients = try (0..<20).map { _ in try fixture.connect() }
        for client in clients { try client.send(.put("/state/Large", body)) }
        for client in clients { #expect(try client.read(method: .put).status == 200) }
        // A wait takes no place among what is worked on.
        let tag = try #require(try fixture.reply(to: .get("/state/Large")).fields[.eTag])
        let waiting = try (0..<10).map { _ in try fixture.connect() }
        for client in waiting {
            try client.send(.get("/state/Large/list", (.ifNoneMatch, tag), (.prefer, "wait=300")))
        }
        #expect(try fixture.reply(to: .patch("/state/Large", #"{"text":"now"}"#)).status == 200)
        for client in waiting { #expect(try client.read(method: .get).status == 200) }
    }

    @Test(arguments: Way.allCases) func aDocumentHasALimit(way: Way) throws {
        let fixture = try fixture(way)
        let piece = String(repeating: "a", count: 100_000)
        var statuses: [Int] = []
        for number in 0..<12 {
            let reply = try fixture.reply(to: .patch("/state/Large", #"{"f\#(number)":"\#(piece)"}"#))
            statuses.append(reply.status)
            if reply.status == 413 {
                let detail = try Refused(reply).detail
                let message = "bytes of JSON beside its id, and may have 1048576. Keep less in it"
                #expect(detail.contains(message), "\(detail)")
            }
        }
        #expect(statuses == Array(repeating: 200, count: 10) + [413, 413])
        let before = try #require(fixture.state.snapshot(of: "Large")?.document)
        #expect(try fixture.reply(to: .put("/state/Large/text", "\"\(piece)\"")).status == 413)
        #expect(try fixture.reply(to: .patch("/state", #"{"Large":{"text":"\#(piece)"}}"#)).status == 413)
        #expect(fixture.state.snapshot(of: "Large")?.document == before)
        #expect(try fixture.reply(to: .patch("/state/Large", #"{"f0":null}"#)).status == 200)
    }

    @Test func aSchemaMayHaveALimitOfItsOwn() throws {
        let fixture = try fixture(.direct, maxBytes: 100)
        #expect(try fixture.reply(to: .put("/state/Large/text", #""short""#)).status == 200)
        let reply = try fixture.reply(to: .put("/state/Large/text", "\"\(String(repeating: "a", count: 100))\""))
        #expect(try Refused(reply).status == 413)
        #expect(throws: JSONSchemaError.self) {
            try JSONSchemaDeclaration(name: "A", text: Array(#"{"type":"object","x-max-bytes":0}"#.utf8))
        }
    }

    /// A document that could not be read at the next start is not made.
    @Test(arguments: Way.allCases) func aDocumentIsNotNestedDeeperThanItCanBeRead(way: Way) throws {
        let fixture = try Fixture(way)
        let free = #"{"type":"object","additionalProperties":true}"#
        try fixture.state.declare([try JSONSchemaDeclaration(name: "Free", text: Array(free.utf8))])
        let brackets = { (count: Int) in
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        for (path, body, status) in [
            ("/a", brackets(63), 200), ("/b", brackets(64), 422), ("/a/0", brackets(63), 422),
            (String(repeating: "/c", count: 65), "1", 404),
        ] {
            #expect(try fixture.reply(to: .put("/state/Free\(path)", body)).status == status, "\(path)")
        }
        let document = try fixture.reply(to: .get("/state/Free")).body
        #expect(throws: Never.self) { try JSONValue(parsing: document) }
    }

    /// The program's own commits have the limit too, and what is too long already may become shorter.
    @Test func commitsOfTheProgramHaveTheLimit() throws {
        let text = Array(#"{"id":"n1","text":"\#(String(repeating: "a", count: 300))"}"#.utf8)
        let stored = StoredDocument(model: "Note", schemaVersion: 1, revision: 7, time: 0, text: text)
        let state = try State(cache: .store(ControlledStore([stored])), maxDocumentBytes: 200)
        try state.load(Note())
        func set(_ count: Int) throws { try state.update(Note.self) { $0.text = String(repeating: "b", count: count) } }
        let error = try #require(throws: StateError.self) { try set(301) }
        #expect(error.code == .documentTooLarge && error.model == "Note")
        #expect(try state.checkout(Note.self).text.hasPrefix("aaa"))
        try set(250)
        try set(100)
        #expect(throws: StateError.self) { try set(250) }
        // 200 bytes are those of {"text":""} and 189 more: the id does not count.
        try set(189)
        #expect(throws: StateError.self) { try set(190) }
        try state.load(Brief())
        #expect(throws: StateError.self) { try state.update(Brief.self) { $0.text = "too long for so few bytes" } }
        state.close()
    }

    private struct Note: StateModel {
        var id = ModelID("n1")
        var text = ""
    }

    private struct Brief: StateModel {
        static let maxDocumentBytes: Int? = 30
        var id = ModelID("b")
        var text = ""
    }
}

@Suite struct LargeWorkTests {
    /// No more than some are worked on at a time, and each gets its turn.
    @Test func workIsBounded() async throws {
        let work = LargeWork()
        let (running, most, finished) = (Lock(0), Lock(0), Lock(0))
        let gate = Gate()
        for _ in 0..<50 {
            let answer = work.answer(bytes: .max, .toAnswer) {
                running.withLock { $0 += 1 }
                most.withLock { most in most = max(most, running.withLock { $0 }) }
                return .later { responder in
                    // Answered by another thread.
                    _ = try? WorkerThread {
                        gate.wait()
                        running.withLock { $0 -= 1 }
                        responder.send(Response(status: .ok))
                    }
                }
            }
            guard case .later(let begin) = answer else {
                Issue.record("done at once")
                return
            }
            begin(
                Responder { response in
                    if response?.status == .ok { finished.withLock { $0 += 1 } }
                    return true
                }
            )
        }
        try await until { running.withLock { $0 } == 4 }
        gate.open()
        try await until { finished.withLock { $0 } == 50 }
        #expect(most.withLock { $0 } == 4)
    }

    /// Changes that wait for a lock or for the disk do not hold up what only reads.
    @Test func readingDoesNotWaitForChanges() async throws {
        let work = LargeWork()
        let (begun, read) = (Lock(0), Lock(false))
        let waiting = Lock<[Responder]>([])
        for _ in 0..<10 {
            let answer = work.answer(bytes: .max, .toAnswer) {
                begun.withLock { $0 += 1 }
                return .later { responder in waiting.withLock { $0.append(responder) } }
            }
            if case .later(let begin) = answer { begin(Responder { _ in true }) }
        }
        try await until { begun.withLock { $0 } == 4 }
        if case .later(let begin) = work.answer(bytes: .max, .toDecision, { .now(Response(status: .ok)) }) {
            begin(
                Responder { _ in
                    read.withLock { $0 = true }
                    return true
                }
            )
        }
        try await until { read.withLock { $0 } }
        #expect(begun.withLock { $0 } == 4)
        try await until {
            for responder in waiting.withLock({ $0 }) { responder.send(Response(status: .ok)) }
            return begun.withLock { $0 } == 10
        }
    }

    @Test func whatIsSmallIsDoneAtOnce() {
        let answer = LargeWork().answer(bytes: LargeWork.maxBytesAtOnce, .toAnswer) { .now(Response(status: .ok)) }
        #expect(answer.presentResponse?.status == .ok)
    }

    /// Work that is let go of without an answer frees its place.
    @Test func forgottenAnswersFreeTheirPlaces() async throws {
        let work = LargeWork()
        let answered = Lock<[Int]>([])
        for _ in 0..<20 {
            guard case .later(let begin) = work.answer(bytes: .max, .toAnswer, { .later { _ in } }) else { continue }
            begin(
                Responder { response in
                    answered.withLock { $0.append(response?.status.code ?? 0) }
                    return true
                }
            )
        }
        try await until { answered.withLock { $0.count } == 20 }
        #expect(answered.withLock { $0 } == Array(repeating: 0, count: 20))
    }
}
