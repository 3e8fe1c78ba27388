import Foundation
import HTTPTypes
import Myosin
import TestSupport
import Testing

@testable import MyosinService

@Suite struct WaitingTests {
    @Test(arguments: Way.allCases) func aWriteWaitsForTheContextThatHoldsTheModelAndReadersDoNot(
        way: Way
    ) async throws {
        let fixture = try Fixture(way)
        let holder =
            way == .declared
            ? try Holder(fixture.state, declared: "Telemetry") : try Holder(fixture.state, Telemetry.self)
        let new = #"{"id":"t1","temperature":1,"humidity":2}"#
        let write = try fixture.begin(.put("/state/Telemetry", new))
        try await until { fixture.sample(#"myosin_waiting_contexts{model="Telemetry"}"#) == 1 }
        #expect(try fixture.reply(to: .get("/state/Telemetry")).text == Text.telemetry + "\n")
        #expect(try fixture.reply(to: .get("/state")).status == 200)
        #expect(try fixture.reply(to: .put("/state/User", Text.newUser)).status == 200)
        #expect(!write.isAnswered)
        try holder.letGo()
        #expect(try write.reply().text == new + "\n")
        #expect(try fixture.reply(to: .get("/state/Telemetry")).text == new + "\n")
    }

    @Test(arguments: Way.allCases) func aDurableWriteIsAnsweredAfterTheFlushAndNotSeenBefore(way: Way) async throws {
        let store = ControlledStore()
        let fixture = try Fixture(way, store: store)
        store.block()
        let write = try fixture.begin(.put("/state/User", Text.newUser))
        #expect(try await store.waitForCommit())
        #expect(try fixture.reply(to: .get("/state/User")).text == Text.user + "\n")
        #expect(try fixture.reply(to: .get("/state")).fields[.eTag] == "\"k3f9-4\"")
        #expect(!write.isAnswered)
        #expect(store.text(of: "User") == nil)
        store.unblock()
        let reply = try write.reply()
        #expect(reply.text == Text.newUser + "\n" && reply.fields[.revision] == "k3f9-5")
        #expect(store.text(of: "User") == Text.newUser)
        #expect(try fixture.reply(to: .get("/state/User")).text == Text.newUser + "\n")
    }

    @Test(arguments: Way.allCases) func aConflictWithAPendingWriteIsToldAfterwards(way: Way) async throws {
        let store = ControlledStore()
        let fixture = try Fixture(way, store: store)
        store.block()
        let ended = fixture.endedContexts(of: "User")
        let first = try fixture.begin(.put("/state/User", Text.newUser, (.ifMatch, "\"k3f9-4\"")))
        try await until { fixture.endedContexts(of: "User") == ended + 1 }
        #expect(try fixture.reply(to: .get("/state/User")).fields[.eTag] == "\"k3f9-4\"")
        let second = try fixture.begin(.put("/state/User", Text.user, (.ifMatch, "\"k3f9-4\"")))
        try await until { fixture.endedContexts(of: "User") == ended + 2 }
        // Told before, the writer would read the old revision again, and try in vain.
        #expect(!second.isAnswered)
        store.unblock()
        #expect(try first.reply().fields[.revision] == "k3f9-5")
        let refused = try second.reply()
        #expect(try Refused(refused).status == 412)
        #expect(refused.fields[.revision] == "k3f9-5")
        #expect(try fixture.reply(to: .get("/state/User")).fields[.eTag] == "\"k3f9-5\"")
    }

    /// However slow the disk is: what comes while a flush is under way shares the next one.
    @Test func writesOfManyClientsShareAFlush() async throws {
        let store = ControlledStore()
        let fixture = try Fixture(.socket, store: store)
        let clients = try (0..<64).map { _ in try fixture.connect() }
        store.block()
        func ended() -> Int { fixture.endedContexts(of: "Counter") + fixture.endedContexts(of: "User") }
        let before = ended()
        for (index, client) in clients.enumerated() {
            let path = index % 2 == 0 ? "/state/Counter/count" : "/state/User/name"
            try client.send(.put(path, index % 2 == 0 ? "\(index + 1)" : "\"n\(index)\""))
            try await until { ended() == before + index + 1 }
        }
        #expect(try fixture.reply(to: .get("/state")).fields[.eTag] == "\"k3f9-4\"")
        let batches = store.batches.count
        store.unblock()
        for client in clients { #expect(try client.read(method: .put).status == 200) }
        #expect(store.batches.count - batches <= 2, "the first flush has begun with some of them")
        #expect(try fixture.reply(to: .get("/state/Counter/count")).text == "63\n")
    }

    @Test(arguments: Way.allCases) func aWriteToMemoryDoesNotWaitForTheStore(way: Way) throws {
        let store = ControlledStore()
        let fixture = try Fixture(way, store: store)
        store.block()
        defer { store.unblock() }
        let new = #"{"id":"t1","temperature":1,"humidity":2}"#
        #expect(try fixture.reply(to: .put("/state/Telemetry", new)).text == new + "\n")
        #expect(store.text(of: "Telemetry") == nil)
    }
}

@Suite struct StoreErrorTests {
    private struct Unplugged: Error {}

    private static let reopened =
        "Nothing visible has changed; the store is being opened anew, and then has what is visible."

    private static let table: [(error: any Error & Sendable, status: Int, detail: String, retryAfter: String?)] = [
        (StateError(.storeFull, "The disk is full. Make room."), 507, "The disk is full. Make room.", nil),
        (StateError(.storeReadOnly, "It is read-only."), 503, "It is read-only.", "1"),
        (StateError(.storeInUse, "Another has it."), 503, "Another has it.", "1"),
        (StateError(.storeTooManyFiles, "Too many files."), 503, "Too many files.", "1"),
        (StateError(.storeConflict, "It was changed."), 503, "It was changed.", "1"),
        (StateError(.storeRecovering, "Later."), 503, "Later.", "1"),
        (StateError(.storeNotResponding, "No answer."), 503, "No answer.", "1"),
        (StateError(.storePermission, "Access is denied."), 500, "Access is denied.", nil),
        (StateError(.storeCorrupt, "It is damaged."), 500, "It is damaged.", nil),
        (StateError(.storeFailed, "It went wrong."), 500, "It went wrong. \(reopened)", nil),
        (Unplugged(), 500, "The store failed: Unplugged(). \(reopened)", nil),
    ]

    @Test(arguments: table.indices, Way.allCases) func aFailedWriteIsToldAndNotSeen(row: Int, way: Way) throws {
        let (error, status, detail, retryAfter) = Self.table[row]
        let store = ControlledStore()
        let fixture = try Fixture(way, store: store)
        store.fail(with: error)
        let reply = try fixture.reply(to: .put("/state/User", Text.newUser))
        let refused = try Refused(reply)
        #expect(refused.status == status)
        #expect(refused.detail == detail)
        #expect(reply.fields[.retryAfter] == retryAfter)
        let after = try fixture.reply(to: .get("/state/User"))
        #expect(after.text == Text.user + "\n" && after.fields[.eTag] == "\"k3f9-4\"")
        #expect(try fixture.reply(to: .get("/state")).fields[.eTag] == "\"k3f9-4\"")
    }

    @Test(arguments: ["/state/User", "/state/Telemetry"], Way.allCases)
    func aClosedStateRefusesWritesAndIsStillRead(path: String, way: Way) throws {
        let fixture = try Fixture(way)
        let before = try fixture.reply(to: .get(path))
        fixture.state.close()
        let body = path == "/state/User" ? Text.newUser : #"{"temperature":1,"humidity":2}"#
        let reply = try fixture.reply(to: .put(path, body))
        let refused = try Refused(reply)
        #expect(refused.status == 503)
        #expect(refused.detail == "The service is stopping and takes no changes any more. Try again in a moment.")
        #expect(reply.fields[.retryAfter] == "1")
        #expect(try fixture.reply(to: .get(path)).text == before.text)
    }

    @Test func aModelThatIsHeldForTooLongIsToldToBeBusy() throws {
        let response = Problem(StateError(.busy, "User was held by another context for too long. Try again.")).response
        let reply = Reply(response, to: .put)
        #expect(try Refused(reply).status == 503)
        #expect(reply.fields[.retryAfter] == "1")
    }
}
