import Myosin
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

/// The shared schemas that the OpenAPI document makes of a model's schema accept the same documents and patches.
@Suite struct SharedSchemaTests {
    /// A schema of a model with a field, which is made up.
    private static func model(_ field: JSONValue) -> JSONObject {
        var (schema, properties, own) = (JSONObject(), JSONObject(), field)
        if case .object(var keywords) = field {
            schema["$defs"] = keywords["$defs"]
            keywords["$defs"] = Optional<JSONValue>.none
            own = .object(keywords)
        }
        properties["v"] = own
        schema["type"] = "object"
        schema["properties"] = .object(properties)
        return schema
    }

    private static func node(_ use: JSONValue, _ components: JSONObject) throws -> JSONSchema {
        var whole = JSONObject()
        whole["components"] = ["schemas": .object(components)]
        whole["allOf"] = [use]
        return try JSONSchema.read(.object(whole), unknown: .ignored)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func theyAcceptWhatTheModelDoes(seed: UInt64) throws {
        var random = RandomSchema(seed: seed)
        var accepted = 0
        for _ in 0..<1_000 {
            let schema = Self.model(random.schema())
            let model = OpenAPIModel(name: "M", schema: schema, requiresRevision: false)
            let schemas = OpenAPISchemas(of: [model], names: OpenAPINames(models: ["M"])).models[0].schemas
            // Its paths can be made, too, also those of places where nothing may stand.
            if case .object(let whole) = OpenAPIDocument(models: [model], telemetryPath: "/metrics").json {
                #expect(whole["paths"] != nil)
            }
            let own = try JSONSchema.read(.object(schema))
            let shared = try Self.node(schemas.document, schemas.components)
            let field = try schemas.fields.first.map { try Self.node($0.schema, schemas.components) }
            var patch = OpenAPIMergePatch(of: schema).json
            patch["$defs"] = schema["$defs"]
            let patches = (try JSONSchema.read(.object(patch)), try Self.node(schemas.patch, schemas.components))
            for _ in 0..<10 {
                let value = random.document()
                let document: JSONValue = ["v": value]
                let isAccepted = own.accepts(document)
                if isAccepted { accepted += 1 }
                let text = "\(JSONValue.object(schema)) \(value) \(JSONValue.object(schemas.components))"
                #expect(shared.accepts(document) == isAccepted, "\(text)")
                #expect((field?.accepts(value) ?? false) == isAccepted, "the field: \(text)")
                #expect(patches.0.accepts(document) == patches.1.accepts(document), "a patch: \(text)")
            }
        }
        #expect((2_000...8_000).contains(accepted), "\(accepted) of 10,000 are accepted")
    }
}
