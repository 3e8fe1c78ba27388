internal import Myosin
internal import StateSchema

/// The schemas that the OpenAPI document shares: of models, of their merge patches and of what the service itself answers.
struct OpenAPISchemas: Sendable {
    /// The schemas of a model.
    struct Model: Sendable {
        /// What stands for its documents.
        let document: JSONValue
        /// What stands for its merge patches.
        let patch: JSONValue
        /// Its fields, with what stands for their values.
        let fields: [(field: OpenAPIField, schema: JSONValue)]
        /// The shared schemas by name.
        let components: JSONObject
    }

    /// The models, each with its schemas.
    let models: [(model: OpenAPIModel, schemas: Model)]

    init(of models: [OpenAPIModel], names: OpenAPINames) {
        self.models = models.map { ($0, Self.schemas(of: $0, names)) }
    }

    private static func schemas(of model: OpenAPIModel, _ names: OpenAPINames) -> Model {
        var parts = names.parts(of: model.name)
        let patchName = parts.name(["Patch"], of: "Patch")
        var document = OpenAPIModelSchemas(of: model.schema, names: parts)
        let fields = OpenAPIFields(of: model.schema).all.map { ($0, document.use(ofOneOf: $0.pointers, $0.words)) }
        var changes = OpenAPIMergePatch(of: model.schema, hasLeaves: true).json
        // These are of the whole model.
        changes.remove(["$comment", "title", "x-durable", "x-max-bytes", "x-require-if-match", "x-version"])
        changes["description"] = .string("Changes of \(model.name), as a merge patch (RFC 7396): the fields to change.")
        let patch = OpenAPIModelSchemas(
            of: changes,
            names: document.names,
            patchOf: (patchName, document.uses)
        )
        let whole = document.uses[""] ?? [:]
        let change = patch.uses[""] ?? [:]
        var components = document.components
        for (name, schema) in patch.components { components[name] = schema }
        return Model(
            document: whole,
            patch: change,
            fields: fields,
            components: components.reached(from: [whole, change] + fields.map(\.1))
        )
    }

    /// A reference to a schema of the service's own.
    static func to(_ name: Own) -> JSONValue { OpenAPIReference.to("schemas", name.rawValue) }

    /// The schemas of the service's own.
    enum Own: String {
        case allModels = "AllModels"
        case allModelsPatch = "AllModelsPatch"
        case changedModels = "ChangedModels"
        case schemas = "Schemas"
        case jsonSchema = "JSONSchema"
        case openAPIDocument = "OpenAPIDocument"
        case modelName = "ModelName"
        case problem = "Problem"
        case fault = "Fault"
        case readiness = "Readiness"
        case readinessReason = "ReadinessReason"
        case readinessReasonKind = "ReadinessReasonKind"
    }

    /// The schemas by name.
    var json: JSONObject {
        var all = JSONObject()
        for model in models { for (name, schema) in model.schemas.components { all[name] = schema } }
        for (name, schema) in own { all[name.rawValue] = schema }
        return all
    }

    private var own: [(Own, JSONValue)] {
        var (documents, patches, urls) = (JSONObject(), JSONObject(), JSONObject())
        for (model, schemas) in models {
            documents[model.name] = schemas.document
            patches[model.name] = schemas.patch
            urls[model.name] = ["type": "string", "const": .string("schema/\(model.name)")]
        }
        var own: [(Own, JSONValue)] = [
            (.allModels, .closedObject(documents, required: documents.keys)),
            (.allModelsPatch, .closedObject(patches)),
            (.changedModels, .closedObject(documents)),
            (.schemas, .closedObject(urls, required: urls.keys)),
            (.jsonSchema, ["type": "object"]),
            (.openAPIDocument, ["type": "object", "required": ["openapi", "info", "paths", "components"]]),
        ]
        if !models.isEmpty {
            own.append((.modelName, .object(EnumeratedValues.schema(of: models.map(\.model.name)))))
        }
        return own + Self.problems + Self.readiness
    }

    private static let problems: [(Own, JSONValue)] = [
        (
            .problem,
            [
                "description": "Why a request was refused (RFC 9457).",
                "type": "object",
                "properties": [
                    "type": ["type": "string", "const": "about:blank"],
                    "title": ["description": "The phrase of the status.", "type": "string"],
                    "status": ["type": "integer", "minimum": 400, "maximum": 599],
                    "detail": ["description": "What happened and what to do.", "type": "string"],
                    "errors": [
                        "description": "The faults of the content, all of them.", "type": "array", "minItems": 1,
                        "items": to(.fault),
                    ],
                ],
                "required": ["type", "title", "status", "detail"],
                "additionalProperties": false,
            ]
        ),
        (
            .fault,
            [
                "description": "A fault of the content.",
                "type": "object",
                "properties": [
                    "pointer": ["description": "The field, as a JSON pointer (RFC 6901).", "type": "string"],
                    "detail": ["description": "What is wrong with it.", "type": "string"],
                    "code": [
                        "description": "The kind of the fault; programs may have further ones.", "type": "string",
                        "examples": .array(ValidationError.Code.all.map { .string($0.description) }),
                    ],
                ],
                "required": ["pointer", "detail", "code"],
                "additionalProperties": false,
            ]
        ),
    ]

    private static let readiness: [(Own, JSONValue)] = [
        (
            .readiness,
            [
                "type": "object",
                "properties": [
                    "ready": ["type": "boolean"],
                    "reasons": [
                        "description": "Why the service should not be sent requests.", "type": "array",
                        "items": to(.readinessReason),
                    ],
                ],
                "required": ["ready", "reasons"],
                "additionalProperties": false,
            ]
        ),
        (
            .readinessReason,
            .closedObject(
                [("reason", to(.readinessReasonKind)), ("detail", ["type": "string"])]
                    .reduce(into: JSONObject()) { $0[$1.0] = $1.1 },
                required: ["reason", "detail"]
            )
        ),
        (
            .readinessReasonKind,
            .object(EnumeratedValues.schema(of: Readiness.Reason.allCases.map(\.rawValue)))
        ),
    ]
}

extension JSONValue {
    /// The schema of an object with nothing but some properties.
    static func closedObject(_ properties: JSONObject, required: [String] = []) -> JSONValue {
        var schema = JSONObject()
        schema["type"] = "object"
        schema["properties"] = .object(properties)
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        schema["additionalProperties"] = false
        schema.setApartAlikeNames()
        return .object(schema)
    }
}

extension JSONObject {
    /// The shared schemas among these that some schemas lead to, in their order.
    fileprivate func reached(from schemas: [JSONValue]) -> JSONObject {
        var (names, rest) = (Set<String>(), schemas)
        while let value = rest.popLast() {
            switch value {
            case .array(let elements): rest += elements
            case .object(let object):
                if case .string(let text)? = object["$ref"], let name = LocalReference(text)?.steps.last,
                    names.insert(name).inserted, let schema = self[name]
                {
                    rest.append(schema)
                }
                rest += object.map(\.1)
            default: break
            }
        }
        return reduce(into: JSONObject()) { if names.contains($1.0) { $0[$1.0] = $1.1 } }
    }
}
