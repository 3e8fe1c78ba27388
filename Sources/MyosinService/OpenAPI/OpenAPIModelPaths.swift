internal import Myosin

/// The paths of a model and of its fields.
struct OpenAPIModelPaths: Sendable {
    private let model: OpenAPIModel
    private let schemas: OpenAPISchemas.Model
    private let names: OpenAPINames.Parts

    init(_ model: (model: OpenAPIModel, schemas: OpenAPISchemas.Model), _ names: OpenAPINames) {
        (self.model, schemas) = model
        self.names = names.parts(of: self.model.name)
    }

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
        let document = schemas.document
        let patches = Self.patchTypes.map { ($0, schemas.patch) }
        let noun = names.noun
        paths[path] = [
            "get": read("get\(noun)", "Reads \(name).", document, isWhole: true).json,
            "put": write(
                "replace\(noun)",
                "Replaces \(name).",
                document,
                [("application/json", document)],
                isWhole: true
            )
            .json,
            "patch": write("patch\(noun)", "Changes \(name) in part.", document, patches, isWhole: true).json,
            "delete": write("reset\(noun)", "Restores the defaults of \(name).", document, isWhole: true).json,
        ]
        var names = names
        for (field, schema) in schemas.fields {
            paths[path + field.path] = item(
                field,
                "\(name)\(field.path)",
                names.name(field.words, of: field.pointers[0]),
                schema
            )
        }
        return paths
    }

    private func item(_ field: OpenAPIField, _ name: String, _ noun: String, _ schema: JSONValue) -> JSONValue {
        var get = read("get\(noun)", "Reads \(name).", schema)
        if field.mayBeMissing { get.refusals.append("NotFound") }
        let limit = field.isReadOnly ? " It is the server's: only the present value is taken." : ""
        var put = write("replace\(noun)", "Replaces \(name).\(limit)", schema, [("application/json", schema)])
        if field.mayLackPlace { put.refusals.append("NotFound") }
        var item = JSONObject()
        if !field.parameters.isEmpty { item["parameters"] = .array(field.parameters.map(OpenAPIParameters.inPath)) }
        item["get"] = get.json
        item["put"] = put.json
        return .object(item)
    }

    private func read(_ id: String, _ summary: String, _ schema: JSONValue, isWhole: Bool = false) -> OpenAPIOperation {
        let headers = ["Cache-Control", "ETag", "Last-Modified", "Preference-Applied-wait", "State-Revision", "Vary"]
        let value = OpenAPIResponses.make(
            "Its value.",
            headers,
            [("application/json", schema)],
            linksOf: isWhole ? model.name : nil
        )
        return OpenAPIOperation(
            id: id,
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
        _ id: String,
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
            id: id,
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
    /// Whether one of the models is changed on condition only.
    let isGuarded: Bool

    /// The path item.
    var json: JSONValue { ["get": get.json, "patch": patch.json] }

    private var get: OpenAPIOperation {
        let content = [("application/json", OpenAPISchemas.to(.allModels))]
        let headers = ["Cache-Control", "ETag", "Preference-Applied-wait", "Vary"]
        return OpenAPIOperation(
            id: "getState",
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
        OpenAPIOperation(
            id: "patchState",
            summary: "Changes several models, all or none.",
            parameters: OpenAPIParameters.writing(needsMatch: false, hasTime: false),
            content: OpenAPIModelPaths.patchTypes.map { ($0, OpenAPISchemas.to(.allModelsPatch)) },
            responses: [
                (
                    200,
                    OpenAPIResponses.make(
                        "The models named, as they are now.",
                        ["State-Revision"],
                        [("application/json", OpenAPISchemas.to(.changedModels))]
                    )
                ),
                (204, OpenAPIResponses.make("Done, as Prefer has it.", ["Preference-Applied", "State-Revision"])),
            ],
            refusals: OpenAPIModelPaths.writeRefusals(of: OpenAPIModelPaths.patchTypes, isGuarded: isGuarded)
        )
    }
}
