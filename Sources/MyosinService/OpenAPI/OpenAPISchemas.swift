internal import Myosin

/// The schemas that the OpenAPI document shares: of models, of their merge patches, of problems and of readiness.
struct OpenAPISchemas: Sendable {
    let models: [OpenAPIModel]

    /// The name of the schema of problems, which no model has.
    var problem: String { name("Problem", among: models.map(\.name)) }
    /// The name of the schema of readiness.
    var readiness: String { name("Readiness", among: models.map(\.name)) }

    /// The name of the schema of a model's merge patches; a model may be named like that itself.
    func patch(of model: String) -> String {
        name("\(model)Patch", among: models.map(\.name) + [problem, readiness])
    }

    private func name(_ wish: String, among taken: [String]) -> String {
        var name = wish
        while taken.contains(name) { name += "_" }
        return name
    }

    /// The schemas by name.
    var json: JSONObject {
        var schemas = JSONObject()
        for model in models {
            schemas[model.name] = .object(Self.shared(model.schema, as: model.name))
            var patch = OpenAPIMergePatch(of: model.schema).json
            patch["title"] = .string("\(model.name), some of its fields")
            schemas[self.patch(of: model.name)] = .object(Self.shared(patch, as: model.name))
        }
        schemas[problem] = Self.problemSchema
        schemas[readiness] = Self.readinessSchema
        return schemas
    }

    /// A model's schema as it stands among others: its references lead to where it is then.
    private static func shared(_ schema: JSONObject, as name: String) -> JSONObject {
        var schema = schema
        for keyword in ["$schema", "$id"] { schema[keyword] = Optional<JSONValue>.none }
        return moved(schema, name)
    }

    private static func moved(_ schema: JSONObject, _ name: String) -> JSONObject {
        var result = schema.mappingSubschemas { subschema in
            guard case .object(let object) = subschema else { return subschema }
            return .object(moved(object, name))
        }
        if case .string(let reference)? = result["$ref"], reference.hasPrefix("#") {
            result["$ref"] = .string("#/components/schemas/\(name)\(reference.dropFirst())")
        }
        return result
    }

    private static let problemSchema: JSONValue = [
        "title": "Problem",
        "description": "Why a request was refused (RFC 9457).",
        "type": "object",
        "properties": [
            "type": ["const": "about:blank"],
            "title": ["description": "The phrase of the status.", "type": "string"],
            "status": ["type": "integer", "minimum": 400, "maximum": 599],
            "detail": ["description": "What happened and what to do.", "type": "string"],
            "errors": [
                "description": "The faults of the content, all of them.",
                "type": "array",
                "minItems": 1,
                "items": [
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
                ],
            ],
        ],
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": false,
    ]

    private static let readinessSchema: JSONValue = [
        "title": "Readiness",
        "type": "object",
        "properties": [
            "ready": ["type": "boolean"],
            "reasons": [
                "description": "Why the service should not be sent requests.",
                "type": "array",
                "items": [
                    "type": "object",
                    "properties": [
                        "reason": [
                            "type": "string", "enum": .array(Readiness.Reason.allCases.map { .string($0.rawValue) }),
                        ],
                        "detail": ["type": "string"],
                    ],
                    "required": ["reason", "detail"],
                    "additionalProperties": false,
                ],
            ],
        ],
        "required": ["ready", "reasons"],
        "additionalProperties": false,
    ]
}
