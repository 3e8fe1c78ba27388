import Myosin
import Testing

@testable import StateSchema

/// What is told of values that are not what a schema describes.
@Suite struct SchemaCheckTests {
    private func read(_ schema: String) throws -> JSONSchema {
        try JSONSchema.read(JSONValue(parsing: Array(schema.utf8)))
    }

    /// The faults of a value, each as a text.
    private func faults(_ schema: String, _ value: String, limit: Int = 100) throws -> [String] {
        let faults = try read(schema).faults(of: JSONValue(parsing: Array(value.utf8)), limit: limit)
        return faults.map { "\($0.pointer) \($0.detail)" }
    }

    // MARK: One keyword

    @Test(arguments: [
        ("false", "1", " must not be there"),
        (#"{"type":"integer"}"#, "1.5", " must be an integer, got 1.5"),
        (#"{"type":"boolean"}"#, #""true""#, " must be true or false, got a string"),
        (#"{"type":["array","string","null"]}"#, "{}", " must be an array, a string or null, got an object"),
        (#"{"enum":["low","high"]}"#, #""mid""#, #" must be one of "low", "high", got "mid""#),
        (#"{"enum":["low",1,null]}"#, "2", #" must be one of "low", 1, null, got 2"#),
        (#"{"enum":[]}"#, "1", " must not be there"),
        (#"{"const":{"a":1.0}}"#, "[]", #" must be {"a":1.0}, got an array"#),
        (#"{"minimum":-5}"#, "-5.1", " must be at least -5, got -5.1"),
        (#"{"maximum":1e2}"#, "101", " must be at most 1e2, got 101"),
        (#"{"exclusiveMinimum":0}"#, "0.0", " must be more than 0, got 0.0"),
        (#"{"exclusiveMaximum":1}"#, "1", " must be less than 1, got 1"),
        (#"{"multipleOf":0.1}"#, "0.35", " must be a multiple of 0.1, got 0.35"),
        (#"{"minLength":1}"#, #""""#, " must have at least 1 character, got 0"),
        (#"{"maxLength":2}"#, #""a\u0301b""#, " must have at most 2 characters, got 3"),
        (#"{"minItems":2}"#, "[1]", " must have at least 2 elements, got 1"),
        (#"{"maxItems":0}"#, "[1]", " must have at most 0 elements, got 1"),
        (#"{"uniqueItems":true}"#, "[0,1,[1],1.0]", " must not have an element twice; 1 and 3 are equal"),
        (#"{"minProperties":1}"#, "{}", " must have at least 1 field, got 0"),
        (#"{"maxProperties":1}"#, #"{"a":1,"b":2}"#, " must have at most 1 field, got 2"),
        (#"{"required":["a"]}"#, "{}", "/a is missing"),
        (#"{"properties":{"a":{"type":"null"}}}"#, #"{"a":0}"#, "/a must be null, got 0"),
        (#"{"additionalProperties":false}"#, #"{"other":0}"#, "/other is not a field of this model"),
        (
            #"{"properties":{"humidity":{}},"additionalProperties":false}"#, #"{"humidty":0}"#,
            #"/humidty is not a field of this model, did you mean "humidity"?"#
        ),
        (#"{"additionalProperties":{"type":"number"}}"#, #"{"a/b~":""}"#, "/a~1b~0 must be a number, got a string"),
        (#"{"items":{"type":"number"}}"#, #"[1,"2"]"#, "/1 must be a number, got a string"),
        (#"{"prefixItems":[{},{"type":"number"}],"items":false}"#, "[0,null]", "/1 must be a number, got null"),
        (#"{"prefixItems":[{}],"items":false}"#, "[0,1]", "/1 must not be there"),
        (#"{"allOf":[{"minimum":2},{"maximum":3}]}"#, "1", " must be at least 2, got 1"),
        (##"{"$ref":"#/$defs/x","$defs":{"x":{"minimum":2}}}"##, "1", " must be at least 2, got 1"),
        (#"{"not":{"type":"string"}}"#, #""""#, " must not be what the schema rules out"),
        (#"{"not":{"type":"string","description":"a text"}}"#, #""""#, " must not be a text"),
        (#"{"not":{"title":"Text","description":"a text"}}"#, #""""#, " must not be Text"),
    ])
    func oneFaultIsToldWithItsPlace(_ schema: String, _ value: String, _ fault: String) throws {
        #expect(try faults(schema, value) == [fault])
        #expect(try !read(schema).accepts(JSONValue(parsing: Array(value.utf8))))
    }

    @Test(arguments: [
        ("date-time", "2026-02-30T12:00:00Z", "a date and time such as 2026-01-31T12:00:00Z"),
        ("date", "2026-2-1", "a date such as 2026-01-31"), ("time", "12:00", "a time such as 12:00:00Z"),
        ("uuid", "f72c1643", "a UUID such as f72c1643-fe23-4e82-ab47-4791f0713c47"),
        ("email", "a@", "an email address"), ("ipv4", "1.2.3", "an IPv4 address"), ("ipv6", "::g", "an IPv6 address"),
        ("uri", "/a", "a URI such as https://example.com/"),
    ])
    func whatHasAnotherFormatIsToldAnExample(_ format: String, _ text: String, _ phrase: String) throws {
        let schema = #"{"format":"\#(format)"}"#
        #expect(try faults(schema, "\"\(text)\"") == [" must be \(phrase), got \"\(text)\""])
        let long = String(repeating: " ", count: 41)
        #expect(try faults(schema, "\"\(long)\"") == [" must be \(phrase), got another string"])
        #expect(try faults(schema, "7") == [], "formats are about strings")
    }

    @Test func longListsOfValuesAreCutShort() throws {
        let values = (0..<30).map(String.init)
        let expected = values.prefix(20).joined(separator: ", ")
        let schema = #"{"enum":[\#(values.joined(separator: ","))]}"#
        #expect(try faults(schema, "30") == [" must be one of \(expected), …, got 30"])
    }

    @Test(arguments: [
        (#"{"enum":[1.0]}"#, "1"), (#"{"enum":[100]}"#, "1e2"), (#"{"const":0}"#, "-0.0"),
        (#"{"const":{"a":[1,{"b":2.50}],"c":null}}"#, #"{"c":null,"a":[10e-1,{"b":2.5}]}"#),
        (#"{"type":"integer"}"#, "1.0"), (#"{"multipleOf":0.01}"#, "19.99"), (#"{"multipleOf":1e-3}"#, "1e300"),
        (#"{"minimum":9007199254740993,"maximum":9007199254740993.0}"#, "9007199254740993"),
        (#"{"uniqueItems":true}"#, #"[1,true,"1",[1],{"a":1},null,false,0]"#),
        (#"{"maxLength":1}"#, "\"\u{1F600}\""),
    ])
    func equalNumbersAreEqualHoweverTheyAreWritten(_ schema: String, _ value: String) throws {
        #expect(try faults(schema, value) == [])
    }

    @Test(arguments: [
        (#"{"const":9007199254740993}"#, "9007199254740992"), (#"{"const":false}"#, "0"), (#"{"const":[1]}"#, "1"),
        (#"{"const":{"a":1}}"#, #"{"a":1,"b":1}"#), (#"{"uniqueItems":true}"#, #"[{"a":1,"b":2},{"b":2.0,"a":1}]"#),
        (#"{"multipleOf":0.01}"#, "19.995"), (#"{"type":"integer"}"#, "1e-1"),
    ])
    func whatOnlyLooksEqualIsNot(_ schema: String, _ value: String) throws {
        #expect(try faults(schema, value).count == 1)
    }

    // MARK: Several

    @Test func allFaultsAreToldEachOnceInTheOrderOfTheDeclaration() throws {
        let schema = #"""
            {"properties":{"b":{"type":"number"},"a":{"minimum":2,"multipleOf":2,"allOf":[{"minimum":2}]},"c":{}},
             "required":["d","c"],"additionalProperties":false}
            """#
        let expected = [
            "/b must be a number, got null", "/a must be at least 2, got 1", "/a must be a multiple of 2, got 1",
            "/c is missing", "/d is missing", "/extra is not a field of this model",
        ]
        #expect(try faults(schema, #"{"a":1,"extra":1,"b":null}"#) == expected)
        #expect(try faults(schema, #"{"a":1,"extra":1,"b":null}"#, limit: 2) == Array(expected.prefix(2)))
    }

    // MARK: Alternatives

    @Test(arguments: [
        // The faults of the only one of the value's kind.
        (
            #"{"anyOf":[{"type":"object","properties":{"a":{"type":"number"}},"required":["b"]},{"type":"null"}]}"#,
            #"{"a":""}"#, ["/a must be a number, got a string", "/b is missing"]
        ),
        (#"{"anyOf":[{"type":"number","minimum":1},{"type":"null"}]}"#, "0", [" must be at least 1, got 0"]),
        (
            #"{"oneOf":[{"type":"string","format":"ipv4"},{"const":null}]}"#, #""x""#,
            [#" must be an IPv4 address, got "x""#]
        ),
        (
            ##"{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/$defs/n"}]}],"$defs":{"n":{"type":"number","maximum":1}}}"##,
            "2", [" must be at most 1, got 2"]
        ),
        (
            #"{"anyOf":[{"type":"null"},{"anyOf":[{"type":"array"},{"type":"number","maximum":1}]}]}"#, "2",
            [" must be at most 1, got 2"]
        ),
        (#"{"anyOf":[{"enum":["a","b"]},{"type":"null"}]}"#, #""c""#, [#" must be one of "a", "b", got "c""#]),
        // All of them, where none is, or more than one.
        (
            #"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "0",
            [" fits no alternative: number 1 (must be a string, got 0); number 2 (must be null, got 0)"]
        ),
        (
            #"{"oneOf":[{"title":"Small","maximum":1},{"minimum":3}]}"#, "2",
            [#" fits no alternative: "Small" (must be at most 1, got 2); number 2 (must be at least 3, got 2)"#]
        ),
        (
            #"{"properties":{"ä":{"anyOf":[{"required":["x"]},{"properties":{"x":{"type":"null"}},"required":["y"]}]}}}"#,
            #"{"ä":{"z":0}}"#, ["/ä fits no alternative: number 1 (/x is missing); number 2 (/y is missing)"]
        ),
        (
            #"{"anyOf":[false,false,false,false,false,false]}"#, "1",
            [
                " fits no alternative: "
                    + (1...5).map { "number \($0) (must not be there)" }.joined(separator: "; ") + "; …"
            ]
        ),
        // More than one where it must be one.
        (
            #"{"oneOf":[{"title":"A"},{"type":"null"},{"minimum":0}]}"#, "1",
            [#" must be one of the alternatives, and is "A" and number 3 at once"#]
        ),
    ])
    func alternativesThatDoNotFitAreExplained(_ schema: String, _ value: String, _ expected: [String]) throws {
        #expect(try faults(schema, value) == expected)
    }
}
