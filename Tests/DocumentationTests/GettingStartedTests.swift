import Myosin
import TestSupport
import Testing

/// The code of the article "Getting started".
@Suite struct GettingStartedTests {
    // DOC begins
    struct Thermostat: StateModel {
        var id = ModelID()
        var target: Double
        var isHeating = false

        func validate() throws {
            guard (5...35).contains(target) else { throw ValidationError(\Self.target, "must be from 5 to 35") }
        }
    }
    // DOC ends

    @Test func theTargetIsKept() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/made/on/the/way"
        // DOC begins
        let state = try State(cache: .directory(path))
        try state.load(Thermostat(target: 20))
        // DOC ends
        // DOC begins
        let thermostat = try state.checkout(Thermostat.self)
        print(thermostat.target)
        print("Now: \(thermostat)")
        // DOC ends
        let id = thermostat.id
        #expect(
            "Now: \(thermostat)"
                == "Now: \n{\n   \"id\": \"\(id)\",\n   \"target\": 20,\n   \"isHeating\": false\n}"
        )
        try Self.heat(state)
        // DOC begins
        try await state.update(Thermostat.self, cache: true) { $0.isHeating = true }
        // DOC ends
        try state.blocking.update(Thermostat.self) { $0.target = 22 }
        // DOC begins
        state.close()
        // DOC ends
        let again = try State(cache: .directory(path))
        #expect(try again.load(Thermostat(target: 20)).model == Thermostat(id: id, target: 21.5, isHeating: true))
    }

    private static func heat(_ state: State) throws {
        // DOC begins
        try state.update(Thermostat.self, cache: true) { thermostat in
            thermostat.target = 21.5
        }
        // DOC ends
    }

    @Test func whatIsNotValidIsRefused() throws {
        let state = try State()
        try state.load(Thermostat(target: 20))
        let error = #expect(throws: StateError.self) { try state.update(Thermostat.self) { $0.target = 100 } }
        #expect(error?.message == "Thermostat is not valid: /target must be from 5 to 35.")
        // DOC begins
        do {
            try state.update(Thermostat.self) { $0.target = 100 }
        } catch StateError.invalid {
            print("The target stays as it is.")
        }
        // DOC ends
        #expect(try state.checkout(Thermostat.self).target == 20)
    }

    @Test func changesAreFollowed() async throws {
        let state = try State()
        try state.load(Thermostat(target: 20))
        // DOC begins
        let subscription = try state.subscribe(Thermostat.self) { thermostat in
            print("The target is \(thermostat.target)")
        }
        // DOC ends
        var changes = state.changes(of: Thermostat.self).makeAsyncIterator()
        try state.blocking.update(Thermostat.self) { $0.target = 25 }
        #expect(await changes.next()?.model.target == 20)
        #expect(await changes.next()?.model.target == 25)
        subscription.cancel()
    }
}
