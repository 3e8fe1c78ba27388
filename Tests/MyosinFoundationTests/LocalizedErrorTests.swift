import Exposition
import Foundation
import Myosin
import MyosinFoundation
import TestSupport
import Testing

/// The sentences that Foundation shows of the libraries' errors.
@Suite struct LocalizedErrorTests {
    private struct Tank: StateModel {
        var id: ModelID = "t1"
        var litres = 1

        func validate() throws {
            guard litres >= 0 else { throw ValidationError(\Self.litres, "must not be negative") }
        }
    }

    /// The text that a program gets that knows no type of the error.
    private func sentence(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return error.localizedDescription
        }
    }

    @Test func anErrorOfTheEngineHasItsMessage() throws {
        let state = try State()
        try state.load(Tank())
        let refused = sentence { try state.update(Tank.self) { $0.litres = -1 } }
        #expect(refused == "Tank is not valid: /litres must not be negative.")
    }

    @Test func theOthersHaveTheirSentences() {
        #expect(sentence { throw ValidationError("/litres", "is missing") } == "/litres is missing")
        #expect(sentence { _ = try JSONValue(parsing: "[1,") }.hasPrefix("The text "))
        #expect(sentence { _ = try Registry().counter(named: "a b", help: "") }.contains("a b"))
    }
}
