internal import Exposition
internal import Myosin

/// The paths of the OpenAPI document.
struct OpenAPIPaths: Sendable {
    let telemetryPath: String
    let schemas: OpenAPISchemas
    let names: OpenAPINames

    /// The paths, those of models by their names.
    var json: JSONObject {
        var paths = JSONObject()
        paths["/"] = reading(
            "getLandingPage",
            "A page for people, which shows the state.",
            ["type": "string"],
            type: "text/html"
        )
        paths["/state"] = OpenAPIStatePath(isGuarded: schemas.models.contains(where: \.model.requiresRevision)).json
        for model in schemas.models {
            for (path, item) in OpenAPIModelPaths(model, names).json { paths[path] = item }
        }
        paths["/schema"] = reading(
            "getSchemas",
            "The models, with the URLs of their schemas, relative to this one.",
            OpenAPISchemas.to(.schemas)
        )
        for model in schemas.models {
            paths["/schema/\(model.model.name)"] = reading(
                "describe\(names.noun(of: model.model.name))",
                "What documents of \(model.model.name) may contain, as JSON Schema.",
                OpenAPISchemas.to(.jsonSchema),
                type: "application/schema+json"
            )
        }
        let some: [JSONValue] = [
            [
                "name": "model",
                "in": "query",
                "description": "A model that the document is to tell of, instead of all; may be given more than once.",
                "schema": [
                    "type": "array", "items": OpenAPISchemas.to(.modelName),
                    "maxItems": .number(JSONNumber(OpenAPIRoutes.maxNames)),
                ],
            ]
        ]
        paths["/openapi.json"] = reading(
            "getOpenApi",
            "This document.",
            OpenAPISchemas.to(.openAPIDocument),
            parameters: schemas.models.isEmpty ? [] : some,
            refusals: ["NotFound"]
        )
        paths[telemetryPath] = item(
            OpenAPIOperation(
                id: "getMetrics",
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
                id: "getHealth",
                summary: "Whether the process is alive.",
                responses: [(200, text("It is.", "text/plain; charset=utf-8", ["type": "string", "const": "ok\n"]))]
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
        _ id: String,
        _ summary: String,
        _ schema: JSONValue,
        type: String = "application/json",
        parameters: [JSONValue] = [],
        refusals: [String] = []
    ) -> JSONValue {
        let response = OpenAPIResponses.make("It.", ["Cache-Control"], [(type, schema)])
        return item(
            OpenAPIOperation(
                id: id,
                summary: summary,
                parameters: parameters,
                responses: [(200, response)],
                refusals: ["NotAcceptable"] + refusals
            )
        )
    }

    private var readiness: JSONValue {
        let content: [(String, JSONValue)] = [
            ("application/json", OpenAPISchemas.to(.readiness))
        ]
        let refusal: [(String, JSONValue)] = [
            ("application/problem+json", OpenAPISchemas.to(.problem))
        ]
        return item(
            OpenAPIOperation(
                id: "getReadiness",
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
