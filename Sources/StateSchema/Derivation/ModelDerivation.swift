package import Myosin

/// The JSON Schema (draft 2020-12) of a typed model, derived from the way in which the type decodes itself.
///
/// `init(from:)` of the type is run on placeholders, and what it asks for is noted. Such a schema accepts what the
/// model's own decoding accepts: unknown fields are refused, optional ones may be missing or null, whole numbers lie
/// in the range of their type. Four things it can't tell, which the type itself may say in ``StateModel/schema``:
/// - A number with more digits than a `Double` or `Float` holds is refused by the model and accepted by the schema.
/// - A type whose own `init(from:)` can't be run on placeholders has the schema `{}`, which accepts everything. So has
///   a type that is found again inside itself.
/// - A raw value that is not of a `CaseIterable` type is told by its type alone.
/// - What `validate()` demands comes on top.
package struct ModelDerivation: Sendable {
    /// The schema: `$schema`, `title`, `type`, `properties`, `required` and `additionalProperties`, in this order.
    ///
    /// The properties stand in the order of the document, so `id` is the first. It is read-only and never required,
    /// since a request without it leaves it as it is.
    package let document: JSONObject
    /// What the schema says of whole documents.
    package let node: JSONSchema
    /// Why the schema says nothing of documents, where what the type says of itself cannot be read.
    package let error: JSONSchemaError?

    private static let identity: JSONValue = ["type": ["string", "integer"], "readOnly": true]

    /// Derives the schema of a type, and merges into it what the type says itself.
    package init(of type: any StateModel.Type) {
        let node = SchemaRecorder(path: [], typesAbove: [])
        node.learn(type)
        let learned = node.schema.keywords
        var document = JSONObject()
        document["$schema"] = .string(JSONSchemaReader.dialect)
        document["title"] = .string(type.modelName)
        document["type"] = "object"
        if case .object(var properties)? = learned["properties"] {
            if properties["id"] != nil { properties["id"] = Self.identity }
            properties.moveToFront("id")
            document["properties"] = .object(properties)
        }
        if case .array(let names)? = learned["required"] {
            let others = names.filter { $0 != "id" }
            if !others.isEmpty { document["required"] = .array(others) }
        }
        // Nothing was learned of a type that cannot be run on placeholders.
        document["additionalProperties"] = learned["additionalProperties"] ?? true
        if case .object(let whole) = JSONValue.object(document).merging(type.schema) { document = whole }
        // Every model has an identity, which a type that says everything itself need not say.
        if learned["properties"] == nil, case .object(var properties)? = document["properties"] {
            properties["id"] = properties["id"] ?? Self.identity
            properties.moveToFront("id")
            document["properties"] = .object(properties)
        }
        self.document = document
        do throws(JSONSchemaError) {
            self.node = try JSONSchema.read(.object(document), unknown: .ignored)
            error = nil
        } catch {
            // What cannot be read says nothing, which accepts everything.
            self.node = JSONSchema(JSONSchemaRules(), at: "")
            self.error = error
        }
    }
}
