import Myosin
import Testing

@testable import StateSchema

/// What is refused of schemas, and what its author is told.
@Suite struct SchemaReaderTests {
    /// The faults of a schema, each as a text; none if it is read.
    static func faults(_ schema: String, _ unknown: JSONSchema.UnknownKeywords = .refused) throws -> [String] {
        let document = try JSONValue(parsing: Array(schema.utf8))
        do {
            _ = try JSONSchema.read(document, unknown: unknown)
            return []
        } catch {
            return error.faults.map { "\($0.pointer) \($0.detail)" }
        }
    }

    // MARK: Keywords

    @Test(arguments: [
        ("minimun", "is not a keyword, did you mean minimum?"),
        ("Type", "is not a keyword, did you mean type?"),
        ("additionalproperties", "is not a keyword, did you mean additionalProperties?"),
        ("ref", "is not a keyword, did you mean $ref?"),
        ("x_unit", "is not a keyword, did you mean x-unit?"),
        ("x-colour", "is not a keyword of JSON Schema"),
        ("", "is not a keyword of JSON Schema"),
    ])
    func whatIsNoKeywordIsRefused(_ name: String, _ detail: String) throws {
        let schema = #"{"properties":{"a":{"\#(name)":1}}}"#
        #expect(try Self.faults(schema) == ["/properties/a/\(name) \(detail)"])
        #expect(try Self.faults(schema, .ignored) == [])
    }

