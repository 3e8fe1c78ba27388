internal import Myosin

/// The path of the whole state.
struct OpenAPIStatePath: Sendable {
    let models: [OpenAPIModel]
    let schemas: OpenAPISchemas

    /// The path item.
    var json: JSONValue { ["get": get.json, "patch": patch.json] }

    private var documents: JSONObject {
        models.reduce(into: JSONObject()) { $0[$1.name] = OpenAPIReference.to("schemas", $1.name) }
    }

    private var get: OpenAPIOperation {
        let content: [(String, JSONValue)] = [
            ("application/json", .closedObject(documents, required: models.map(\.name)))
        ]
        let headers = ["Cache-Control", "ETag", "Preference-Applied-wait"]
        return OpenAPIOperation(
            summary: "Reads all models.",
            parameters: OpenAPIParameters.reading(hasTime: false),
            responses: [
                (200, OpenAPIResponses.make("The models.", headers, content)),
                (304, OpenAPIResponses.make("They are known already.", headers)),
            ],
            refusals: ["NotAcceptable", "PreconditionFailed"]
        )
    }

    private var patch: OpenAPIOperation {
        let patches = models.reduce(into: JSONObject()) { patches, model in
            patches[model.name] = OpenAPIReference.to("schemas", schemas.patch(of: model.name))
        }
        let isGuarded = models.contains(where: \.requiresIfMatch)
        return OpenAPIOperation(
            summary: "Changes several models, all or none.",
            parameters: OpenAPIParameters.writing(needsMatch: false, hasTime: false),
            content: OpenAPIModelPaths.patchTypes.map { ($0, .closedObject(patches)) },
            responses: [
                (
                    200,
                    OpenAPIResponses.make(
                        "The models named, as they are now.",
                        ["State-Revision"],
                        [("application/json", .closedObject(documents))]
                    )
                ),
                (204, OpenAPIResponses.make("Done, as Prefer has it.", ["Preference-Applied", "State-Revision"])),
            ],
            refusals: OpenAPIModelPaths.writeRefusals(of: OpenAPIModelPaths.patchTypes, isGuarded: isGuarded)
        )
    }
}
