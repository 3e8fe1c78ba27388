import Myosin
import Testing

/// The code of the article "Gotchas".
@Suite struct GotchasTests {
    struct Lamp: StateModel {
        var id = ModelID()
        var isOn = false
        var brightness = 1.0
    }

    private let state: State

    init() throws {
        state = try State()
        // DOC begins
        try state.load(Lamp(id: "lamp-1"))
        // DOC ends
    }

    @Test func loadingTwiceChangesNothing() throws {
        #expect(try state.load(Lamp(id: "lamp-2")).id == "lamp-1")
    }

    @Test func theCopyComesFromTheContext() throws {
        // DOC begins
        try state.with(Lamp.self) { context in
            var lamp = try context.checkout(Lamp.self)  // not state.checkout
            lamp.isOn.toggle()
            try context.commit(lamp)
        }
        // DOC ends
        #expect(try state.checkout(Lamp.self).isOn)
    }

    @Test func aNumberThatJSONDoesNotHaveIsRefused() throws {
        // DOC begins
        do {
            try state.update(Lamp.self) { $0.brightness = .nan }
        } catch StateError.invalid {
            print("The brightness must be a number.")
        }
        // DOC ends
        #expect(try state.checkout(Lamp.self).brightness == 1)
        let error = #expect(throws: StateError.self) { try state.update(Lamp.self) { $0.brightness = .infinity } }
        #expect(error?.code == .invalid)
    }

    @Test func errorsAreToldApartByTheirCodes() throws {
        // DOC begins
        do {
            try state.update(Lamp.self, cache: true) { $0.isOn = true }
        } catch StateError.noCache {
            print("nothing is kept here")
        } catch StateError.storeFull {
            print("make room")
        }
        // DOC ends
        #expect(try !state.checkout(Lamp.self).isOn)
    }

    @Test func namesAreThoseOfTheTypesAlone() throws {
        enum Hall {
            struct Lamp: StateModel { var id = ModelID() }
        }
        struct Pair<Element: Codable & Sendable & Equatable>: StateModel {
            var id = ModelID()
            var first, second: Element
        }
        let taken = #expect(throws: StateError.self) { try state.load(Hall.Lamp()) }
        #expect(taken?.code == .nameTaken)
        let bad = #expect(throws: StateError.self) { try state.load(Pair(first: 1, second: 2)) }
        #expect(bad?.code == .badName)
    }
}
