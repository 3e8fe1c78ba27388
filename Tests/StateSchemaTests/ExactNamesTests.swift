import Myosin
import Testing

@testable import StateSchema

/// Names and texts in schemas and their documents are compared by their code points, and integers keep their digits.
@Suite struct ExactNamesTests {
    private func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: Array(text.utf8)) else {
            throw ValidationError("", "is no object")
        }
        return object
    }

    private func text(_ object: JSONObject) -> String { JSONValue.object(object).description }

    private func declaration() throws -> JSONSchemaDeclaration {
        try DeclarationTests.declaration(
            #"""
            {"type":"object","required":["cafe\u0301"],"properties":{
              "id":{"default":"p"},"caf\u00e9":{"type":"integer","default":1},
              "cafe\u0301":{"type":"integer","default":2},
              "unit":{"enum":["K","\u212b"],"default":"K"},
              "list":{"type":"array","uniqueItems":true,"default":[],"items":{"type":"string"}},
              "free":{"type":"object","additionalProperties":true,"default":{}},
              "whole":{"type":"integer","default":0},"number":{"type":"number","default":0}}}
            """#
        )
    }

    @Test func fieldsThatLookAlikeAreTwo() throws {
        let model = try declaration()
        let base = try object(text(model.defaults))
        #expect(base["caf\u{e9}"] == 1 && base["cafe\u{301}"] == 2)
        let changed = try model.apply(.merge(try object(#"{"caf\u00e9":5}"#)), to: base)
        #expect(changed["caf\u{e9}"] == 5 && changed["cafe\u{301}"] == 2)
        // The required one is meant by its own spelling.
        let removal = #expect(throws: ValidationError.self) {
            try model.apply(.merge(try object(#"{"cafe\u0301":null}"#)), to: base)
        }
        #expect(removal?.faults.map(\.pointer) == ["/cafe\u{301}"])
        #expect(try model.apply(.merge(try object(#"{"caf\u00e9":null}"#)), to: base)["cafe\u{301}"] == 2)
        let free = try model.apply(
            .replaceField(["free"], try JSONValue(parsing: Array(#"{"K":1,"\u212a":2}"#.utf8))),
            to: base
        )
        #expect(free["free"] == .object(try object(#"{"\u212a":2,"K":1}"#)))
    }

    @Test func aChoiceHasItsSpellingOnly() throws {
        let model = try declaration()
        let base = try object(text(model.defaults))
        for other in [#""\u212a""#, #""\u00c5""#] {
            let change = DocumentChange.replaceField(["unit"], try JSONValue(parsing: Array(other.utf8)))
            let error = #expect(throws: ValidationError.self) { try model.apply(change, to: base) }
            #expect(error?.faults.map(\.code) == [.choice])
        }
        // Elements that look alike are not the same.
        let list = DocumentChange.replaceField(["list"], ["caf\u{e9}", "cafe\u{301}"])
        #expect(try model.apply(list, to: base)["list"] == ["caf\u{e9}", "cafe\u{301}"])
    }

    @Test func aSchemaMayNameBoth() throws {
        let error = #expect(throws: JSONSchemaError.self) {
            try DeclarationTests.declaration(
                #"{"type":"object","properties":{"K":{"default":1}},"required":["K","\u212a"]}"#
            )
        }
        #expect("\(try #require(error))".contains("is not among the properties"))
    }

    // MARK: Integers

    @Test(arguments: [
        ("whole", "1000000000000000000001", "1000000000000000000001"),
        ("whole", "-1000000000000000000001", "-1000000000000000000001"),
        ("whole", "1e21", "1000000000000000000000"), ("whole", "1.0e21", "1000000000000000000000"),
        ("whole", String(repeating: "7", count: 100), String(repeating: "7", count: 100)),
        // Beyond the length that is documented.
        ("whole", String(repeating: "7", count: 101), "7." + String(repeating: "7", count: 100) + "e+100"),
        ("whole", "1e100", "1e+100"), ("number", "1e21", "1e+21"),
        ("number", "100000000000000000000", "100000000000000000000"),
    ])
    func anIntegerStaysOne(_ field: String, _ sent: String, _ kept: String) throws {
        let model = try declaration()
        let base = try object(text(model.defaults))
        let changed = try model.apply(.merge(try object("{\"\(field)\":\(sent)}")), to: base)
        #expect(text(changed).contains("\"\(field)\":\(kept)"), "\(text(changed))")
        // Free values have no type that would say otherwise.
        let free = try model.apply(.merge(try object("{\"free\":{\"a\":[\(sent)]}}")), to: base)
        if field == "whole" { #expect(text(free).contains("[\(kept)]"), "\(text(free))") }
    }
}
