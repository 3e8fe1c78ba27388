import Myosin
import StateSchema
import Testing

@testable import MyosinService

/// What is made of a model's schema.
@Suite struct OpenAPISchemaTests {
    private func schema(_ text: String) throws -> JSONObject { try JSONValue(parsing: text).asObject }

    /// A schema as files declare them: with references, choices and tuples.
    private static let declared = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$defs":{"point":{"type":"object","properties":{
        "x":{"type":"number"},"y/z":{"type":"number"}},"required":["x"]}},"type":"object","properties":{"id":{"readOnly":true},
        "at":{"$ref":"#/$defs/point"},"way":{"type":"array","items":{"$ref":"#/$defs/point"}},
        "pair":{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false},
        "kind":{"oneOf":[{"type":"object","properties":{"a b":{"type":"string"}}},{"type":"object","additionalProperties":
        {"type":"integer"}}]},"same":{"$ref":"#/properties/pair"},"any":{},"preset":{"default":{"$ref":"#"},"type":"string"}},
        "required":["at"]}
        """#

    @Test func everyFieldOfASchemaHasAPath() throws {
        let fields = OpenAPIFields(of: try schema(Self.declared)).all
        #expect(
            fields.map(\.path) == [
                "/id", "/at", "/at/x", "/way", "/way/{index}", "/way/{index}/x", "/pair", "/pair/0", "/pair/1", "/kind",
                "/kind/a%20b", "/kind/{name}", "/same", "/same/0", "/same/1", "/any", "/preset",
            ]
        )
        #expect(
            fields.map(\.pointers) == [
                ["/properties/id"], ["/properties/at"], ["/$defs/point/properties/x"], ["/properties/way"],
                ["/properties/way/items"], ["/$defs/point/properties/x"], ["/properties/pair"],
                ["/properties/pair/prefixItems/0"], ["/properties/pair/prefixItems/1"], ["/properties/kind"],
                ["/properties/kind/oneOf/0/properties/a b"], ["/properties/kind/oneOf/1/additionalProperties"],
                ["/properties/same"], ["/properties/pair/prefixItems/0"], ["/properties/pair/prefixItems/1"],
                ["/properties/any"], ["/properties/preset"],
            ]
        )
        #expect(fields.filter { !$0.mayBeMissing }.map(\.path) == ["/id", "/at", "/at/x"])
        #expect(fields.filter(\.isReadOnly).map(\.path) == ["/id"])
        #expect(
            fields.filter(\.mayLackPlace).map(\.path) == [
                "/way/{index}", "/way/{index}/x", "/pair/0", "/pair/1", "/kind/{name}", "/same/0", "/same/1",
            ]
        )
    }

    @Test func parametersOfOnePathHaveNamesOfTheirOwn() throws {
        let numbers = #"{"type":"array","items":{"type":"object","additionalProperties":{"type":"array"}}}"#
        let grid = #"{"properties":{"a":{"type":"array","items":\#(numbers)}}}"#
        #expect(
            OpenAPIFields(of: try schema(grid)).all.map(\.path)
                == ["/a", "/a/{index}", "/a/{index}/{index2}", "/a/{index}/{index2}/{name}"]
        )
    }

    @Test func referencesLeadToTheSharedSchema() throws {
        let model = OpenAPIModel(name: "M", schema: try schema(Self.declared), requiresRevision: false)
        let shared = OpenAPISchemas(models: [model]).json["M"].fields
        #expect(shared["$schema"] == nil)
        let point = shared["$defs"].fields["point"].fields
        #expect(point["required"] == ["x"])
        let properties = shared["properties"].fields
        #expect(properties["at"] == ["$ref": "#/components/schemas/M/$defs/point"])
        #expect(properties["same"] == ["$ref": "#/components/schemas/M/properties/pair"])
        #expect(properties["any"] == [:])
        // A default is a value, whatever it looks like.
        #expect(properties["preset"].fields["default"] == ["$ref": "#"])
    }

    @Test(arguments: [
        // Nothing is required, and null removes what need not be there.
        (
            #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"]}"#,
            #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":["string","null"]}}}"#
        ),
        (
            #"{"properties":{"id":{"type":"string","readOnly":true},"a":{"enum":["x"],"type":"string"},"b":{}}}"#,
            #"{"properties":{"id":{"type":"string","readOnly":true},"a":{"enum":["x",null],"type":["string","null"]},"b":{}}}"#
        ),
        (
            #"{"properties":{"a":{"const":1},"b":{"anyOf":[{"type":"string"},{"type":"null"}]},"c":{"enum":["x"]}}}"#,
            #"{"properties":{"a":{"anyOf":[{"const":1},{"type":"null"}]},"b":{"anyOf":[{"type":"string"},{"type":"null"}]},"#
                + #""c":{"anyOf":[{"enum":["x"]},{"type":"null"}]}}}"#
        ),
        // Objects are patched, arrays are replaced.
        (
            #"{"properties":{"o":{"type":"object","properties":{"x":{"type":"string"}},"required":["x"],"minProperties":1},"#
                + #""l":{"type":"array","items":{"properties":{"x":{}},"required":["x"],"type":"object"}}},"required":["o","l"]}"#,
            #"{"properties":{"o":{"type":"object","properties":{"x":{"type":"string"}}},"#
                + #""l":{"type":"array","items":{"properties":{"x":{}},"required":["x"],"type":"object"}}}}"#
        ),
        (
            #"{"type":"object","additionalProperties":{"type":"number","minimum":0}}"#,
            #"{"type":"object","additionalProperties":{"type":["number","null"],"minimum":0}}"#
        ),
        // What is said of whole objects is left out.
        (
            #"{"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}],"not":{"required":["c"]},"default":{"a":1}}"#,
            #"{"type":"object","anyOf":[{},{}]}"#
        ),
        (
            #"{"properties":{"a":{"enum":[{"x":1},2]},"b":{"type":"integer","not":{"const":3}}},"required":["a","b"]}"#,
            #"{"properties":{"a":{},"b":{"type":"integer","not":{"const":3}}}}"#
        ),
        // A reference to what may be an object becomes what its patches may be.
        (
            ##"{"$defs":{"p":{"type":"object","properties":{"x":{}},"required":["x"]}},"properties":{"a":{"$ref":"#/$defs/p"}},"##
                + #""required":["a"]}"#,
            #"{"properties":{"a":{"type":"object","properties":{"x":{}}}}}"#
        ),
        (
            ##"{"properties":{"a":{"$ref":"#/properties/b","title":"A"},"b":{"type":"object"}},"required":["a","b"]}"##,
            #"{"properties":{"a":{"allOf":[{"type":"object"},{"title":"A"}]},"b":{"type":"object"}}}"#
        ),
    ])
    func patchesHaveSchemasOfTheirOwn(_ whole: String, _ patch: String) throws {
        #expect(JSONValue.object(OpenAPIMergePatch(of: try schema(whole)).json).description == patch)
    }

    @Test(arguments: [
        ("#", [], ""), ("#/", [""], "/"), ("#/$defs/a~1b", ["$defs", "a/b"], "/$defs/a~1b"),
        ("#/a~01/%C3%B6", ["a~1", "ö"], "/a~01/ö"), ("#/%2525", ["%25"], "/%25"),
    ])
    func localReferencesAreRead(_ text: String, _ steps: [String], _ pointer: String) {
        #expect(LocalReference(text)?.steps == steps && LocalReference(text)?.pointer == pointer)
    }

    @Test(arguments: ["", "a", "/a", "#a", "http://a/#/b", "#/%", "#/%4", "#/%zz", "#/%ff"])
    func otherReferencesAreNot(_ text: String) { #expect(LocalReference(text) == nil) }

    @Test func whatMeansSomethingElseIsEscaped() {
        #expect(OpenAPIReference.inPath("a b/{c}ö%") == "a%20b%2F%7Bc%7D%C3%B6%25")
        #expect(
            OpenAPIReference.to("schemas", "M", "/properties/a b%{é}")
                == ["$ref": "#/components/schemas/M/properties/a%20b%25%7B%C3%A9%7D"]
        )
    }
}
