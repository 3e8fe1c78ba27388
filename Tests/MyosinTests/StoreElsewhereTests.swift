import Logging
import Myosin
import Primitives
import TestSupport
import Testing

/// A store that somebody else writes too, as a remote one.
@Suite struct StoreElsewhereTests {
    private let store = ControlledStore()
    private let log = RecordedLog()

    private func makeState() throws -> State {
        let state = try State(cache: .store(store), logger: log.logger, limits: .quickReopening)
        try state.load(chris)
        try state.update(User.self, cache: true) { $0.name = "mine" }
        return state
    }

    /// Somebody else stores another user, with a revision of theirs.
    private func changeUser(to text: String, isTold: Bool = true) {
        store.changeElsewhere(isTold: isTold) { documents in
            documents["User"] = StoredDocument(
                model: "User",
                schemaVersion: 1,
                revision: 1 << 40,
                time: 1,
                text: Array(text.utf8)
            )
        }
    }

    private static let theirs = #"{"id":"u1","name":"theirs","email":"t@h"}"#

    @Test func aChangeElsewhereIsPublishedAsACommit() async throws {
        let state = try makeState()
        var changes = state.changes(of: User.self).makeAsyncIterator()
        #expect(await changes.next()?.model.name == "mine")
        let before = try state.checkout(User.self).checkedOutRevision
        changeUser(to: Self.theirs)
        let change = await changes.next()
        #expect(change?.model.name == "theirs" && change?.revision == before + 1)
        let batches = store.batches.count
        try state.blocking.update(User.self, cache: true) { _ in }
        #expect(store.batches.count == batches, "it is stored already")
        try state.blocking.update(User.self, cache: true) { $0.name = "mine again" }
        #expect(store.text(of: "User")?.contains("mine again") == true)
    }

    @Test func aChangeElsewhereWaitsForTheContextThatHasTheModel() async throws {
        let state = try makeState()
        let holder = try Holder(state, User.self)
        changeUser(to: Self.theirs)
        #expect(try state.checkout(User.self).name == "mine")
        try await state.untilWaiting(1, for: "User")
        try holder.letGo()
        try await until { try state.checkout(User.self).name == "theirs" }
    }

    @Test func whoHasNotHeardOfAChangeDoesNotOverwriteIt() async throws {
        let state = try makeState()
        changeUser(to: Self.theirs, isTold: false)
        let error = #expect(throws: StateError.self) {
            try state.update(User.self, cache: true) { $0.name = "over it" }
        }
        #expect(error?.code == .storeConflict && error?.model == "User")
        #expect(store.text(of: "User") == Self.theirs)
        // The engine reads the store anew, and goes on from what it finds.
        try await until { try state.checkout(User.self).name == "theirs" }
        try await state.untilStoreWorks()
        try state.blocking.update(User.self, cache: true) { $0.name += " and mine" }
        #expect(store.text(of: "User")?.contains("theirs and mine") == true)
    }

    @Test func whatCannotBeUsedIsToldAndNotTakenOver() async throws {
        let state = try makeState()
        changeUser(to: #"{"id":"u1"}"#)
        #expect(try state.checkout(User.self).name == "mine")
        let line = log.lines.last { $0.level == .error }
        #expect(line?.message == "What somebody else has stored was not taken over")
    }

    @Test func aModelThatIsLoadedLaterBeginsWithWhatSomebodyElseHasStored() throws {
        let state = try makeState()
        store.changeElsewhere { documents in
            documents["System"] = StoredDocument(
                model: "System",
                schemaVersion: 1,
                revision: 1 << 40,
                time: 1,
                text: Array(#"{"id":"s1","online":true,"restarts":3}"#.utf8)
            )
        }
        #expect(try state.load(System()).restarts == 3)
    }

    @Test func aMigrationDoesNotOverwriteWhatSomebodyElseHasStored() async throws {
        try makeState().close()
        let state = try State(cache: .store(store), logger: log.logger, limits: .quickReopening)
        changeUser(to: Self.theirs, isTold: false)
        let error = #expect(throws: StateError.self) { try state.load(UserTwo()) }
        #expect(error?.code == .storeConflict)
        #expect(store.text(of: "User") == Self.theirs)
        // The store works again a moment before its news are adopted.
        try await until { (try? state.load(UserTwo()).name) == "theirs" }
    }
}
