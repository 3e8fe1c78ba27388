import Myosin
import Testing

@testable import StateSchema

/// Schemas as files declare models with them: what is added, what is refused.
@Suite struct DeclarationTests {
    static func declaration(_ text: String, named name: String = "Pump") throws -> JSONSchemaDeclaration {
        try JSONSchemaDeclaration(name: name, text: Array(text.utf8))
    }

    /// The faults of a schema, each as a text; none if it is accepted.
    static func faults(_ text: String) -> [String] {
        do {
            _ = try declaration(text)
            return []
        } catch {
            return (error as? JSONSchemaError)?.faults.map { "\($0.pointer) \($0.detail)" } ?? ["\(error)"]
        }
    }

    // MARK: The schema that is served

    @Test func theIdentityIsAddedAndTheModelIsClosed() throws {
        let declaration = try Self.declaration(
            #"{"type":"object","properties":{"on":{"type":"boolean","default":false}},"required":["on"],"x-version":3}"#
        )
        #expect(
            JSONValue.object(declaration.schema).description
                == #"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Pump","type":"object","#
                + #""properties":{"id":{"type":["string","integer"],"readOnly":true},"on":{"type":"boolean","default":false}},"#
                + #""required":["on"],"x-version":3,"additionalProperties":false}"#
        )
        #expect(declaration.schemaVersion == 3 && declaration.isDurable && !declaration.requiresRevision)
    }

    /// What a property's schema becomes.
    private func closed(_ schema: String) throws -> String {
        let text =
            #"{"type":"object","properties":{"a":\#(schema)},"$defs":{"d":{"type":"object","properties":{"x":{}}}}}"#
        let declaration = try Self.declaration(text)
        return declaration.schema["properties"].flatMap { $0.value(at: ["a"]) }?.description ?? ""
    }

    @Test(arguments: [
        (
            #"{"type":"object","properties":{"b":{}}}"#,
            #"{"type":"object","properties":{"b":{}},"additionalProperties":false}"#
        ),
        (#"{"type":"object","additionalProperties":true}"#, #"{"type":"object","additionalProperties":true}"#),
        (
            #"{"type":"array","items":{"properties":{"b":{}}}}"#,
            #"{"type":"array","items":{"properties":{"b":{}},"additionalProperties":false}}"#
        ),
        (#"{"type":"number"}"#, #"{"type":"number"}"#),
        ("{}", "{}"),
        // Parts that concern one value belong together.
        (
            ##"{"$ref":"#/$defs/d","properties":{"y":{}}}"##,
            ##"{"$ref":"#/$defs/d","properties":{"y":{},"x":{}},"additionalProperties":false}"##
        ),
        (
            #"{"anyOf":[{"type":"object","properties":{"b":{}}},{"type":"null"}]}"#,
            #"{"anyOf":[{"type":"object","properties":{"b":{}}},{"type":"null"}],"properties":{"b":{}},"additionalProperties":false}"#
        ),
        (
            #"{"allOf":[{"properties":{"b":{}}},{"additionalProperties":{"type":"number"}}]}"#,
            #"{"allOf":[{"properties":{"b":{}}},{"additionalProperties":{"type":"number"}}]}"#
        ),
        (#"{"not":{"properties":{"b":{}}}}"#, #"{"not":{"properties":{"b":{}}}}"#),
    ])
    func anObjectHasNoFieldsButThoseThatAreDeclared(_ written: String, _ served: String) throws {
        #expect(try closed(written) == served)
    }

    // MARK: What is refused

    private static let defaultAdvice =
        #"add "default" with the value to begin with, or take its name out of "required""#

    @Test(arguments: [
        (#"{"type":"object""#, [" is not JSON: it ends inside an object (byte 16, line 1, column 17)"]),
        ("[]", [" must be an object, got an array"]),
        ("{}", [#"/type is missing; add "type": "object", because a model is an object"#]),
        (
            #"{"type":["object","null"],"properties":{"a":{}}}"#,
            [#"/type must be "object", because a model is an object, got ["object","null"]"#]
        ),
        (
            #"{"type":"object","propertys":{}}"#, ["/propertys is not a keyword, did you mean properties?"]
        ),
        (
            #"{"type":"object","properties":{"a":{"minimun":1,"pattern":"x"}}}"#,
            [
                "/properties/a/minimun is not a keyword, did you mean minimum?",
                "/properties/a/pattern is a keyword that is not supported here; use format or enum",
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"object","properties":{"c":{}},"required":["c"]}},"required":["a","b"]}"#,
            [
                "/properties/a is required and has no default; \(Self.defaultAdvice)",
                "/properties/b/properties/c is required and has no default; \(Self.defaultAdvice)",
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"number","maximum":1,"default":2,"examples":["x"]}}}"#,
            [
                "/properties/a/default must be at most 1, got 2",
                "/properties/a/examples/0 must be a number, got a string",
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{}},"required":["b"]}"#,
            [#"/required names "b", which is not among the properties; add it there, or take it out"#]
        ),
        (
            #"{"type":"object","properties":{"flow":{}},"required":["flaw"]}"#,
            [#"/required names "flaw", which is not among the properties; did you mean "flow"?"#]
        ),
        (
            #"{"type":"object","properties":{"a":{"x-unit":"celsius"}}}"#,
            [#"/properties/a/x-unit is for numbers, and the type is missing here; add "type": "number""#]
        ),
        (
            #"{"type":"object","x-max-bytes":9,"properties":{"a":{"default":"long"}}}"#,
            ["/x-max-bytes is 9, and the defaults have 12 bytes; raise it"]
        ),
        (
            "{\"type\":\"object\", // a comment\n}",
            [
                " is not JSON: it has a comment, which JSON does not have; take it out (byte 18, line 1, column 19); "
                    + #""$comment" in a schema keeps its text"#
            ]
        ),
        (
            ##"{"type":"object","properties":{"a":{"$ref":"#"}}}"##,
            ["/properties/a/$ref leads back to where it stands; a schema cannot contain itself here"]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"object"}}}"#,
            [
                #"/properties/a describes objects without any field; add properties, or "additionalProperties": true where anything may stand in it"#
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"string","x-unit":"celsius"},"b":{"type":"array","items":{"readOnly":true}},"id":{"type":"number"}}}"#,
            [
                "/properties/a/x-unit is for numbers, and the type here is none; take x-unit out",
                "/properties/b/items/readOnly has no effect inside of arrays, alternatives and free-form objects; take it out",
                #"/properties/id/type must be "string", "integer" or both: that is what an id can be"#,
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"integer","x-metric-type":"counter"},"b":{"type":"boolean","x-metric-type":"counter"},"c":{"type":"string","x-metric-type":"gauge"},"d":{"type":"number","exclusiveMinimum":-1,"x-metric-type":"counter"},"e":{"type":["integer","null"],"allOf":[{"minimum":0}],"x-metric-type":"counter"},"f":{"type":"boolean","x-metric-type":"gauge"},"g":{"type":["integer","string"],"minimum":0,"x-metric-type":"counter"}}}"#,
            [
                #"/properties/a/x-metric-type is counter, and a counter is never negative; write "minimum": 0 beside it"#,
                #"/properties/b/x-metric-type is counter, which is for numbers; write "type": "integer" or "number""#,
                "/properties/c/x-metric-type is for numbers, booleans and date-times; the type here is none of these",
                #"/properties/d/x-metric-type is counter, and a counter is never negative; write "minimum": 0 beside it"#,
                #"/properties/g/x-metric-type is counter, which is for numbers; write "type": "integer" or "number""#,
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"integer","x-metric-label":"x"},"b":{"type":"object","x-metric-label":"x","properties":{"c":{}}},"c":{"type":"object","x-metric-label":"x","additionalProperties":true},"d":{"type":"object","x-metric-label":"x","additionalProperties":{"type":"object","x-metric-label":"y","additionalProperties":{"type":"number"}}},"e":{"type":"object","x-metric-label":"x","additionalProperties":{"type":["integer","null"]}}}}"#,
            [
                "/properties/a/x-metric-label is for objects with free names and arrays of objects; the type here is neither",
                "/properties/b/x-metric-label is for objects whose names are free; move the properties out of this object, or take the label out",
                #"/properties/c/x-metric-label needs "additionalProperties" with a schema of numbers, booleans, date-times, enumerated strings or objects of these; one level of free names is supported"#,
                #"/properties/d/x-metric-label needs "additionalProperties" with a schema of numbers, booleans, date-times, enumerated strings or objects of these; one level of free names is supported"#,
                "/properties/d/additionalProperties/x-metric-label has no effect inside of arrays, alternatives and free-form objects: one level is supported; take it out",
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"array","x-metric-label":"name","items":{"type":"number"}},"b":{"type":"array","x-metric-label":"name","items":{"type":"object","properties":{"name":{"type":"string"}}}},"c":{"type":"array","x-metric-label":"name","items":{"type":"object","required":["name"],"properties":{"name":{"type":"number"}}}},"d":{"type":"array","x-metric-label":"number","items":{"type":"object","required":["number"],"properties":{"number":{"type":"integer"}}}}}}"#,
            [
                #"/properties/a/x-metric-label needs "items" with a schema of objects with properties"#,
                #"/properties/b/x-metric-label must name a required property of the elements that is a string or an integer, got "name""#,
                #"/properties/c/x-metric-label must name a required property of the elements that is a string or an integer, got "name""#,
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"anyOf":[{"type":"integer","minimum":0,"x-metric-type":"counter"},{"type":"null"}]},"b":{"type":"array","items":{"type":"integer","minimum":0,"x-metric-type":"counter"}},"c":{"type":"integer","minimum":0,"x-metric":false,"x-metric-type":"counter"},"d":{"type":"integer","minimum":0,"x-unit":"total","x-metric-type":"counter"},"e":{"type":"object","x-metric-label":"x","additionalProperties":{"type":"object","properties":{"f":{"type":"integer","minimum":0,"x-metric-type":"counter"}}}}}}"#,
            [
                "/properties/a/anyOf/0/x-metric-type has no effect inside of alternatives, and of collections without x-metric-label; take it out",
                "/properties/b/items/x-metric-type has no effect inside of alternatives, and of collections without x-metric-label; take it out",
                #"/properties/d/x-metric-type is counter, whose name ends in total already; take "x-unit": "total" out"#,
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"x-durable":true}}}"#,
            ["/properties/a/x-durable stands at the top of a schema only, since it concerns the whole"]
        ),
        (
            #"{"type":"object","maxProperties":1,"properties":{"a":{"default":1},"b":{"default":2}}}"#,
            [" has defaults that are not valid together:  must have at most 1 field, got 2"]
        ),
    ])
    func faultsNameTheirPlace(_ text: String, _ expected: [String]) {
        #expect(Self.faults(text) == expected)
    }

    // MARK: Defaults

    @Test func theDefaultsAreThoseOfRequiredAndOptionalFields() throws {
        let declaration = try Self.declaration(
            """
            {"type": "object", "required": ["b", "nested"], "properties": {
              "optional": {"type": "number"}, "a": {"type": "number", "default": 1.50}, "b": {"default": null},
              "nested": {"type": "object", "required": ["x"],
                "properties": {"x": {"type": "integer", "default": 10e1}, "y": {"type": "string"}}},
              "absent": {"type": "object", "required": ["z"], "properties": {"z": {"type": "string"}}}}}
            """
        )
        var defaults = declaration.defaults
        #expect(defaults["id"] != declaration.defaults["id"], "a new one each time")
        defaults["id"] = nil
        #expect(JSONValue.object(defaults).description == #"{"a":1.5,"b":null,"nested":{"x":100}}"#)
    }
}
