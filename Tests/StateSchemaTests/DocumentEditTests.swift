import Myosin
import Testing

@testable import StateSchema

/// What clients' writes make of a declared model's document.
@Suite struct DocumentEditTests {
    /// However many faults a change has, and however long the names in it are, a bounded part of them is kept.
    @Test func faultsAreBounded() throws {
        let text = #"{"type":"object","properties":{"map":{"type":"object","additionalProperties":{"type":"number"}}}}"#
        let declaration = try JSONSchemaDeclaration(name: "A", text: Array(text.utf8))
        let base = declaration.defaults
        let name = String(repeating: "n", count: 20_000)
        var (many, nulls, deep) = (JSONObject(), JSONObject(), JSONObject())
        for number in 0..<2_000 {
            many["f\(number)"] = .null
            nulls[name + "\(number)"] = .null
            deep[name + "\(number)"] = "text"
        }
        var map = JSONObject()
        map["map"] = .object(deep)
        for (change, most) in [(DocumentChange.merge(many), 100), (.merge(nulls), 2), (.replace(map), 2)] {
            let error = try #require(throws: ValidationError.self) { try declaration.apply(change, to: base) }
            #expect(!error.faults.isEmpty && error.faults.count <= most, "\(error.faults.count)")
        }
    }

    /// Null removes the fields that may be missing, however many.
    @Test func manyFieldsAreRemoved() throws {
        let text = #"{"type":"object","additionalProperties":true}"#
        let declaration = try JSONSchemaDeclaration(name: "A", text: Array(text.utf8))
        var (base, patch) = (declaration.defaults, JSONObject())
        for number in 0..<5_000 { base["f\(number)"] = .bool(true) }
        for number in 0..<5_000 where number % 1_000 != 7 { patch["f\(number)"] = .null }
        let document = try declaration.apply(.merge(patch), to: base)
        #expect(document.keys == ["id", "f1007", "f2007", "f3007", "f4007", "f7"])
    }

    private static let schema = """
        {"type": "object", "required": ["name", "serial", "place"], "properties": {
          "id": {"default": "p1"},
          "name": {"type": "string", "default": "main"},
          "serial": {"type": "string", "readOnly": true, "default": "S-1"},
          "level": {"type": "number", "default": 0.5},
          "note": {"type": ["string", "null"]},
          "extra": {"type": "string"},
          "place": {"type": "object", "required": ["room"], "properties": {
            "room": {"type": "string", "default": "hall"}, "floor": {"type": "integer"},
            "sealed": {"type": "boolean", "readOnly": true, "default": true}}},
          "free": {"type": "object", "additionalProperties": {"type": "number"}},
          "list": {"type": "array", "items": {"type": "object", "properties": {"b": {}, "a": {}}}}}}
        """

    private static let base =
        #"{"id":"p1","name":"main","serial":"S-1","level":0.5,"place":{"room":"hall","sealed":true}}"#

