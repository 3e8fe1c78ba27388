internal import Myosin

/// The names that a schema can have.
enum JSONSchemaKeywords {
    /// Those that are read, in the order in which a schema is usually written.
    static let known = [
        "$schema", "$id", "$comment", "$defs", "$ref", "title", "description", "type", "properties", "required",
        "additionalProperties", "default", "enum", "const", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf", "minLength", "maxLength", "items", "prefixItems", "minItems", "maxItems", "uniqueItems",
        "minProperties", "maxProperties", "format", "readOnly", "examples", "allOf", "anyOf", "oneOf", "not", "x-unit",
        "x-metric", "x-metric-type", "x-metric-label", "x-durable", "x-max-bytes", "x-require-if-match", "x-version",
    ]

    /// Those that stand at the top of a document only, where they concern the whole of it.
    static let atTop: Set = ["$schema", "$id", "x-durable", "x-max-bytes", "x-require-if-match", "x-version"]

    /// What is said instead, of keywords that JSON Schema has, or had, and that are not read.
    private static let instead = [
        "additionalItems": "use items beside prefixItems", "definitions": "use $defs",
        "dependencies": "use anyOf and required",
        "divisibleBy": "use multipleOf", "nullable": "use \"type\": [\"string\", \"null\"]",
        "pattern": "use format or enum",
        "$recursiveRef": "use $ref", "$anchor": "use $ref with the place, such as #/$defs/name",
    ]
    private static let unsupported: Set = [
        "$dynamicRef", "$dynamicAnchor", "$vocabulary", "contains", "minContains", "maxContains", "contentEncoding",
        "contentMediaType", "contentSchema", "dependentRequired", "dependentSchemas", "deprecated", "if", "then",
        "else",
        "patternProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "writeOnly",
    ]

    /// What is wrong with a name that is not read.
    static func refusal(of name: String) -> String {
        if let advice = instead[name] { return "is a keyword that is not supported here; \(advice)" }
        if unsupported.contains(name) { return "is a keyword that is not supported here" }
        return "is not a keyword" + (suggestion(name).map { ", did you mean \($0)?" } ?? " of JSON Schema")
    }

    private static func suggestion(_ name: String) -> String? { didYouMean(name, among: known) }
}
