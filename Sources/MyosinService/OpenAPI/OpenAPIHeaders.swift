internal import Myosin

/// The header fields of responses that the OpenAPI document shares.
enum OpenAPIHeaders {
    /// References to header fields, of which one may be described in two ways.
    static func references(_ names: [String]) -> JSONValue {
        .object(
            names.reduce(into: JSONObject()) { references, name in
                let field = ["ETag", "Preference-Applied"].first { name.hasPrefix($0) } ?? name
                references[field] = OpenAPIReference.to("headers", name)
            }
        )
    }

    /// The header fields by name.
    static var components: JSONObject {
        let tag: JSONValue = ["type": "string", "pattern": "^\"[a-z0-9]+-[0-9]+\"$"]
        let date = #"^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$"#
        let headers: [(name: String, description: String, schema: JSONValue)] = [
            ("Accept", "The media types that are taken.", ["type": "string"]),
            ("Accept-Patch", "The media types of patches that are taken.", ["type": "string"]),
            ("Cache-Control", "Whether the answer may be used again.", ["enum": ["no-cache", "no-store"]]),
            ("ETag", "The revision in quotes, the next If-Match.", tag),
            ("ETag-as-sent", "The same, where what was sent is what is there, byte for byte.", tag),
            ("Last-Modified", "When it was changed last.", ["type": "string", "pattern": .string(date)]),
            ("Preference-Applied", "The preference that was followed.", ["const": "return=minimal"]),
            (
                "Preference-Applied-wait", "How long the answer has waited for a change at most, in seconds.",
                ["type": "string", "pattern": "^wait=[0-9]+$"]
            ),
            ("Retry-After", "After how many seconds to try again.", ["type": "integer", "minimum": 0]),
            (
                "State-Revision",
                "The revision, after the incarnation in which it counts; in quotes it is the next If-Match.",
                ["type": "string", "pattern": "^[a-z0-9]+-[0-9]+$"]
            ),
            ("Vary", "The fields of the request that the answer depends on.", ["const": "Accept"]),
        ]
        return headers.reduce(into: JSONObject()) { components, header in
            components[header.name] = [
                "description": .string(header.description),
                // A clock may tell a time that has no date.
                "required": .bool(
                    !["ETag-as-sent", "Last-Modified", "Preference-Applied-wait"].contains(header.name)
                ),
                "schema": header.schema,
            ]
        }
    }
}