    private func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: text) else { throw ValidationError("", "is no object") }
        return object
    }

    private func outcome(_ change: DocumentChange, of base: String = base) throws -> String {
        let declaration = try DeclarationTests.declaration(Self.schema)
        do {
            return JSONValue.object(try declaration.apply(change, to: try object(base))).description
        } catch {
            return "\(error)"
        }
    }

    @Test func theDefaultsAreTheBase() throws {
        #expect(JSONValue.object(try DeclarationTests.declaration(Self.schema).defaults).description == Self.base)
    }

    @Test(arguments: [
        // Read-only fields stay, optional ones get their defaults, all are in order and numbers in one spelling.
        (
            #"{"level":0.50,"place":{"floor":1e1,"room":"x"},"name":"n"}"#,
            #"{"id":"p1","name":"n","serial":"S-1","level":0.5,"place":{"room":"x","floor":10,"sealed":true}}"#
        ),
        (
            #"{"name":"n","place":{"room":"x"},"serial":"S-1","id":"p1"}"#,
            #"{"id":"p1","name":"n","serial":"S-1","level":0.5,"place":{"room":"x","sealed":true}}"#
        ),
        // Others stand behind the declared ones, in order of their names, at every level.
        (
            #"{"free":{"z":1,"a":2.0},"list":[{"a":{"y":1,"x":2},"b":1}],"name":"n","place":{"room":"x"}}"#,
            #"{"id":"p1","name":"n","serial":"S-1","level":0.5,"place":{"room":"x","sealed":true},"free":{"a":2,"z":1},"#
                + #""list":[{"b":1,"a":{"x":2,"y":1}}]}"#
        ),
        (#"{"name":"n"}"#, "/place is missing"),
        (
            #"{"nmae":"n","place":{"room":1},"serial":"S-2","id":"p2","level":1e9999999999999}"#,
            #"/id is the server's and cannot be changed; leave it out, or send "p1"; "#
                + #"/serial is read-only; leave it out, or send "S-1"; /level has an exponent that is too large; "#
                + #"/name is missing; /place/room must be a string, got 1; "#
                + #"/nmae is not a field of this model, did you mean "name"?"#
        ),
        (
            #"{"name":"n","place":{"room":"x","sealed":false}}"#,
            "/place/sealed is read-only; leave it out, or send true"
        ),
    ])
    func replacing(_ document: String, _ expected: String) throws {
        #expect(try outcome(.replace(try object(document))) == expected)
    }

    @Test(arguments: [
        (#"{"name":"n"}"#, #"{"id":"p1","name":"n","serial":"S-1","level":0.5,"place":{"room":"hall","sealed":true}}"#),
        // Null sets where null may be, removes what may be missing, which brings the default back, and is a fault elsewhere.
        (
            #"{"note":null,"extra":null,"level":null}"#,
            #"{"id":"p1","name":"main","serial":"S-1","level":0.5,"note":null,"place":{"room":"hall","sealed":true}}"#
        ),
        (#"{"name":null}"#, "/name must have a value, got null"),
        (#"{"serial":null}"#, "/serial must have a value, got null"),
        (#"{"place":{"room":null,"floor":null}}"#, "/place/room must have a value, got null"),
        (#"{"place":{"sealed":null}}"#, "/place/sealed must have a value, got null"),
        (#"{"nmae":null}"#, "/nmae is not a field of this model"),
        (
            #"{"free":{"a":1,"b":null}}"#,
            #"{"id":"p1","name":"main","serial":"S-1","level":0.5,"place":{"room":"hall","sealed":true},"free":{"a":1}}"#
        ),
        (#"{"place":7}"#, "/place must be an object, got 7"),
        (#"{"id":"p2"}"#, #"/id is the server's and cannot be changed; leave it out, or send "p1""#),
    ])
    func merging(_ patch: String, _ expected: String) throws {
        #expect(try outcome(.merge(try object(patch))) == expected)
    }

    @Test func replacingAField() throws {
        #expect(
            try outcome(.replaceField(["place", "floor"], 3))
                == #"{"id":"p1","name":"main","serial":"S-1","level":0.5,"place":{"room":"hall","floor":3,"sealed":true}}"#
        )
        #expect(try outcome(.replaceField(["place", "room"], 3)) == "/place/room must be a string, got 3")
        #expect(try outcome(.replaceField(["list", "0", "a"], 3)) == "/list must be an array, got an object")
        #expect(try outcome(.replaceField(["serial"], "S-2")) == #"/serial is read-only; leave it out, or send "S-1""#)
    }

    @Test func theDefaultsAreRestoredAndTheIdentityStays() throws {
        let changed = #"{"id":7,"name":"x","serial":"S-9","place":{"room":"y"}}"#
        #expect(
            try outcome(.restoreDefaults, of: changed)
                == #"{"id":7,"name":"main","serial":"S-1","level":0.5,"place":{"room":"hall","sealed":true}}"#
        )
    }

    @Test func aRisenVersionFillsMissingFieldsAndDropsUnknownOnes() throws {
        var document = try object(
            #"{"old":1,"name":"x","place":{"room":"y","gone":2},"free":{"z":1,"a":"kept"},"id":7}"#
        )
        let changes = try DeclarationTests.declaration(Self.schema).complete(&document)
        #expect(changes.dropped == ["/place/gone", "/old"])
        #expect(changes.filled == ["/serial", "/level", "/place/sealed"])
        #expect(
            JSONValue.object(document).description
                == #"{"id":7,"name":"x","serial":"S-1","level":0.5,"place":{"room":"y","sealed":true},"free":{"a":"kept","z":1}}"#
        )
    }
}
