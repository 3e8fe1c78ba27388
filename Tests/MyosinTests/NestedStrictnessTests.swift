import Testing

@testable import Myosin

/// Fields inside of payloads and nested containers, and keys of dictionaries, are read as strictly as all others.
@Suite struct NestedStrictnessTests {
    enum Mode: Codable, Equatable, Sendable {
        case idle
        case charging(amps: Int, note: String?)
        case fault(String, Inner)
    }

    struct Inner: Codable, Equatable, Sendable { var x = 1 }

    enum Rail: Int, Codable, Sendable { case low = 24, high = 48 }

    /// Looks into a field before it decodes the field as a whole.
    struct Peeked: Codable, Equatable, Sendable {
        enum Key: String, CodingKey { case shape }
        enum Kind: String, CodingKey { case kind }
        struct Circle: Codable, Equatable, Sendable { var kind = "circle", radius = 1 }
        var circle = Circle()

        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            let kind = try fields.nestedContainer(keyedBy: Kind.self, forKey: .shape).decode(String.self, forKey: .kind)
            guard kind == "circle" else { throw ValidationError("/shape/kind", "must be circle") }
            circle = try fields.decode(Circle.self, forKey: .shape)
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Key.self)
            try fields.encode(circle, forKey: .shape)
        }
    }

    /// Reads nested containers of all kinds itself.
    struct ByHand: Decodable {
        enum Key: String, CodingKey { case a, b, base, list }
        let sum: Int

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            var list = try fields.nestedUnkeyedContainer(forKey: .list)
            let first = try list.nestedContainer(keyedBy: Key.self).decode(Int.self, forKey: .a)
            let second = try Inner(from: try list.superDecoder()).x
            // Two requests for one place read it together.
            let a = try fields.nestedContainer(keyedBy: Key.self, forKey: .base).decode(Int.self, forKey: .a)
            let b = try fields.nestedContainer(keyedBy: Key.self, forKey: .base).decode(Int.self, forKey: .b)
            let inner = try fields.superDecoder(forKey: .b).singleValueContainer().decode(Inner.self).x
            sum = first + second + a + b + inner
        }
    }

    private func faults(_ type: (some Decodable).Type, _ text: String) throws -> [String] {
        DocumentDecoder.faults(of: type, in: try JSONValue(parsing: text)).map { "\($0.pointer) \($0.detail)" }
    }

    @Test(arguments: [
        (#"{"idle":{}}"#, []), (#"{"charging":{"amps":1}}"#, []), (#"{"fault":{"_0":"a","_1":{"x":2}}}"#, []),
        (#"{"idle":{"x":1}}"#, ["/m/idle/x is not a field of this model"]),
        (#"{"charging":{"amps":1,"x":1}}"#, ["/m/charging/x is not a field of this model"]),
        (
            #"{"charging":{"amps":1,"nott":"a"}}"#,
            [#"/m/charging/nott is not a field of this model, did you mean "note"?"#]
        ),
        (
            #"{"fault":{"_0":"a","_1":{"x":2,"y":3},"_2":4}}"#,
            ["/m/fault/_1/y is not a field of this model", "/m/fault/_2 is not a field of this model"]
        ),
        (
            #"{"charging":{"amps":"a","x":1}}"#,
            ["/m/charging/amps must be an integer, got a string", "/m/charging/x is not a field of this model"]
        ),
        (#"{}"#, ["/m must have exactly one member, with the name of a case"]),
        (#"{"idle":{},"fault":{}}"#, ["/m must have exactly one member, with the name of a case"]),
    ])
    func payloadsAreStrict(_ text: String, _ expected: [String]) throws {
        struct Holder: Codable { var m: Mode }
        let found = try faults(Holder.self, #"{"m":\#(text)}"#)
        #expect(found.sorted() == expected.sorted())
        #expect(
            try faults([Mode].self, "[\(text)]") == found.map { $0.replacing("/m", with: "/0", maxReplacements: 1) }
        )
    }

    @Test func aPeekIsNoRefusal() throws {
        #expect(try faults(Peeked.self, #"{"shape":{"kind":"circle","radius":2}}"#) == [])
        let found = try faults(Peeked.self, #"{"shape":{"kind":"circle","radius":2,"x":1}}"#)
        #expect(found == ["/shape/x is not a field of this model"])
    }

    @Test func placesThatATypeReadsByHandAreStrict() throws {
        let good = #"{"list":[{"a":1},{"x":2}],"base":{"a":3,"b":4},"b":{"x":5}}"#
        #expect(try faults(ByHand.self, good) == [])
        #expect(try DocumentDecoder.decode(ByHand.self, from: JSONValue(parsing: good)).sum == 15)
        let bad = #"{"list":[{"a":1,"q":0},{"x":2,"q":0}],"base":{"a":3,"b":4,"q":0},"b":{"x":5,"q":0}}"#
        #expect(
            try faults(ByHand.self, bad).sorted()
                == ["/b/q", "/base/q", "/list/0/q", "/list/1/q"].map { "\($0) is not a field of this model" }
        )
    }

    @Test func aMigrationDropsFieldsOfPayloads() throws {
        struct Charger: StateModel {
            static var schemaVersion: Int { 2 }
            var id: ModelID = "c"
            var mode = Mode.idle
        }
        let text = #"{"id":"c","mode":{"charging":{"amps":1,"gone":2,"note":null}}}"#
        let migrated = try Charger.migrated(from: text, version: 1, defaults: Charger())
        #expect(migrated.mode == .charging(amps: 1, note: nil))
        let error = #expect(throws: StateError.self) { try Charger.migrated(from: text, version: 2) }
        #expect(error?.message.contains("/mode/charging/gone is not a field") == true, "\(error as Any)")
    }

    // MARK: Dictionaries

    @Test func aKeyIsThereOnce() throws {
        let twice = " must have each key once, got 2 keys, only 1 of them different"
        #expect(try faults([Int: String].self, #"{"1":"a","2":"b"}"#) == [])
        #expect(try faults([Int: String].self, #"{"1":"a","01":"b"}"#) == [twice])
        #expect(try faults([Rail: Int].self, "[24,1,48,2]") == [])
        #expect(try faults([Rail: Int].self, "[24,1,24,2]") == [twice])
        #expect(try faults([String: [Rail: Int]].self, #"{"a":[24,1,24,2]}"#) == ["/a" + twice])
        // A bad key stands for nothing.
        #expect(try faults([Int: Int].self, #"{"1":"x","2":"y"}"#).count == 2)
    }

    @Test func aPathHasTheNameOfTheKeyInDocuments() async throws {
        struct Board: StateModel {
            var id: ModelID = "b"
            var lines: [Int: Int] = [:]
            var nested: [[Int: Inner]] = [[:]]
        }
        let state = try State()
        try state.load(Board(lines: [7: 1]))
        func write(_ path: [String], _ value: JSONValue) async throws {
            _ = try await withCheckedThrowingContinuation { continuation in
                state.write([DocumentWrite("Board", .replaceField(path, value))]) { continuation.resume(with: $0) }
            }
        }
        func put(_ path: [String], _ value: JSONValue) async -> String {
            do {
                try await write(path, value)
                return ""
            } catch {
                return ((error as? StateError)?.underlying as? ValidationError).map(\.description) ?? "\(error)"
            }
        }
        #expect(await put(["lines", "8"], 2) == "")
        #expect(
            await put(["lines", "+9"], 2) == #"/lines/+9 has the name "9" in documents; use that name in the path"#
        )
        #expect(
            await put(["lines", "07"], 2) == "/lines must have each key once, got 3 keys, only 2 of them different"
        )
        #expect(await put(["nested", "0", "5"], ["x": 1]) == "")
        let other = #"/nested/0/+6 has the name "6" in documents; use that name in the path"#
        #expect(await put(["nested", "0", "+6"], ["x": 1]) == other)
        #expect(try state.checkout(Board.self).model == Board(lines: [7: 1, 8: 2], nested: [[5: Inner()]]))
    }
}
