import Myosin
import Testing

@Suite struct ContextTests {
    @Test func aCommittedChangeIsSeenByTheNextCheckout() throws {
        let state = try State.withModels()
        let before = try state.checkout(User.self).checkedOutRevision
        try state.with(User.self) { context in
            var user = try context.checkout(User.self)
            user.name = "cS"
            try context.commit(user)
        }
        let user = try state.checkout(User.self)
        #expect(user.name == "cS" && user.email == "chris@email.com")
        #expect(user.checkedOutRevision == before + 2, "System took the number between")
    }

    @Test func aLocalChangeDoesNotReachTheState() throws {
        let state = try State.withModels()
        var user = try state.checkout(User.self)
        user.name = "mine"
        #expect(try state.checkout(User.self).name == "chris")
    }

    @Test func aThrowInTheClosureUndoesEverything() throws {
        struct Failure: Error {}
        let state = try State.withModels()
        let before = (try state.checkout(User.self), try state.checkout(System.self))
        #expect(throws: Failure.self) {
            try state.update(User.self, System.self) { models in
                models.0.name = "half"
                models.1.online = true
                throw Failure()
            }
        }
        #expect(try state.checkout(User.self) == before.0)
        #expect(try state.checkout(System.self) == before.1)
    }

    @Test func anInvalidCommitThrowsWithItsPointerAndChangesNothing() throws {
        let state = try State.withModels()
        let error = #expect(throws: StateError.self) {
            try state.update(User.self, System.self) { models in
                models.0.email = "nowhere"
                models.1.online = true
            }
        }
        #expect(error?.code == .invalid)
        #expect((error?.underlying as? ValidationError)?.faults.map(\.pointer) == ["/email"])
        #expect(try state.checkout(System.self).online == false)
    }

    @Test func modelsChangedTogetherGetOneRevision() throws {
        let state = try State.withModels()
        try state.update(User.self, System.self) {
            $0.0.name = "x"; $0.1.online = true
        }
        let user = try state.checkout(User.self)
        #expect(user.checkedOutRevision == (try state.checkout(System.self).checkedOutRevision))
    }

    @Test func anEqualCommitKeepsTheRevision() throws {
        let state = try State.withModels()
        let before = try state.checkout(User.self).checkedOutRevision
        try state.update(User.self) { $0.name = "chris" }
        #expect(try state.checkout(User.self).checkedOutRevision == before)
    }

    @Test func aModelOutsideOfTheContextIsRefused() throws {
        let state = try State.withModels()
        let error = #expect(throws: StateError.self) {
            try state.with(User.self) { _ = try $0.checkout(System.self) }
        }
        #expect(error?.code == .notInContext)
        #expect(error?.message.contains("state.with(User.self, System.self)") == true)
    }

    @Test func anEndedContextIsRefused() throws {
        let state = try State.withModels()
        var escaped: Context?
        try state.with(User.self) { escaped = $0 }
        let error = #expect(throws: StateError.self) { _ = try escaped?.checkout(User.self) }
        #expect(error?.code == .contextEnded)
    }

    @Test(arguments: ["with", "load", "reset", "another state"])
    func aContextInAContextIsRefusedAtOnce(_ how: String) throws {
        let (state, other) = (try State.withModels(), try State.withModels())
        let error = #expect(throws: StateError.self) {
            try state.with(User.self) { _ in
                switch how {
                case "with": try state.with(User.self) { _ in }
                case "load": try state.load(Reading(temperature: 1))
                case "reset": try state.reset()
                default: try other.with(System.self) { _ in }
                }
            }
        }
        #expect(error?.code == .nestedContext)
        try state.with(User.self) { _ in }
    }

    @Test func readersDoNotWaitForAContext() throws {
        let state = try State.withModels()
        try state.with(User.self) { context in
            var user = try context.checkout(User.self)
            user.name = "inside"
            try context.commit(user)
            #expect(try context.checkout(User.self).name == "inside")
            #expect(try state.checkout(User.self).name == "chris")
        }
    }

    @Test func resetRestoresTheDefaultsAndKeepsIdentityAndSubscribers() async throws {
        let state = try State.withModels()
        var changes = state.changes(of: User.self).makeAsyncIterator()
        #expect(await changes.next()?.model == chris)
        try state.blocking.update(User.self) { $0 = User(id: "u2", name: "b", email: "b@c") }
        #expect(await changes.next()?.model.name == "b")
        let before = try state.checkout(User.self).checkedOutRevision
        try state.blocking.reset()
        let user = try state.checkout(User.self)
        #expect(user.model == User(id: "u2", name: "chris", email: "chris@email.com"))
        #expect(user.checkedOutRevision > before)
        #expect(await changes.next()?.revision == user.checkedOutRevision)
    }

    @Test func loadingAgainKeepsThePresentValue() throws {
        let state = try State.withModels()
        try state.update(User.self) { $0.name = "kept" }
        let user = try state.load(User(name: "new", email: "n@e"))
        #expect(user.name == "kept")
    }

    @Test func twoTypesOfOneNameAreRefused() throws {
        struct Impostor: StateModel {
            static let modelName = "User"
            var id = ModelID()
        }
        let state = try State.withModels()
        let error = #expect(throws: StateError.self) { try state.load(Impostor()) }
        #expect(error?.code == .nameTaken)
    }

    @Test func anUnloadedModelIsToldHowToLoadIt() throws {
        let error = #expect(throws: StateError.self) { _ = try State().checkout(User.self) }
        #expect(error?.message == "User is not loaded. Call state.load(User(…)) with its defaults first.")
    }

    @Test func aCachedCommitWithoutAStoreNamesTheVariable() throws {
        let state = try State.withModels()
        let error = #expect(throws: StateError.self) { try state.update(User.self, cache: true) { $0.name = "x" } }
        #expect(error?.code == .noCache)
        #expect(error?.message.contains("MYOSIN_CACHE_BASE_PATH") == true)
        #expect(try state.checkout(User.self).name == "chris")
    }

    @Test func aModelIsLoggedAsIndentedJSONWithItsIdentityFirst() throws {
        let user = try State.withModels().checkout(User.self)
        #expect(
            "User: \(user)" == """
                User: 
                {
                   "id": "u1",
                   "name": "chris",
                   "email": "chris@email.com"
                }
                """
        )
    }
}
