import Foundation
import Myosin
import StateSchema
import TestSupport
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

    /// No value may stand there.
    @Test func aPlaceOfATupleThatAcceptsNothingHasNoPath() throws {
        let tuple =
            #"{"properties":{"a":{"type":"array","prefixItems":[{"type":"integer"},false,{"type":"string"}],"items":false}}}"#
        #expect(OpenAPIFields(of: try schema(tuple)).all.map(\.path) == ["/a", "/a/0", "/a/2"])
    }

    @Test func parametersOfOnePathHaveNamesOfTheirOwn() throws {
        let numbers = #"{"type":"array","items":{"type":"object","additionalProperties":{"type":"array"}}}"#
        let grid = #"{"properties":{"a":{"type":"array","items":\#(numbers)}}}"#
        #expect(
            OpenAPIFields(of: try schema(grid)).all.map(\.path)
                == ["/a", "/a/{index}", "/a/{index}/{index2}", "/a/{index}/{index2}/{name}"]
        )
    }

    private func components(_ text: String) throws -> JSONObject {
        let model = OpenAPIModel(name: "M", schema: try schema(text), requiresRevision: false)
        return OpenAPISchemas(of: [model], names: OpenAPINames(models: ["M"])).models[0].schemas.components
    }

    @Test func placesAreSharedSchemas() throws {
        let shared = try components(Self.declared)
        let properties = shared["M"].fields["properties"].fields
        #expect(properties["at"] == ["$ref": "#/components/schemas/MPoint"])
        #expect(properties["same"] == ["$ref": "#/components/schemas/MPair"])
        #expect(properties["any"] == [:])
        // A default is a value, whatever it looks like.
        #expect(properties["preset"] == ["$ref": "#/components/schemas/MPreset", "default": ["$ref": "#"]])
        #expect(shared["MPoint"].fields["properties"].fields["y/z"] == ["$ref": "#/components/schemas/MPointYZ"])
        #expect(shared["MPair"].fields["maxItems"] == 2 && shared["MPair"].fields["items"] == nil)
        #expect(
            shared["MKind"].fields["oneOf"] == [
                ["$ref": "#/components/schemas/MKindChoice1"], ["$ref": "#/components/schemas/MKindChoice2"],
            ]
        )
    }

    /// Schemas of a field, what stands for it, if that is not a reference, and the shared schema.
    private static let fields: [(field: String, use: String?, shared: String)] = [
        // Titles would name classes, and null is beside them.
        (
            #"{"title":"A","description":"b","type":["object","null"],"properties":{}}"#,
            ##"{"anyOf":[{"$ref":"#/components/schemas/MA"},{"type":"null"}]}"##,
            #"{"description":"A\n\nb","type":"object","properties":{}}"#
        ),
        (
            ##"{"enum":["x","y",null]}"##, ##"{"anyOf":[{"$ref":"#/components/schemas/MA"},{"type":"null"}]}"##,
            #"{"type":"string","enum":["x","y"]}"#
        ),
        // Enumerations have one type each, and names that differ.
        (
            #"{"enum":["x",1,2,2.5,null,[1]]}"#, nil,
            #"{"anyOf":[{"type":"string","const":"x"},{"type":"number","allOf":[{"enum":[1,2,2.5]}]},"#
                + #"{"type":"array","items":{},"allOf":[{"enum":[[1]]}]},{"type":"null"}]}"#
        ),
        (#"{"enum":["b","B"]}"#, nil, #"{"type":"string","enum":["b","B"],"x-enum-varnames":["VALUE_0","VALUE_1"]}"#),
        (#"{"type":"integer","const":1.0}"#, nil, #"{"type":"integer","const":1}"#),
        (#"{"const":{"x":1}}"#, nil, #"{"type":"object","allOf":[{"enum":[{"x":1}]}]}"#),
        (#"{"enum":[true,false]}"#, nil, #"{"type":"boolean"}"#),
        // Conjunctions are one schema where that can be said.
        (
            #"{"allOf":[{"type":"integer"},{"minimum":1},{"minimum":2,"maximum":9}]}"#, nil,
            #"{"type":"integer","minimum":2,"maximum":9}"#
        ),
        (
            #"{"type":"integer","anyOf":[{"maximum":5},{"multipleOf":10}]}"#, nil,
            #"{"type":"integer","allOf":[{"anyOf":[{"maximum":5},{"multipleOf":10}]}]}"#
        ),
        // Elements are always said.
        (#"{"type":"array"}"#, nil, #"{"type":"array","items":{}}"#),
        (#"{"type":"array","items":false}"#, nil, #"{"type":"array","maxItems":0,"items":{}}"#),
        // One class for objects, beside other types.
        (
            #"{"type":["object","string"],"additionalProperties":true,"maxLength":3}"#, nil,
            ##"{"anyOf":[{"$ref":"#/components/schemas/MAObject"},{"type":"string","maxLength":3}]}"##
        ),
        // Names that are one for a generator.
        (
            #"{"type":"object","properties":{"x y":{},"x.y":{}},"additionalProperties":false}"#, nil,
            #"{"type":"object","properties":{"x y":{}},"patternProperties":{"^x\\.y$":{}},"unevaluatedProperties":false}"#
        ),
    ]

    @Test(arguments: fields)
    func generatorsCanReadSchemas(_ property: String, _ use: String?, _ component: String) throws {
        let shared = try components(#"{"type":"object","properties":{"a":\#(property)}}"#)
        let expected = use ?? ##"{"$ref":"#/components/schemas/MA"}"##
        #expect(shared["M"].fields["properties"].fields["a"]?.description == expected)
        #expect(shared["MA"]?.description == component)
    }

    /// Values of all kinds that are tried in place of each field.
    private static let values = [
        "null", "true", "0", "1", "2.5", "-7", "20", "1e3", #""""#, #""a""#, #""circle""#, #""2026-01-31""#, "[]",
        "[1]", #"[1,"a"]"#,
        #"[1,2]"#, "{}", #"{"a":1}"#, #"{"x":1,"y":2}"#, #"{"name":"n"}"#, #"{"name":"n","x":1,"y":2}"#,
        #"{"room":"r"}"#,
        #"{"kind":"circle","radius":1}"#, #"{"kind":"square","radius":1}"#, #"{"kind":"square","side":2}"#,
        #"{"a":{"on":false}}"#,
        #"{"name":"n","x":1,"y":2,"size":3}"#, #"[{"x":1,"y":2}]"#, #"[{"mode":"a"}]"#, #"[{"mode":"c"}]"#, #"{"z":1}"#,
    ]

    @Test(arguments: ["Everything.schema.json", "models/Boiler.schema.json"])
    func sharedSchemasAcceptWhatTheModelDoes(file: String) throws {
        let text = try [UInt8](Data(contentsOf: URL(filePath: "\(repository)/Tests/Integration/OpenAPI/\(file)")))
        let declaration = try JSONSchemaDeclaration(name: "M", text: text)
        let model = OpenAPIModel(name: "M", schema: declaration.schema, requiresRevision: false)
        let schemas = OpenAPISchemas(of: [model], names: OpenAPINames(models: ["M"])).models[0].schemas
        func node(_ use: JSONValue) throws -> JSONSchema {
            var (whole, components) = (JSONObject(), schemas.components)
            // These stand at the top of a schema only.
            var root = components["M"].fields
            root.remove(["x-version", "x-durable", "x-require-if-match"])
            components["M"] = .object(root)
            whole["components"] = ["schemas": .object(components)]
            whole["allOf"] = [use]
            return try JSONSchema.read(.object(whole), unknown: .ignored)
        }
        var patch = OpenAPIMergePatch(of: model.schema).json
        patch["$defs"] = model.schema["$defs"]
        patch.remove(["x-version", "x-durable", "x-require-if-match"])
        let patchNodes = (try JSONSchema.read(.object(patch), unknown: .ignored), try node(schemas.patch))
        let nodes = (declaration.node, try node(schemas.document))
        let properties = model.schema["properties"].fields
        let document = properties.reduce(into: JSONObject()) { $0[$1.0] = $1.1.fields["default"] }
        #expect(nodes.0.accepts(.object(document)) && nodes.1.accepts(.object(document)))
        // The ones that are described by patterns, which the validator does not know.
        let apart = schemas.components["M"].fields["patternProperties"].fields.keys
        var accepted = 0
        for (name, _) in properties where !apart.contains("^\(name)$") {
            for text in Self.values {
                let value = try JSONValue(parsing: Array(text.utf8))
                var (changed, change) = (document, JSONObject())
                (changed[name], change[name]) = (value, value)
                let isAccepted = nodes.0.accepts(.object(changed))
                #expect(isAccepted == nodes.1.accepts(.object(changed)), "\(name) \(text)")
                #expect(
                    patchNodes.0.accepts(.object(change)) == patchNodes.1.accepts(.object(change)),
                    "\(name) \(text) in a patch"
                )
                if isAccepted { accepted += 1 }
            }
        }
        #expect(accepted > properties.count)
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
    }
}
