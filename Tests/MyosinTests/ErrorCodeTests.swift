import Myosin
import TestSupport
import Testing

@Suite struct ErrorCodeTests {
    private static let names: [(short: StateError.Code, code: StateError.Code)] = [
        (StateError.notLoaded, .notLoaded),
        (StateError.nameTaken, .nameTaken),
        (StateError.badName, .badName),
        (StateError.notAValue, .notAValue),
        (StateError.notInContext, .notInContext),
        (StateError.contextEnded, .contextEnded),
        (StateError.nestedContext, .nestedContext),
        (StateError.namedTwice, .namedTwice),
        (StateError.conflict, .conflict),
        (StateError.busy, .busy),
        (StateError.invalid, .invalid),
        (StateError.documentTooLarge, .documentTooLarge),
        (StateError.noCache, .noCache),
        (StateError.corruptDocument, .corruptDocument),
        (StateError.newerDocument, .newerDocument),
        (StateError.storeFull, .storeFull),
        (StateError.storeReadOnly, .storeReadOnly),
        (StateError.storePermission, .storePermission),
        (StateError.storeNotDirectory, .storeNotDirectory),
        (StateError.storeInUse, .storeInUse),
        (StateError.storeTooManyFiles, .storeTooManyFiles),
        (StateError.storeConflict, .storeConflict),
        (StateError.storeReplaced, .storeReplaced),
        (StateError.storeCorrupt, .storeCorrupt),
        (StateError.storeNewer, .storeNewer),
        (StateError.storeFailed, .storeFailed),
        (StateError.storeRecovering, .storeRecovering),
        (StateError.storeNotResponding, .storeNotResponding),
        (StateError.storeNoQuorum, .storeNoQuorum),
        (StateError.closed, .closed),
    ]

    @Test func eachCodeHasAShortName() {
        #expect(Self.names.allSatisfy { $0.short == $0.code })
        #expect(Self.names.map(\.code) == StateError.Code.all)
    }

    @Test func aCatchMatchesTheCode() throws {
        let state = try State.withModels()
        let stale = try state.checkout(User.self)
        try state.update(User.self) { $0.name = "other" }
        func attempt(_ call: () throws -> Void) -> String {
            do {
                try call()
                return "none"
            } catch StateError.noCache {
                return "noCache"
            } catch StateError.conflict {
                return "conflict"
            } catch let error as StateError {
                return "code \(error.code)"
            } catch {
                return "other"
            }
        }
        #expect(attempt { try state.with(User.self) { try $0.commit(stale) } } == "conflict")
        #expect(attempt { try state.update(User.self, cache: true) { $0.name = "kept" } } == "noCache")
        #expect(attempt { _ = try state.checkout(Reading.self) } == "code notLoaded")
        #expect(attempt { throw CancellationError() } == "other")
    }

    @Test func aCatchMatchesWhereTheErrorIsTyped() throws {
        let state = try State()
        do throws(StateError) {
            _ = try state.checkout(User.self)
            Issue.record("User is not loaded")
        } catch StateError.notLoaded {
            return
        } catch {
            Issue.record(error)
        }
    }
}
