import Myosin
import Primitives
import TestSupport
import Testing

/// A call that fails, at whatever step, has not happened: for readers, for subscribers and for the store.
@Suite struct AtomicityTests {
    /// What can be seen of a state and its store.
    private struct View: Equatable {
        var left: Checkout<Left>
        var right: Checkout<Right>
        var publication: UInt64
        /// Empty where the store fails in a way that has it written anew, as what is published.
        var documents: [StoredDocument]

        init(_ state: State, _ store: ControlledStore, ignoringDocuments: Bool) throws {
            (left, right) = (try state.checkout(Left.self), try state.checkout(Right.self))
            publication = state.snapshots().publication
            documents = ignoringDocuments ? [] : store.kept.documents
        }
    }

    private func makeState(_ store: ControlledStore) throws -> State {
        let state = try State(cache: .store(store), limits: .quickReopening)
        try state.load(Left())
        try state.load(Right())
        // In the store is something else than in memory, and both are something else than the defaults.
        try state.update(Left.self, Right.self, cache: true) { ($0.0.number, $0.1.number) = (1, 1) }
        try state.update(Left.self, Right.self) { ($0.0.number, $0.1.number) = (2, 2) }
        return state
    }

    @Test(arguments: AtomicityCase.all)
    func whatFailsHasNotHappened(_ attempt: AtomicityCase) async throws {
        let store = ControlledStore()
        let state = try makeState(store)
        defer { state.close() }
        var changes = (
            state.changes(of: Left.self).makeAsyncIterator(), state.changes(of: Right.self).makeAsyncIterator()
        )
        #expect(await changes.0.next()?.model.number == 2)
        #expect(await changes.1.next()?.model.number == 2)
        let (numbers, continuation) = AsyncStream<Int>.makeStream()
        var seen = numbers.makeAsyncIterator()
        try state.subscribe(Left.self) { continuation.yield($0.number) }

        let isReopened = attempt.isStoreReopened
        let before = try View(state, store, ignoringDocuments: isReopened)
        let isOfTheStore = attempt.step == .storeCommit || attempt.step == .storeClear
        if isOfTheStore { store.fail(with: attempt.storeError, once: attempt.failures == 1) }
        for attemptNumber in 1...attempt.failures {
            await #expect {
                try await attempt.perform(on: state, number: 3, isTroubled: true)
            } throws: {
                attempt.isExpected($0) || isReopened && attemptNumber > 1 && attempt.isRefusal($0)
            }
            #expect(try View(state, store, ignoringDocuments: isReopened) == before)
            try expectContextsSee(before, state)
        }
        if attempt.failures > 1 { store.fail(with: nil) }
        if isReopened { try await state.untilStoreWorks() }

        try await attempt.perform(on: state, number: 3, isTroubled: false)
        let after = try View(state, store, ignoringDocuments: false)
        try expectSuccess(of: attempt, before, after, store)
        let left = await changes.0.next()
        #expect(left?.isNext(after.left) == true, "the first change since, with none missed")
        #expect(await seen.next() == after.left.number)
        if attempt.hasTwoModels {
            let right = await changes.1.next()
            #expect(right?.isNext(after.right) == true)
            #expect(left?.revision == right?.revision)
        }
    }

    /// Contexts, too, find what was there before.
    private func expectContextsSee(_ view: View, _ state: State) throws {
        let found = try state.with(Left.self, Right.self) { context in
            (try context.checkout(Left.self), try context.checkout(Right.self))
        }
        #expect(found == (view.left, view.right))
    }

    private func expectSuccess(
        of attempt: AtomicityCase,
        _ before: View,
        _ after: View,
        _ store: ControlledStore
    ) throws {
        let number = attempt.call == .reset ? 0 : 3
        #expect(after.left.number == number && after.right.number == (attempt.hasTwoModels ? number : 2))
        #expect(after.left.checkedOutRevision > before.left.checkedOutRevision)
        #expect(after.publication == before.publication + 1)
        if attempt.call == .reset {
            #expect(after.documents == [])
        } else if attempt.isCached {
            let other = attempt.hasTwoModels ? number : attempt.isStoreReopened ? 2 : 1
            #expect(store.text(of: "Left") == #"{"id":1,"number":\#(number),"trouble":"none"}"#)
            #expect(store.text(of: "Right") == #"{"id":2,"number":\#(other),"trouble":"none"}"#)
            let stored = after.documents.first { $0.model == "Left" }
            #expect(stored?.revision == after.left.checkedOutRevision)
        } else {
            #expect(after.documents == before.documents)
        }
    }
}

extension ModelChange {
    /// Whether this is the change to a published value, with none missed before it.
    fileprivate func isNext(_ checkout: Checkout<Model>) -> Bool {
        model == checkout.model && revision == checkout.checkedOutRevision && missed == 0
    }
}
