internal import Myosin

/// The paths of a model and of its fields.
struct OpenAPIModelPaths: Sendable {
    let model: OpenAPIModel
    let schemas: OpenAPISchemas

    /// The media types of patches.
    static let patchTypes = ["application/merge-patch+json", "application/json"]

    /// The refusals of writes.
    ///
    /// - Parameters:
    ///   - types: the media types of the content; none where there is none.
    ///   - isGuarded: whether it is changed on condition only.
    /// - Returns: the names of shared responses.
    static func writeRefusals(of types: [String], isGuarded: Bool) -> [String] {
        var names = ["NotAcceptable", "PreconditionFailed", "Failed", "Full"]
        if isGuarded { names.append("PreconditionRequired") }
        if types.isEmpty { return names }
        return names + [
            "ContentTooLarge", "Invalid", types == patchTypes ? "UnsupportedPatch" : "UnsupportedMediaType",
        ]
    }

    /// The path items.
    var json: JSONObject {
        var paths = JSONObject()
        let name = model.name
        let path = "/state/\(name)"
        let document = OpenAPIReference.to("schemas", name)
        let patch = OpenAPIReference.to("schemas", schemas.patch(of: name))
        let patches = Self.patchTypes.map { ($0, patch) }
        paths[path] = [
            "get": read("Reads \(name).", document, isWhole: true).json,
            "put": write("Replaces \(name).", document, [("application/json", document)], isWhole: true).json,
            "patch": write("Changes \(name) in part.", document, patches, isWhole: true).json,
            "delete": write("Restores the defaults of \(name).", document, isWhole: true).json,
        ]
        for field in OpenAPIFields(of: model.schema).all {
            paths[path + field.path] = item(field, "\(name)\(field.path)")
        }
        return paths
    }

    private func item(_ field: OpenAPIField, _ name: String) -> JSONValue {
        let references = field.pointers.map { OpenAPIReference.to("schemas", model.name, $0) }
        let schema = references.count == 1 ? references[0] : ["anyOf": .array(references)]
        var get = read("Reads \(name).", schema)
        if field.mayBeMissing { get.refusals.append("NotFound") }
        let limit = field.isReadOnly ? " It is the server's: only the present value is taken." : ""
        var put = write("Replaces \(name).\(limit)", schema, [("application/json", schema)])
        if field.mayLackPlace { put.refusals.append("NotFound") }
        var item = JSONObject()
        if !field.parameters.isEmpty { item["parameters"] = .array(field.parameters.map(OpenAPIParameters.inPath)) }
        item["get"] = get.json
        item["put"] = put.json
        return .object(item)
    }

    private func read(_ summary: String, _ schema: JSONValue, isWhole: Bool = false) -> OpenAPIOperation {
        let headers = ["Cache-Control", "ETag", "Last-Modified", "Preference-Applied-wait", "State-Revision", "Vary"]
        let value = OpenAPIResponses.make(
            "Its value.",
            headers,
            [("application/json", schema)],
            linksOf: isWhole ? model.name : nil
        )
        return OpenAPIOperation(
            summary: summary,
            model: model.name,
            parameters: OpenAPIParameters.reading(hasTime: true),
            responses: [
                (200, value),
                (304, OpenAPIResponses.make("It is known already.", headers)),
            ],
            refusals: ["NotAcceptable", "PreconditionFailed"]
        )
    }

    private func write(
        _ summary: String,
        _ schema: JSONValue,
        _ content: [(type: String, schema: JSONValue)] = [],
        isWhole: Bool = false
    ) -> OpenAPIOperation {
        let headers = ["Last-Modified", "State-Revision"]
        let value = OpenAPIResponses.make(
            "The value now, on disk where it is kept there.",
            ["ETag-as-sent"] + headers,
            [("application/json", schema)],
            linksOf: isWhole ? model.name : nil
        )
        return OpenAPIOperation(
            summary: summary,
            model: model.name,
            parameters: OpenAPIParameters.writing(needsMatch: model.requiresRevision, hasTime: true),
            content: content,
            responses: [
                (200, value),
                (204, OpenAPIResponses.make("Done, as Prefer has it.", headers + ["Preference-Applied"])),
            ],
            refusals: Self.writeRefusals(of: content.map(\.type), isGuarded: model.requiresRevision)
        )
    }
}

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
        let headers = ["Cache-Control", "ETag", "Preference-Applied-wait", "Vary"]
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
        let isGuarded = models.contains(where: \.requiresRevision)
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
