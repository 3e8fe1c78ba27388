internal import Myosin

/// What may be done next with a model whose revision an answer has told.
enum OpenAPILinks {
    private static let ways: [(name: String, method: String, condition: String)] = [
        ("Read", "get", "If-None-Match"), ("Replace", "put", "If-Match"), ("Change", "patch", "If-Match"),
        ("Restore", "delete", "If-Match"),
    ]

    /// References to the links of a model.
    static func references(of model: String) -> JSONValue {
        .object(
            ways.reduce(into: JSONObject()) { $0[$1.name] = OpenAPIReference.to("links", name($1.name, model)) }
        )
    }

    /// The links of models by name.
    static func components(of models: [OpenAPIModel]) -> JSONObject {
        var links = JSONObject()
        for model in models {
            let path = "/state/\(model.name)"
            for way in ways {
                links[name(way.name, model.name)] = [
                    "operationRef": .string("#\(["paths", path, way.method].pointer)"),
                    "parameters": [
                        "header.\(way.condition)": "\"{$response.header.State-Revision}\""
                    ],
                ]
            }
        }
        return links
    }

    private static func name(_ way: String, _ model: String) -> String { "\(model).\(way)" }
}
