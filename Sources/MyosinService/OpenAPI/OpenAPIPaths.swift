internal import Exposition
internal import Myosin

/// The paths of the OpenAPI document.
struct OpenAPIPaths: Sendable {
    let models: [OpenAPIModel]
    let telemetryPath: String
    let schemas: OpenAPISchemas

    /// The paths, those of models by their names.
    var json: JSONObject {
        var paths = JSONObject()
        paths["/"] = reading("A page for people, which shows the state.", ["type": "string"], type: "text/html")
        paths["/state"] = OpenAPIStatePath(models: models, schemas: schemas).json
        for model in models {
            for (path, item) in OpenAPIModelPaths(model: model, schemas: schemas).json { paths[path] = item }
        }
        paths["/schema"] = reading("The models, with the URLs of their schemas, relative to this one.", schemaList)
        for model in models {
            paths["/schema/\(model.name)"] = reading(
                "What documents of \(model.name) may contain, as JSON Schema.",
                ["type": "object"],
                type: "application/schema+json"
            )
        }
        let document: JSONValue = ["type": "object", "required": ["openapi", "info", "paths", "components"]]
        let some: [JSONValue] = [
            [
                "name": "model",
                "in": "query",
                "description": "A model that the document is to tell of, instead of all; may be given more than once.",
                "schema": [
                    "type": "array", "items": ["enum": .array(models.map { .string($0.name) })],
                    "maxItems": .number(JSONNumber(OpenAPIRoutes.maxNames)),
                ],
            ]
        ]
        paths["/openapi.json"] = reading(
            "This document.",
            document,
            parameters: models.isEmpty ? [] : some,
            refusals: ["NotFound"]
        )
        paths[telemetryPath] = item(
            OpenAPIOperation(
                summary: "The metrics, for Prometheus.",
                parameters: [
                    [
                        "name": "name[]", "in": "query",
                        "description": "A metric to show, instead of all; may be given more than once.",
                        "schema": [
                            "type": "array",
                            "items": [
                                "type": "string", "pattern": "^[A-Za-z0-9_:]+$",
                                "maxLength": .number(JSONNumber(MetricsRoute.maxNameBytes)),
                            ],
                            "maxItems": .number(JSONNumber(MetricsRoute.maxNames)),
                        ],
                    ]
                ],
                responses: [
                    (
                        200,
                        OpenAPIResponses.make(
                            "In the format that Accept asks for.",
                            ["Cache-Control"],
                            [ExpositionFormat.text0_0_4, .text1_0_0, .openMetrics1_0_0]
                                .map { ($0.contentType, ["type": "string"]) }
                        )
                    )
                ]
            )
        )
        paths["/healthz"] = item(
            OpenAPIOperation(
                summary: "Whether the process is alive.",
                responses: [(200, text("It is.", "text/plain; charset=utf-8", ["const": "ok\n"]))]
            )
        )
        paths["/readyz"] = readiness
        return paths
    }

    private func item(_ get: OpenAPIOperation) -> JSONValue { ["get": get.json] }

    private func text(_ description: String, _ type: String, _ schema: JSONValue = ["type": "string"]) -> JSONValue {
        OpenAPIResponses.make(description, ["Cache-Control"], [(type, schema)])
    }

    private func reading(
        _ summary: String,
        _ schema: JSONValue,
        type: String = "application/json",
        parameters: [JSONValue] = [],
        refusals: [String] = []
    ) -> JSONValue {
        let response = OpenAPIResponses.make("It.", ["Cache-Control"], [(type, schema)])
        return item(
            OpenAPIOperation(
                summary: summary,
                parameters: parameters,
                responses: [(200, response)],
                refusals: ["NotAcceptable"] + refusals
            )
        )
    }

    private var schemaList: JSONValue {
        let properties = models.reduce(into: JSONObject()) { properties, model in
            properties[model.name] = ["const": .string("schema/\(model.name)")]
        }
        return .closedObject(properties, required: properties.keys)
    }

    private var readiness: JSONValue {
        let content: [(String, JSONValue)] = [
            ("application/json", OpenAPIReference.to("schemas", schemas.readiness))
        ]
        let refusal: [(String, JSONValue)] = [
            ("application/problem+json", OpenAPIReference.to("schemas", schemas.problem))
        ]
        return item(
            OpenAPIOperation(
                summary: "Whether the service should be sent requests, and why not.",
                responses: [
                    (200, OpenAPIResponses.make("It should.", ["Cache-Control"], content)),
                    (
                        503,
                        OpenAPIResponses.make("It should not.", ["Cache-Control", "Retry-After"], content + refusal)
                    ),
                ]
            )
        )
    }
}

extension JSONValue {
    /// The schema of an object with nothing but some properties.
    static func closedObject(_ properties: JSONObject, required: [String] = []) -> JSONValue {
        var schema = JSONObject()
        schema["type"] = "object"
        schema["properties"] = .object(properties)
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        schema["additionalProperties"] = false
        return .object(schema)
    }
}
