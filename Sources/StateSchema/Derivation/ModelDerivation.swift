package import Myosin

/// The JSON Schema (draft 2020-12) of a typed model, learned from its defaults and samples.
///
/// They are encoded and decoded, and the type's requests are noted. Such a schema accepts the documents that the
/// model's own decoding accepts: unknown fields are refused, optional ones may be missing or null, whole numbers lie
/// in the range of their type. Some things it cannot know, which the type itself may say in ``StateModel/schema``:
/// - A number with more digits than a `Double`, `Float` or `Float16` holds is refused by the model and accepted by the schema.
/// - A place of a type with fields accepts everything if it has no value in the defaults and samples. So does a type that occurs
///   again inside itself, and a type that tries to read several types.
/// - Only the first 1,000 elements of each array count, and only the first values of a very long document; after these only the
///   first value of each type counts.
/// - A raw value of a type other than `CaseIterable` is known by its type alone.
/// - What `validate()` demands comes on top.
package struct ModelDerivation: Sendable {
    /// The schema: `$schema`, `title`, `type`, `properties`, `required`, `additionalProperties` and `examples`, in this order.
    ///
    /// The properties stand in the order of the document, so `id` is the first. It is read-only and never required,
    /// since a request without it leaves it as it is.
    package let document: JSONObject
    /// What the schema says of whole documents.
    package let node: JSONSchema
    /// Why the schema says nothing of documents, where what the type says of itself cannot be read.
    package let error: JSONSchemaError?
    /// The fields that could not be learned, and that the type does not describe either.
    package let unlearned: [UnlearnedField]

    private static let identity: JSONValue = ["type": ["string", "integer"], "readOnly": true]
    private static let (maxSamples, maxExamples, maxExampleBytes) = (100, 10, 16 << 10)

    /// Learns the schema of a model, and merges the type's own schema into it.
    ///
    /// - Parameter defaults: the model's defaults.
    package init<Model: StateModel>(of defaults: Model) {
        let learner = SchemaLearner()
        // Loading the model refuses a sample that cannot be written or read.
        let samples = Model.samples.prefix(Self.maxSamples).compactMap { try? $0.document() }
        for document in [try? defaults.document()].compactMap(\.self) + samples {
            learner.beginDocument()
            _ = try? learner.take(Model.self, from: .object(document), at: [], for: LearnedPlace())
        }
        var schema = LearnedSchema(learner)
        let learned = schema.schema(of: Model.self).keywords
        var document = JSONObject()
        document["$schema"] = .string(JSONSchemaReader.dialect)
        document["title"] = .string(Model.modelName)
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
        // Nothing was learned about a type that reads its documents with its own code.
        document["additionalProperties"] = learned["additionalProperties"] ?? true
        let examples = Self.examples(samples)
        if !examples.isEmpty { document["examples"] = .array(examples) }
        if case .object(let whole) = JSONValue.object(document).merging(Model.schema) { document = whole }
        // Every model has an identity, which a type that says everything itself need not say.
        if learned["properties"] == nil, case .object(var properties)? = document["properties"] {
            properties["id"] = properties["id"] ?? Self.identity
            properties.moveToFront("id")
            document["properties"] = .object(properties)
        }
        self.document = document
        unlearned = schema.unlearned.filter { !$0.isDescribed(in: document, with: Model.schema) }
        do throws(JSONSchemaError) {
            node = try JSONSchema.read(.object(document), unknown: .ignored)
            error = nil
        } catch {
            // What cannot be read says nothing, which accepts everything.
            node = JSONSchema(JSONSchemaRules(), at: "")
            self.error = error
        }
    }

    /// The first samples, up to a total number of bytes, without the fields that clients cannot set.
    private static func examples(_ samples: [JSONObject]) -> [JSONValue] {
        var (examples, bytes) = ([JSONValue](), 0)
        for var sample in samples.prefix(maxExamples) {
            sample["id"] = Optional<JSONValue>.none
            let example = JSONValue.object(sample)
            bytes += example.bytes.count
            if bytes > maxExampleBytes { break }
            if !examples.contains(example) { examples.append(example) }
        }
        return examples
    }
}

extension UnlearnedField {
    /// Whether the type itself describes the field.
    fileprivate func isDescribed(in document: JSONObject, with own: JSONValue) -> Bool {
        // If nothing was learned, the type's own schema describes the fields.
        if schemaPath.isEmpty { return document["properties"] != nil }
        guard case .object(let said)? = own.value(at: schemaPath) else { return false }
        return !said.isEmpty
    }
}
