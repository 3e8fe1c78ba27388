import HTTPTypes
import Myosin
import TestSupport
import Testing

@testable import MyosinService

@Suite struct ReadinessTests {
    private static let ready = #"{"ready":true,"reasons":[]}"# + "\n"

    private func reasons(_ fixture: Fixture) throws -> [String] {
        let reply = try fixture.reply(to: .get("/readyz"))
        #expect(reply.fields[.contentType] == "application/json")
        #expect(reply.fields[.cacheControl] == "no-store")
        guard case .object(let object) = try JSONValue(parsing: reply.body), case .array(let list)? = object["reasons"]
        else {
            Issue.record("no reasons: \(reply.text)")
            return []
        }
        #expect(reply.status == (list.isEmpty ? 200 : 503))
        #expect(object["ready"] == .bool(list.isEmpty))
        #expect(reply.fields[.retryAfter] == (list.isEmpty ? nil : "1"))
        return list.compactMap { element in
            guard case .object(let reason) = element, case .string(let name)? = reason["reason"],
                case .string(let detail)? = reason["detail"], detail.hasSuffix(".")
            else { return nil }
            return name
        }
    }

    /// The reasons that the metric shows; it has all of them.
    private func unready(_ fixture: Fixture) throws -> [String] {
        let page = try fixture.reply(to: .get("/metrics")).text
        let samples = page.matches(of: #/myosin_unready\{reason="([a-z-]+)"\} (\d+)\n/#)
        #expect(samples.count == Readiness.Reason.allCases.count)
        return samples.filter { $0.2 != "0" }.map { String($0.1) }
    }

    @Test(arguments: Way.allCases) func aServiceThatWorksIsReady(way: Way) throws {
        let fixture = try Fixture(way)
        #expect(try fixture.reply(to: .get("/readyz")).text == Self.ready)
        #expect(try fixture.reply(to: Call(.head, "/readyz")).status == 200)
    }

    @Test func withoutAStoreAServiceIsReady() throws {
        #expect(try Fixture(.direct, store: nil).reply(to: .get("/readyz")).text == Self.ready)
    }

    private static let failures: [(StateError.Code, reason: String, ends: Bool)] = [
        (.storeFull, "disk-full", true), (.storeReadOnly, "read-only", false), (.storeNoQuorum, "no-quorum", true),
        (.storePermission, "store-unavailable", false), (.storeFailed, "recovering", false),
    ]

    /// Each reason is caused by a store that fails in this way, and goes when the store works again.
    @Test(arguments: failures.indices, Way.allCases) func aStoreThatFailsIsAReason(row: Int, way: Way) async throws {
        let (code, reason, _) = Self.failures[row]
        let store = ControlledStore()
        let fixture = try Fixture(way, store: store)
        store.fail(with: StateError(code, "It does not work."))
        #expect(try fixture.reply(to: .put("/state/User", Text.newUser)).status >= 500)
        #expect(try reasons(fixture) == [reason])
        #expect(try unready(fixture) == [reason])
        // Health is another matter, and so is reading.
        #expect(try fixture.reply(to: .get("/healthz")).text == "ok\n")
        #expect(try fixture.reply(to: .get("/state/User")).text == Text.user + "\n")
        store.fail(with: nil)
        try await until { try fixture.reply(to: .put("/state/User", Text.newUser)).status == 200 }
        #expect(try reasons(fixture) == [])
        #expect(try unready(fixture) == [])
    }

    @Test(arguments: Way.allCases) func aModelInQuarantineIsAReasonUntilItIsChanged(way: Way) throws {
        let store = ControlledStore([
            StoredDocument(model: "User", schemaVersion: 1, revision: 1, time: 0, text: Array(#"{"name":7}"#.utf8))
        ])
        let fixture = try Fixture(way, store: store, loadsModels: false)
        try fixture.state.load(User(), onCorrupt: .useDefaults)
        try fixture.state.load(Telemetry())
        let reply = try fixture.reply(to: .get("/readyz"))
        #expect(
            reply.text
                == #"{"ready":false,"reasons":[{"reason":"quarantined-model","detail":"What was stored of User could not "#
                + #"be used; it is kept in quarantine, and User has its defaults until it is changed."}]}"# + "\n"
        )
        #expect(try fixture.reply(to: .put("/state/Telemetry", Text.telemetry)).status == 200)
        #expect(try reasons(fixture) == ["quarantined-model"])
        #expect(try fixture.reply(to: .put("/state/User", Text.newUser)).status == 200)
        #expect(try reasons(fixture) == [])
    }

    @Test func aServiceThatStopsIsNotReady() throws {
        let fixture = try Fixture(.direct)
        fixture.drain()
        #expect(try reasons(fixture) == ["draining"])
    }

    /// A path is written as it is.
    @Test(arguments: [
        ("the sensor is silent", "The sensor is silent."),
        ("s12/state.sqlite is missing.", "s12/state.sqlite is missing."),
        ("state.sqlite is full", "state.sqlite is full."), ("Is it there?", "Is it there?"), ("", "."),
    ])
    func aDetailIsASentence(_ detail: String, _ sentence: String) {
        #expect(detail.asSentence == sentence)
    }
}
