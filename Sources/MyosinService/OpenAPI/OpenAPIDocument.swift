internal import Myosin

/// A model as the OpenAPI document tells of it.
struct OpenAPIModel: Sendable, Equatable {
    let name: String
    /// The JSON Schema of its document, with local references only.
    let schema: JSONObject
    /// Whether it is changed on condition only.
    let requiresRevision: Bool
}

/// What a service serves, as an OpenAPI 3.1 document: a path for each model and each field that a model declares.
///
/// It depends on nothing but what it is made of, so it has to be made anew when that changes.
struct OpenAPIDocument: Sendable {
    let models: [OpenAPIModel]
    /// The names of the models, and of others that the document leaves out.
    let names: OpenAPINames
    /// Where the metrics are.
    let telemetryPath: String
    /// The URL of the service, without a slash at its end: the whole one, or the path on the host of the document.
    let server: String

    init(models: [OpenAPIModel], names: OpenAPINames? = nil, telemetryPath: String, server: String = "") {
        (self.models, self.telemetryPath, self.server) = (models, telemetryPath, server)
        self.names = names ?? OpenAPINames(models: models.map(\.name))
    }

    /// The document.
    var json: JSONValue {
        let schemas = OpenAPISchemas(of: models, names: names)
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Myosin",
                "version": .string(myosinVersion),
                "description": .string(Self.description),
            ],
            // By default the root of the host that has the document (OpenAPI 3.1, section 4.8.1).
            "servers": [["url": .string(server.isEmpty ? "/" : server)]],
            "tags": .array(models.map { ["name": .string($0.name)] }),
            "paths": .object(OpenAPIPaths(telemetryPath: telemetryPath, schemas: schemas, names: names).json),
            "components": [
                "schemas": .object(schemas.json),
                "parameters": .object(OpenAPIParameters.components),
                "headers": .object(OpenAPIHeaders.components),
                "links": .object(OpenAPILinks.components(of: models)),
                "responses": .object(OpenAPIResponses.components),
            ],
        ]
    }

    private static let description = """
        What this process serves now, with its models and their fields. HEAD is answered wherever GET is, and OPTIONS \
        everywhere; both are left out here, and so are server-sent events (?watch), since OpenAPI 3.1 cannot describe an answer \
        that does not end. Requests that cannot even be parsed may be answered in HTML, all other errors \
        as problem details.
        """
}