    @Test(arguments: [
        ("additionalItems", "; use items beside prefixItems"), ("definitions", "; use $defs"),
        ("dependencies", "; use anyOf and required"), ("divisibleBy", "; use multipleOf"),
        ("nullable", #"; use "type": ["string", "null"]"#), ("pattern", "; use format or enum"),
        ("$recursiveRef", "; use $ref"), ("$anchor", "; use $ref with the place, such as #/$defs/name"),
        ("$dynamicRef", ""), ("$dynamicAnchor", ""), ("$vocabulary", ""), ("contains", ""), ("minContains", ""),
        ("maxContains", ""), ("contentEncoding", ""), ("contentMediaType", ""), ("contentSchema", ""),
        ("dependentRequired", ""), ("dependentSchemas", ""), ("deprecated", ""), ("if", ""), ("then", ""), ("else", ""),
        ("patternProperties", ""), ("propertyNames", ""), ("unevaluatedItems", ""), ("unevaluatedProperties", ""),
        ("writeOnly", ""),
    ])
    func keywordsThatAreNotSupportedAreRefusedWithAdvice(_ name: String, _ advice: String) throws {
        let expected = "/\(name) is a keyword that is not supported here\(advice)"
        #expect(try Self.faults(#"{"type":"string","\#(name)":true}"#) == [expected])
    }

    @Test(arguments: ["$schema", "$id", "x-durable", "x-max-bytes", "x-require-if-match", "x-version"])
    func whatConcernsTheWholeStandsAtTheTop(_ name: String) throws {
        let detail = "stands at the top of a schema only, since it concerns the whole"
        #expect(try Self.faults(#"{"items":{"\#(name)":1}}"#) == ["/items/\(name) \(detail)"])
    }

    // MARK: Arguments

    @Test(arguments: [
        ("null", " must be a schema, which is an object, true or false, got null"),
        ("7", " must be a schema, which is an object, true or false, got a number"),
        (
            #"{"$schema":"http://json-schema.org/draft-07/schema#"}"#,
            "/$schema must be "
                + #"https://json-schema.org/draft/2020-12/schema, got "http://json-schema.org/draft-07/schema#""#
        ),
        (#"{"$id":1}"#, "/$id must be a string, got 1"),
        (#"{"title":["a"]}"#, "/title must be a string, got an array"),
        (
            #"{"type":"float"}"#,
            #"/type is "float", which is no type; there are null, boolean, integer, number, string, "#
                + "array, object"
        ),
        (#"{"type":"sting"}"#, #"/type is "sting", which is no type, did you mean string?"#),
        (#"{"type":[]}"#, "/type must name at least one type"),
        (#"{"type":["null",false]}"#, "/type/1 must be a string, got false"),
        (#"{"type":["null","null"]}"#, #"/type/1 names "null" twice"#),
        (#"{"required":"a"}"#, "/required must be an array, got a string"),
        (#"{"required":["a","b","a"]}"#, #"/required/2 names "a" twice"#),
        (#"{"enum":1}"#, "/enum must be an array, got 1"),
        (#"{"examples":{}}"#, "/examples must be an array, got an object"),
        (#"{"minimum":"1"}"#, "/minimum must be a number, got a string"),
        (#"{"exclusiveMaximum":true}"#, "/exclusiveMaximum must be a number, got true"),
        (#"{"maximum":1e1000000000000}"#, "/maximum must be a number, got 1e1000000000000"),
        (#"{"multipleOf":0}"#, "/multipleOf must be a number above 0 of at most 18 digits, got 0"),
        (#"{"multipleOf":-0.5}"#, "/multipleOf must be a number above 0 of at most 18 digits, got -0.5"),
        (
            #"{"multipleOf":1.234567890123456789}"#,
            "/multipleOf must be a number above 0 of at most 18 digits, got 1.234567890123456789"
        ),
        (#"{"minLength":-1}"#, "/minLength must be a whole number from 0, got -1"),
        (#"{"maxItems":1.5}"#, "/maxItems must be a whole number from 0, got 1.5"),
        (#"{"maxProperties":"2"}"#, "/maxProperties must be a whole number from 0, got a string"),
        (#"{"uniqueItems":1}"#, "/uniqueItems must be true or false, got 1"),
        (#"{"readOnly":"yes"}"#, "/readOnly must be true or false, got a string"),
        (#"{"properties":[]}"#, "/properties must be an object of schemas, got an array"),
        (
            #"{"properties":{"a":"string"}}"#,
            "/properties/a must be a schema, which is an object, true or false, got a string"
        ),
        (#"{"items":[{}]}"#, "/items must be a schema, which is an object, true or false, got an array"),
        (#"{"prefixItems":{}}"#, "/prefixItems must be an array of schemas with at least one, got an object"),
        (#"{"anyOf":[]}"#, "/anyOf must be an array of schemas with at least one, got none"),
        (
            #"{"format":"hostname"}"#,
            #"/format is "hostname", which is no format that is supported here; there are "#
                + "date-time, date, time, uuid, email, ipv4, ipv6, uri"
        ),
        (
            #"{"format":"emial"}"#,
            #"/format is "emial", which is no format that is supported here, did you mean email?"#
        ),
        (#"{"x-metric":0}"#, "/x-metric must be true or false, got 0"),
        (#"{"x-metric-type":"summary"}"#, #"/x-metric-type must be one of gauge, counter, got "summary""#),
        (#"{"x-metric-type":true}"#, "/x-metric-type must be one of gauge, counter, got true"),
        (#"{"x-metric-label":1}"#, "/x-metric-label must be a string, got 1"),
        (#"{"x-durable":null}"#, "/x-durable must be true or false, got null"),
        (#"{"x-version":0}"#, "/x-version must be at least 1"),
        (#"{"x-version":"2"}"#, "/x-version must be a whole number from 0, got a string"),
    ])
    func argumentsOfAnotherKindAreRefused(_ schema: String, _ fault: String) throws {
        #expect(try Self.faults(schema) == [fault])
    }

    @Test(arguments: ["Celsius", "km/h", "°", "1st", "_x", ""])
    func unitsAreTheEndsOfMetricNames(_ unit: String) throws {
        let expected =
            "must consist of small letters, digits and _, such as celsius or bytes_per_second, got \"\(unit)\""
        #expect(try Self.faults(#"{"type":"number","x-unit":"\#(unit)"}"#) == ["/x-unit \(expected)"])
        #expect(try Self.faults(#"{"type":"number","x-unit":"m2_per_second"}"#) == [])
    }

    @Test(arguments: ["", "1a", "a-b", "é", "a b"]) func labelsHaveTheNamesThatPrometheusAllows(_ name: String) throws {
        let expected = "must consist of letters, digits and _, with no digit first, such as interface, got \"\(name)\""
        #expect(try Self.faults(#"{"x-metric-label":"\#(name)"}"#) == ["/x-metric-label \(expected)"])
    }

    @Test(arguments: ["__a", "le", "quantile"]) func labelsThatPrometheusUsesAreRefused(_ name: String) throws {
        let expected = "is \"\(name)\", which Prometheus uses itself; choose another name"
        #expect(try Self.faults(#"{"x-metric-label":"\#(name)"}"#) == ["/x-metric-label \(expected)"])
        #expect(try Self.faults(#"{"x-metric-label":"_\#(name.filter { $0 != "_" })1"}"#) == [])
    }

    /// Who uses schemas of others wants to hear of what is wrong in them, not of what only others know.
    @Test func unknownFormatsAreIgnoredWhereUnknownKeywordsAre() throws {
        #expect(try Self.faults(#"{"format":"hostname","pattern":7}"#, .ignored) == [])
        #expect(try Self.faults(#"{"minLength":-1}"#, .ignored) == ["/minLength must be a whole number from 0, got -1"])
    }

    @Test func allFaultsAreToldUpToAHundred() throws {
        #expect(try Self.faults(#"{"type":"x","minimum":"y","z":1}"#).count == 3)
        let many = (0..<150).map { "\"x\($0)\":1" }.joined(separator: ",")
        #expect(try Self.faults("{\(many)}").count == 100)
    }

    // MARK: References

    @Test(arguments: [
        (
            "https://example.com/schema",
            "must name a place in this document, such as #/$defs/name, got "
                + #""https://example.com/schema""#
        ),
        ("a", #"must name a place in this document, such as #/$defs/name, got "a""#),
        ("", #"must name a place in this document, such as #/$defs/name, got """#),
        ("#a", ##"must name a place in this document, such as #/$defs/name, got "#a""##),
        ("#/$defs/%zz", ##"must name a place in this document, such as #/$defs/name, got "#/$defs/%zz""##),
        ("#/$defs/%+a", ##"must name a place in this document, such as #/$defs/name, got "#/$defs/%+a""##),
        ("#/$defs/%ff", ##"must name a place in this document, such as #/$defs/name, got "#/$defs/%ff""##),
        ("#/$defs/none", "names #/$defs/none, which is not in this document"),
        ("#/$defs/list/allOf/01", "names #/$defs/list/allOf/01, which is not in this document"),
        // A mark that joins the character before it is a part of the name none the less.
        ("#/\u{301}$defs/list", "names #/\u{301}$defs/list, which is not in this document"),
        ("#/$defs/list/title", "must be a schema, which is an object, true or false, got a string"),
    ])
    func referencesLeadToSchemasOfTheDocument(_ reference: String, _ detail: String) throws {
        let schema: JSONValue = [
            "$defs": ["list": ["title": "L", "allOf": [true, false]]], "items": ["$ref": .string(reference)],
        ]
        let place = reference.hasSuffix("title") ? "/$defs/list/title" : "/items/$ref"
        #expect(try Self.faults(schema.description) == ["\(place) \(detail)"])
    }

    @Test(arguments: [
        "#/$defs/a~1b~0c/items", "#/%24defs/a%7e1b~0c/items", "#/$defs/%C3%A4", "#/$defs/ä",
        "#/$defs/", "#/$defs/ /prefixItems/1", "#/$defs/%20/prefixItems/1", "#/$defs/\u{301}", "#/$defs/x~1\u{301}",
        "#/$defs/~01",
    ])
    func namesInReferencesAreUnescaped(_ reference: String) throws {
        let number: JSONValue = ["type": "number"]
        let schema: JSONValue = [
            "$defs": [
                "a/b~c": ["items": number], "ä": number, "": number, " ": ["prefixItems": [true, number]],
                "\u{301}": number, "x/\u{301}": number, "~1": number,
            ],
            "$ref": .string(reference),
        ]
        let node = try JSONSchema.read(schema)
        #expect(node.accepts(1) && !node.accepts("1"))
    }

    @Test(arguments: [
        (##"{"$ref":"#"}"##, ["/$ref"]),
        (##"{"properties":{"a":{"$ref":"#"}}}"##, ["/properties/a/$ref"]),
        (##"{"$defs":{"a":{"$ref":"#/$defs/a"}}}"##, ["/$defs/a/$ref"]),
        (##"{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##, ["/$defs/b/$ref"]),
        (##"{"$defs":{"a":{"items":{"not":{"$ref":"#/$defs/a"}}}},"$ref":"#/$defs/a"}"##, ["/$defs/a/items/not/$ref"]),
        // By way of what holds schemas and is read as one itself.
        (##"{"properties":{"not":{"$ref":"#/properties"}}}"##, ["/properties/not/$ref"]),
    ])
    func aSchemaThatContainsItselfIsRefused(_ schema: String, _ places: [String]) throws {
        let detail = "leads back to where it stands; a schema cannot contain itself here"
        #expect(try Self.faults(schema) == places.map { "\($0) \(detail)" })
    }

    @Test func whatSeveralReferencesNameIsOneNode() throws {
        let node = try JSONSchema.read([
            "properties": ["a": ["$ref": "#/$defs/x"], "b": ["$ref": "#/$defs/x"]], "$defs": ["x": ["type": "number"]],
        ])
        let targets = node.rules.properties.map(\.node.rules.reference)
        #expect(targets.count == 2 && targets[0] != nil && targets[0] === targets[1])
    }
}
