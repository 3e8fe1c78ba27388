import Logging
import Myosin
import Primitives
import TestSupport
import Testing

/// What happens after an error of the store with an unknown outcome.
@Suite struct StoreRecoveryTests {
    private let store = ControlledStore()
    private let log = RecordedLog()
    private static let ioError = StateError(.storeFailed, "The flush has failed.")

    /// A state whose store is opened anew without long pauses.
    private func makeState() throws -> State {
        let state = try State(cache: .store(store), logger: log.logger, limits: .quickReopening)
        try state.load(chris)
        try state.load(System(id: "s1"))
        return state
    }

    private func expectRefusal(_ state: State, _ code: StateError.Code = .storeRecovering) {
        let error = #expect(throws: StateError.self) { try state.update(User.self, cache: true) { $0.name += "!" } }
        #expect(error?.code == code)
    }

    @Test func theOutcomeIsUnknownAndSettledBeforeAnythingElseIsAccepted() async throws {
        let state = try makeState()
        try state.blocking.update(User.self, System.self, cache: true) { ($0.0.name, $0.1.restarts) = ("kept", 1) }
        try state.blocking.update(System.self) { $0.restarts = 2 }
        store.failLoading(with: Self.ioError)
        store.fail(with: Self.ioError, once: true, keeping: true)
        let error = #expect(throws: StateError.self) {
            try state.update(User.self, cache: true) { $0.name = "unknown" }
        }
        #expect(error?.code == .storeFailed && error?.message == "The flush has failed.")
        #expect(store.text(of: "User")?.contains("unknown") == true, "a crash now would keep it")
        #expect(state.storeError?.code == .storeFailed)

        // Nothing durable is accepted, also no value that was stored before; reading and memory go on.
        expectRefusal(state)
        #expect(throws: StateError.self) { try state.update(User.self, cache: true) { _ in } }
        #expect(throws: StateError.self) { try state.reset() }
        #expect(try state.checkout(User.self).name == "kept")
        try state.blocking.update(User.self) { $0.name = "in memory" }
        #expect(try state.checkout(User.self).name == "in memory")

        // Opening fails again and again, then works.
        let loads = store.loadCount
        try await until { store.loadCount >= loads + 3 }
        expectRefusal(state)
        let batches = store.batches.count
        store.failLoading(with: nil)
        try await state.untilStoreWorks()
        #expect(store.batches[batches].map(\.model) == ["User", "System"], "the first write is of what is published")
        #expect(store.text(of: "User")?.contains("in memory") == true)
        #expect(store.text(of: "System")?.contains("\"restarts\":2") == true)
        #expect(store.setAside == [], "what was attempted is nobody else's")

        // What was rewritten is known to be stored, and new values are accepted.
        let count = store.batches.count
        try state.blocking.update(User.self, cache: true) { _ in }
        #expect(store.batches.count == count)
        try state.blocking.update(User.self, cache: true) { $0.name = "after" }
        #expect(store.text(of: "User")?.contains("after") == true)
        let lines = log.lines.filter { $0.level >= .notice }.map(\.message)
        #expect(
            lines == [
                "The store has failed and is going to be opened anew", "The store could not be opened anew",
                "The store works again",
            ]
        )
    }

    @Test func rewritingThatFailsIsTriedAgain() async throws {
        let state = try makeState()
        try state.blocking.update(User.self, cache: true) { $0.name = "kept" }
        store.fail(with: Self.ioError, keeping: true)
        #expect(throws: StateError.self) { try state.update(User.self, cache: true) { $0.name = "unknown" } }
        let loads = store.loadCount
        try await until { store.loadCount >= loads + 5 }
        expectRefusal(state)
        #expect(try state.checkout(User.self).name == "kept")
        store.fail(with: nil)
        try await state.untilStoreWorks()
        #expect(store.text(of: "User")?.contains("kept") == true)
        #expect(try state.checkout(User.self).name == "kept")
        #expect(store.setAside == [])
    }

    @Test func modelsThatWereNeverStoredAreNotWritten() async throws {
        let state = try makeState()
        try state.blocking.update(System.self) { $0.restarts = 1 }
        store.fail(with: Self.ioError, once: true)
        #expect(throws: StateError.self) { try state.update(User.self, cache: true) { $0.name = "unknown" } }
        try await state.untilStoreWorks()
        #expect(store.kept.documents == [])
    }

    @Test func whatWaitsBehindAFailureIsRefusedAndNotWritten() async throws {
        let state = try makeState()
        store.block()
        let first = startTask {
            try await state.update(User.self, cache: true, wait: patience) { $0.name = "unknown" }
        }
        #expect(try await store.waitForCommit())
        let second = startTask {
            try await state.update(System.self, cache: true, wait: patience) { $0.restarts = 1 }
        }
        try await state.untilPending(System.self) { $0.restarts == 1 }
        store.fail(with: Self.ioError, once: true)
        store.unblock()
        #expect(await #expect(throws: StateError.self) { try await first.value }?.code == .storeFailed)
        let error = await #expect(throws: StateError.self) { try await second.value }
        #expect(error?.code == .storeRecovering)
        #expect(
            error?.message
                == "The store is being opened anew after an error, and nothing was changed. Try again later. "
                + "The error: The flush has failed."
        )
        try await state.untilStoreWorks()
        #expect(store.text(of: "System") == nil)
        #expect(try state.checkout(System.self).restarts == 0)
    }

    @Test(arguments: [StateError.Code.storeFull, .storeInUse])
    func aKnownOutcomeNeedsNoReopening(_ code: StateError.Code) throws {
        let state = try makeState()
        let loads = store.loadCount
        store.fail(with: StateError(code, "Not now."))
        expectRefusal(state, code)
        expectRefusal(state, code)
        #expect(state.storeError?.code == code)
        store.fail(with: nil)
        try state.update(User.self, cache: true) { $0.name = "kept" }
        #expect(state.storeError == nil && store.loadCount == loads)
    }

    @Test(arguments: [StateError.Code.storeReadOnly, .storePermission, .storeTooManyFiles, .storeCorrupt])
    func aLastingCauseIsToldByItsOwnCode(_ code: StateError.Code) async throws {
        let state = try makeState()
        store.fail(with: StateError(code, "Not now."))
        store.failLoading(with: StateError(code, "Not yet."))
        expectRefusal(state, code)
        expectRefusal(state, code)
        store.fail(with: nil)
        store.failLoading(with: nil)
        try await state.untilStoreWorks()
        try state.blocking.update(User.self, cache: true) { $0.name = "kept" }
    }

    @Test func aStateWhoseStoreHasFailedCanBeClosed() throws {
        let state = try makeState()
        store.fail(with: Self.ioError)
        store.failLoading(with: Self.ioError)
        expectRefusal(state, .storeFailed)
        state.close()
        #expect(try state.checkout(User.self).name == "chris")
    }

    @Test func aDocumentThatIsDamagedMeanwhileIsKeptAsideAndWrittenAnew() async throws {
        let state = try makeState()
        try state.blocking.update(User.self, cache: true) { $0.name = "kept" }
        store.changeElsewhere(isTold: false) { documents in
            documents["User"]?.text = Array("{".utf8)
            documents["User"]?.isIntact = false
        }
        store.fail(with: Self.ioError, once: true)
        expectRefusal(state, .storeFailed)
        try await state.untilStoreWorks()
        #expect(store.setAside.map(\.document.text) == [Array("{".utf8)])
        #expect(store.text(of: "User")?.contains("kept") == true)
    }
}
