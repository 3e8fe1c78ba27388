import Myosin
import Testing

@testable import StateSchema

/// How much it takes to check documents is known from the schema.
@Suite struct CheckCostTests {
    private static let schemas: [(schema: String, once: Int, repeated: Int)] = [
        // The model, `id` and the properties, for each of which it is looked, too. An unknown field is refused by a rule.
        (#"{"type":"object","properties":{"a":{},"b":{}}}"#, 7, 1),
        (#"{"type":"object","properties":{"a":{"default":1}},"required":["a"]}"#, 6, 1),
        (#"{"type":"object","additionalProperties":true}"#, 3, 1),
        (#"{"type":"object","properties":{"a":{"items":{"type":"number"}}}}"#, 5, 1),
        (#"{"type":"object","properties":{"a":{"prefixItems":[{},{}],"items":{}}}}"#, 7, 1),
        // A row has three properties, of which one is required.
        (
            #"{"type":"object","properties":{"a":{"items":{"properties":{"x":{},"y":{},"z":{}},"required":["x"]}}}}"#,
            5, 5
        ),
        // The elements of rows count like the rows.
        (#"{"type":"object","properties":{"a":{"items":{"items":{"anyOf":[{},{},{}]}}}}}"#, 5, 4),
        // What several parts say of the same elements is added.
        (#"{"type":"object","properties":{"a":{"items":{},"anyOf":[{"items":{}},{"not":{"items":{}}}]}}}"#, 8, 3),
        (##"{"type":"object","$defs":{"d":{"enum":[1]}},"properties":{"a":{"items":{"$ref":"#/$defs/d"}}}}"##, 5, 2),
    ]

    @Test(arguments: schemas) func everyRuleIsCounted(schema: String, once: Int, repeated: Int) throws {
        let declaration = try JSONSchemaDeclaration(name: "A", text: Array(schema.utf8))
        #expect(declaration.cost == CheckCost(once: once, repeated: repeated))
    }

    /// A value takes two bytes or more: itself, and what is between it and the next one.
    @Test func theRulesOfADocumentAreBounded() {
        #expect(CheckCost(once: 5, repeated: 3).rules(forBytes: 100) == 155)
    }
}
