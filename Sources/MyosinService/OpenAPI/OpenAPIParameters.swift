internal import Myosin

/// The header fields of requests that the OpenAPI document shares.
enum OpenAPIParameters {
    /// References to the conditions and preferences that reading takes.
    ///
    /// - Parameter hasTime: whether what is read tells when it was changed.
    /// - Returns: the references.
    static func reading(hasTime: Bool) -> [JSONValue] {
        references(
            ["If-Match", "If-None-Match"] + (hasTime ? ["If-Modified-Since", "If-Unmodified-Since"] : [])
                + ["Prefer-wait"]
        )
    }

    /// References to the conditions and preferences that writing takes.
    ///
    /// - Parameters:
    ///   - needsMatch: whether there has to be `If-Match`.
    ///   - hasTime: whether what is written tells when it was changed.
    /// - Returns: the references.
    static func writing(needsMatch: Bool, hasTime: Bool) -> [JSONValue] {
        references(
            [needsMatch ? "If-Match-required" : "If-Match", "If-None-Match"]
                + (hasTime ? ["If-Unmodified-Since"] : []) + ["Prefer"]
        )
    }

    private static func references(_ names: [String]) -> [JSONValue] {
        names.map { OpenAPIReference.to("parameters", $0) }
    }

    /// The parameters by name.
    static var components: JSONObject {
        let date: JSONValue = ["type": "string"]
        let match = "The entity tag of what is expected to be there, as in ETag; * for anything."
        let parameters: [(name: String, parameter: JSONValue)] = [
            ("If-Match", header("If-Match", match, tags, example: "*")),
            ("If-Match-required", header("If-Match", match, tags, isRequired: true, example: "*")),
            (
                "If-None-Match",
                header("If-None-Match", "The entity tags that are known already.", tags, example: "\"0\"")
            ),
            ("If-Modified-Since", header("If-Modified-Since", "A date; anything else is ignored.", date)),
            ("If-Unmodified-Since", header("If-Unmodified-Since", "A date; anything else is ignored.", date)),
            (
                "Prefer",
                header(
                    "Prefer",
                    "return=minimal for no document in the answer; other preferences are ignored (RFC 7240).",
                    ["type": "string"],
                    example: "return=minimal"
                )
            ),
            (
                "Prefer-wait",
                header(
                    "Prefer",
                    "wait=30 to wait up to so many seconds, \(WatchRequest.maxWait) at most, until there is something else than what "
                        + "If-None-Match names; other preferences are ignored (RFC 7240).",
                    ["type": "string"],
                    example: "wait=0"
                )
            ),
        ]
        return parameters.reduce(into: JSONObject()) { $0[$1.name] = $1.parameter }
    }

    /// `*`, or entity tags with commas between, RFC 9110 sections 8.8.3 and 13.1; as ``EntityTagList`` reads them.
    private static var tags: JSONValue {
        let tag = #"(W/)?"[!#-~\u0080-\u00ff]*""#
        let list = #"(,[ \t]*)*\#(tag)[ \t]*(,[ \t]*(\#(tag)[ \t]*)?)*"#
        return ["type": "string", "pattern": .string(#"^(\*|\#(list))$"#)]
    }

    private static func header(
        _ name: String,
        _ description: String,
        _ schema: JSONValue,
        isRequired: Bool = false,
        example: String? = nil
    ) -> JSONValue {
        var parameter = JSONObject()
        parameter["name"] = .string(name)
        parameter["in"] = "header"
        parameter["description"] = .string(description)
        if isRequired { parameter["required"] = true }
        parameter["schema"] = schema
        if let example { parameter["example"] = .string(example) }
        return .object(parameter)
    }

    /// A parameter in the path of a field.
    static func inPath(_ parameter: OpenAPIField.Parameter) -> JSONValue {
        let schema: JSONValue =
            parameter.isPosition
            ? ["type": "integer", "minimum": 0, "examples": [0]]
            : ["type": "string", "minLength": 1, "pattern": "^[^/\\u0000]+$", "not": ["enum": [".", ".."]]]
        let description = parameter.isPosition ? "The position in the array, from 0." : "The name of the entry."
        return [
            "name": .string(parameter.name),
            "in": "path",
            "description": .string(description),
            "required": true,
            "schema": schema,
        ]
    }
}
