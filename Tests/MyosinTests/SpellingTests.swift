import Myosin
import TestSupport
import Testing

/// Texts that look alike and have other code points are different texts (RFC 8259, section 8.3).
@Suite struct SpellingTests {
    /// Pairs that `String` takes for equal.
    private static let twins = [
        ("K", "\u{212A}"), ("caf\u{e9}", "cafe\u{301}"), ("\u{212B}", "\u{c5}"), (";", "\u{37e}"),
        ("a\u{316}\u{301}", "a\u{301}\u{316}"),
    ]

    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    /// Few fields are searched one by one, many by a table.
    @Test(arguments: twins, [0, 40])
    func anObjectHasBothFields(_ twins: (String, String), _ others: Int) throws {
        #expect(twins.0 == twins.1)
        let more = (0..<others).map { ",\"k\($0)\":0" }.joined()
        guard case .object(var object) = try parse("{\"\(twins.0)\":1,\"\(twins.1)\":2\(more)}") else {
            throw ValidationError("", "is no object")
        }
        #expect(object[twins.0] == 1 && object[twins.1] == 2)
        object.rename(twins.0, to: "new")
        #expect(object[twins.0] == nil && object["new"] == 1 && object[twins.1] == 2)
        object["new"] = JSONValue?.none
        object[twins.0] = 3
        object.remove([twins.1])
        #expect(object[twins.0] == 3 && object[twins.1] == nil)
        #expect(JSONValue.object(object) != (try parse("{\"\(twins.1)\":3\(more)}")))
    }

    @Test(arguments: twins) func twinsAreNotEqual(_ twins: (String, String)) throws {
        #expect(JSONValue.string(twins.0) != .string(twins.1))
        #expect(ModelID(twins.0) != ModelID(twins.1))
        #expect(Set([ModelID(twins.0), ModelID(twins.1)]).count == 2)
    }

    @Test(arguments: twins) func aPatchIsForTheFieldThatItNames(_ twins: (String, String)) throws {
        let document = try parse("{\"\(twins.0)\":1,\"\(twins.1)\":2}")
        #expect(document.merging(try parse("{\"\(twins.1)\":null}")) == (try parse("{\"\(twins.0)\":1}")))
        #expect(document.value(at: [twins.1]) == 2)
        let patched = document.merging(try parse("{\"\(twins.0)\":{\"a\":3}}"))
        #expect(patched == (try parse("{\"\(twins.0)\":{\"a\":3},\"\(twins.1)\":2}")))
    }

    // MARK: Swift models

    private enum Unit: String, Codable, CaseIterable, Sendable {
        case kelvin = "K"
        case cafe = "caf\u{e9}"
        case greek = "\u{212B}"
    }

    private struct Kelvin: StateModel {
        var id = ModelID()
        var unit = Unit.kelvin
        var units: [Unit] = []
        var chosen: Set<Unit> = []
        var names: [String: Int] = [:]
        var tags: Set<String> = []
        var text = ""
    }

    private func write(_ change: DocumentChange, to state: State) async throws {
        _ = try await withCheckedThrowingContinuation { continuation in
            state.write([DocumentWrite("Kelvin", change)]) { continuation.resume(with: $0) }
        }
    }

    private func faults(of change: DocumentChange) async throws -> [String] {
        let state = try State(cache: .none)
        defer { state.close() }
        try state.load(Kelvin())
        let before = state.snapshot(of: "Kelvin")?.document
        do {
            try await write(change, to: state)
            return []
        } catch let error as StateError {
            #expect(state.snapshot(of: "Kelvin")?.document == before)
            #expect(error.code == .invalid)
            return (error.underlying as? ValidationError)?.faults.map { "\($0.pointer) \($0.detail)" } ?? ["\(error)"]
        }
    }

    @Test(arguments: [
        (#"{"unit":"\u212a"}"#, [#"/unit must be "K" with these code points, got "\u212a""#]),
        (
            #"{"units":["K","cafe\u0301"]}"#,
            [#"/units/1 must be "caf\u00e9" with these code points, got "cafe\u0301""#]
        ),
        (#"{"units":["\u00c5"]}"#, [#"/units/0 must be "\u212b" with these code points, got "\u00c5""#]),
        (
            #"{"chosen":["caf\u00e9","\u212a"]}"#,
            [#"/chosen/1 must be "K" with these code points, got "\u212a""#]
        ),
        (
            #"{"text":"fine","\u212a":1}"#,
            ["/\u{212A} is not a field of this model"]
        ),
        (#"{"unit":"K","units":["caf\u00e9"],"names":{"\u212a":1},"tags":["\u212a"],"text":"\u212a"}"#, []),
    ])
    func anEnumerationTakesItsOwnSpelling(_ patch: String, _ expected: [String]) async throws {
        guard case .object(let object) = try parse(patch) else { throw ValidationError("", "is no object") }
        #expect(try await faults(of: .merge(object)) == expected)
        let fields = Array(object)
        if fields.count == 1 {
            #expect(try await faults(of: .replaceField([fields[0].0], fields[0].1)) == expected)
        }
        guard case .object(var whole) = try JSONValue.object(Kelvin().document()).merging(.object(object)) else {
            throw ValidationError("", "is no object")
        }
        whole["id"] = JSONValue?.none
        #expect(try await faults(of: .replace(whole)) == expected)
    }

    /// A dictionary or a set keeps one of them only.
    @Test(arguments: [
        #"{"names":{"caf\u00e9":1,"cafe\u0301":2}}"#, #"{"tags":["caf\u00e9","cafe\u0301"]}"#,
        #"{"names":{"K":1,"\u212a":2}}"#,
    ])
    func nothingIsLostBetweenTwins(_ patch: String) async throws {
        guard case .object(let object) = try parse(patch) else { throw ValidationError("", "is no object") }
        let found = try await faults(of: .merge(object))
        #expect(found.count == 1 && found[0].contains("with these code points"), "\(found)")
    }

    /// A field whose name looks like a wrong one is offered with its code points.
    @Test func aTwinOfAFieldIsShown() async throws {
        struct Cafe: StateModel {
            var id = ModelID()
            var café = 1
        }
        let document = try parse("{\"id\":\"a\",\"cafe\\u0301\":2}")
        guard case .object(let object) = document else { throw ValidationError("", "is no object") }
        let error = #expect(throws: ValidationError.self) { try Cafe(document: object) }
        let details = error?.faults.map(\.detail) ?? []
        let question = #"is not a field of this model, did you mean "caf\u00e9", with these code points?"#
        #expect(details.contains(question), "\(details)")
    }

    @Test func aModelHasItsNameOnly() throws {
        let state = try State(cache: .none)
        defer { state.close() }
        try state.load(Kelvin())
        #expect(state.hasModel(named: "Kelvin") && !state.hasModel(named: "\u{212A}elvin"))
        #expect(state.snapshot(of: "\u{212A}elvin") == nil)
    }
}
