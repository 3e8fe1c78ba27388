import Myosin
import Testing

@Suite struct ConflictTests {
    let state: State

    init() throws { state = try State.withModels() }

    @Test func aStaleCheckoutConflicts() throws {
        var stale = try state.checkout(User.self)
        try state.update(User.self) { $0.name = "other" }
        let current = try state.checkout(User.self).checkedOutRevision
        stale.name = "mine"
        let error = #expect(throws: StateError.self) { try state.with(User.self) { try $0.commit(stale) } }
        #expect(error?.code == .conflict && error?.model == "User")
        #expect(error?.expectedRevision == stale.checkedOutRevision && error?.currentRevision == current)
        #expect(
            error?.message
                == "User was changed since its checkout: it is at revision \(current), the checkout at "
                + "\(stale.checkedOutRevision). Check it out again and repeat the change."
        )
        #expect(try state.checkout(User.self).name == "other")
    }

    @Test func aCheckoutFromOutsideIsCommittedWhileTheModelStandsStill() throws {
        var user = try state.checkout(User.self)
        user.name = "mine"
        try state.update(System.self) { $0.restarts += 1 }
        try state.with(User.self) { try $0.commit(user) }
        #expect(try state.checkout(User.self).name == "mine")
    }

    @Test func theSecondOfTwoCheckoutsInOneContextConflicts() throws {
        let error = #expect(throws: StateError.self) {
            try state.with(User.self) { context in
                var (first, second) = (try context.checkout(User.self), try context.checkout(User.self))
                first.name = "first"
                second.email = "second@email.com"
                try context.commit(first)
                try context.commit(second)
            }
        }
        #expect(error?.code == .conflict)
        #expect(try state.checkout(User.self).model == chris)
    }

    @Test func oneCheckoutMayBeCommittedAgainAndAgain() throws {
        try state.with(User.self) { context in
            var user = try context.checkout(User.self)
            user.name = "a"
            try context.commit(user)
            user.name += "b"
            try context.commit(user)
            var again = try context.checkout(User.self)
            again.name += "c"
            try context.commit(again)
        }
        #expect(try state.checkout(User.self).name == "abc")
    }

    @Test func ofTwoCheckoutsFromOutsideTheSecondConflicts() throws {
        let (first, second) = (try state.checkout(User.self), try state.checkout(User.self))
        let error = #expect(throws: StateError.self) {
            try state.with(User.self) { context in
                try context.commit(first)
                try context.commit(second)
            }
        }
        #expect(error?.code == .conflict)
    }

    @Test func aConflictThatTheClosureCatchesLeavesTheContextUsable() throws {
        let stale = try state.checkout(User.self)
        try state.update(User.self) { $0.name = "other" }
        try state.with(User.self) { context in
            #expect(throws: StateError.self) { try context.commit(stale) }
            var user = try context.checkout(User.self)
            user.name += " and mine"
            try context.commit(user)
        }
        #expect(try state.checkout(User.self).name == "other and mine")
    }

    @Test func aCheckoutOfSeveralModelsIsOfOneMomentAndIgnoresContexts() throws {
        try state.with(User.self, System.self) { context in
            var user = try context.checkout(User.self)
            user.name = "inside"
            try context.commit(user)
            let (outside, system) = try state.checkout(User.self, System.self)
            #expect(outside.name == "chris" && system.restarts == 0)
        }
        let (user, system, again) = try state.checkout(User.self, System.self, User.self)
        #expect(user.name == "inside" && again == user)
        #expect(system.checkedOutRevision == (try state.checkout(System.self)).checkedOutRevision)
        let error = #expect(throws: StateError.self) { _ = try state.checkout(User.self, Reading.self) }
        #expect(error?.code == .notLoaded && error?.model == "Reading")
    }
}
