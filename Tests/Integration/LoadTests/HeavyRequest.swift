/// A request that gives the service much to do, of at most 1 MB.
struct HeavyRequest {
    var name: String
    /// The requests that come before it.
    var before: [String] = []
    let text: String

    /// What comes before it a second time: a write changes the document again only after a reset.
    var beforeAgain: [String] {
        guard let model = text.prefixMatch(of: #/(?:PUT|PATCH|POST) /state/([A-Za-z0-9]+)/#)?.1 else { return [] }
        return [Self.call("DELETE /state/\(model)")] + before
    }

    /// All of them.
    static let all = bodies + others

    /// The models that they are about, by name.
    static let schemas: [(name: String, text: String)] = [
        ("Any", #"{"type":"object","additionalProperties":true}"#),
        ("Unique", #"{"type":"object","properties":{"list":{"type":"array","uniqueItems":true}}}"#),
        (
            "Table",
            #"""
            {"type":"object","properties":{"rows":{"type":"array","items":{"type":"object","properties":{
            "name":{"type":"string","minLength":1,"maxLength":40},"unit":{"enum":["m","s","kg"]},
            "value":{"type":"number","minimum":-1e9,"multipleOf":0.5},"time":{"type":"string","format":"date-time"},
            "tags":{"type":"array","items":{"type":"string"},"uniqueItems":true}},"required":["name","value"],
            "additionalProperties":false}}}}
            """#
        ),
        (
            "Choice",
            #"""
            {"type":"object","additionalProperties":{"anyOf":[{"type":"number"},{"type":"array","items":{"anyOf":[
            {"type":"string","maxLength":3},{"type":"integer"},{"type":"array","items":{"oneOf":[{"type":"null"},
            {"type":"boolean"}]}}]}}]}}
            """#
        ),
        ("Wide", wide),
        (
            "Map",
            #"""
            {"type":"object","properties":{"map":{"type":"object","additionalProperties":{"type":"array","items":{"anyOf":[
            {"type":"string"},{"type":"number"}]}}}}}
            """#
        ),
    ]

    /// A schema that holds each element against many alternatives, or each field of it against many properties.
    private static let wide: String = {
        let properties = (0..<200).map { #""p\#($0)":{"type":"string","default":"some text"}"# }.joined(separator: ",")
        let required = (0..<200).map { #""p\#($0)""# }.joined(separator: ",")
        let alternatives = (0..<200).map { #"{"enum":["a\#($0)","b\#($0)"]}"# }.joined(separator: ",")
        return #"""
            {"type":"object","properties":{
            "objects":{"type":"array","items":{"type":"object","properties":{\#(properties)},"required":[\#(required)]}},
            "choices":{"type":"array","items":{"anyOf":[\#(alternatives)]}}}}
            """#
    }()

    static func call(_ line: String, _ fields: [String] = [], _ body: String? = nil) -> String {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        return (["\(line) HTTP/1.1", "Host: localhost"] + fields + length).joined(separator: "\r\n") + "\r\n\r\n"
            + (body ?? "")
    }

    /// The size of a large body.
    private static let size = Load.count(150_000, full: 1_000_000)

    /// So many bytes of pieces that are numbered, between two ends.
    private static func fill(
        _ start: String,
        _ end: String,
        bytes: Int = size,
        separator: String = ",",
        _ piece: (Int) -> String
    ) -> String {
        var text = start
        text.reserveCapacity(bytes + 100)
        for number in 0... {
            let next = (number == 0 ? "" : separator) + piece(number)
            guard text.utf8.count + next.utf8.count + end.utf8.count <= bytes else { break }
            text += next
        }
        return text + end
    }

    private static func longName(_ bytes: Int) -> String { String(repeating: "n", count: bytes) }

    private static func put(_ name: String, _ model: String, _ body: String) -> HeavyRequest {
        HeavyRequest(name: name, text: call("PUT /state/\(model)", [], body))
    }

    private static let row =
        #"{"name":"sensor","unit":"kg","value":12.5,"time":"2026-01-02T03:04:05Z","tags":["a","b","c"]}"#

    static let bodies: [HeavyRequest] = [
        put("an array of unique numbers", "Unique", fill(#"{"list":["#, "]}") { "\($0)" }),
        put("unique arrays", "Unique", fill(#"{"list":["#, "]}") { "[\($0),[\($0)]]" }),
        put("unique objects", "Unique", fill(#"{"list":["#, "]}") { #"{"a":\#($0),"b":"x"}"# }),
        put("a repetition at the end", "Unique", fill(#"{"list":["#, ",1]}") { "\($0)" }),
        put("a table", "Table", fill(#"{"rows":["#, "]}", bytes: size * 3 / 4) { _ in row }),
        put("a table of faults", "Table", fill(#"{"rows":["#, "]}") { #"{"nme":\#($0)}"# }),
        put("choices", "Choice", fill("{", "}") { #""k\#($0)":["abc",1,[null,true]]"# }),
        put("wrong choices", "Choice", fill("{", "}") { #""k\#($0)":["abcd",1.5,[1]]"# }),
        put("empty arrays", "Any", fill(#"{"a":["#, "]}") { _ in "[]" }),
        put("many fields", "Any", fill("{", "}") { #""field\#($0)":0"# }),
        put("one field again and again", "Any", fill("{", "}") { _ in #""a":0"# }),
        put("one string", "Any", fill(#"{"a":""#, #""}"#, separator: "") { _ in "abcdefgh" }),
        put("escapes", "Any", fill(#"{"a":""#, #""}"#, separator: "") { _ in #"\u00e9\n"# }),
        put("surrogates", "Any", fill(#"{"a":""#, #""}"#, separator: "") { _ in #"\ud83d\ude00"# }),
        put("long numbers", "Any", fill(#"{"a":["#, "]}") { "\($0).12345678901234567e-300" }),
        put("one number", "Any", fill(#"{"a":"#, "}", separator: "") { _ in "1234567890" }),
        put("white space", "Any", fill(#"{"a":1"#, "}", separator: "") { _ in " \n\t " }),
        put("brackets", "Any", fill(#"{"a":"#, "}", separator: "") { _ in "[[[[[[[[" }),
        put("no end", "Any", fill(#"{"a":["#, "") { _ in "{}" }),
        put(
            "nesting",
            "Any",
            fill(#"{"a":["#, "]}") { _ in String(repeating: "[", count: 60) + String(repeating: "]", count: 60) }
        ),
        put("few alternatives", "Wide", fill(#"{"choices":["#, "]}", bytes: 8_000) { #""b\#($0 % 200)""# }),
        put("few wrong alternatives", "Wide", fill(#"{"choices":["#, "]}", bytes: 8_000) { "\($0)" }),
        put("few objects with defaults", "Wide", fill(#"{"objects":["#, "]}", bytes: 8_000) { _ in "{}" }),
        put("a long name", "Map", fill(#"{"map":{"\#(longName(1_300))":["#, "]}}", bytes: 2_600) { _ in "1" }),
        put(
            "faults below a long name",
            "Map",
            fill(#"{"map":{"\#(longName(4_000))":["#, "]}}", bytes: 8_000) { _ in "{}" }
        ),
        put("a very long name", "Map", fill(#"{"map":{"\#(longName(size / 2))":["#, "]}}") { _ in "[]" }),
        put(
            "large numbers below a long name",
            "Any",
            fill(#"{"\#(longName(4_000))":["#, "]}", bytes: 8_000) { _ in "1e9999999" }
        ),
        HeavyRequest(
            name: "nulls below a long name",
            text: call("PATCH /state/Map", [], fill(#"{"\#(longName(size / 2))":{"#, "}}") { #""f\#($0)":null"# })
        ),
        HeavyRequest(name: "many nulls", text: call("PATCH /state/Any", [], fill("{", "}") { #""f\#($0)":null"# })),
        HeavyRequest(
            name: "a deep field",
            text: call("PUT /state/Any" + String(repeating: "/a", count: 3_900), [], "1")
        ),
        HeavyRequest(
            name: "a merge of many fields",
            text: call("PATCH /state/Any", [], fill("{", "}") { #""field\#($0)":{"a":null}"# })
        ),
        HeavyRequest(
            name: "unknown models",
            text: call("PATCH /state", [], fill("{", "}") { #""Modle\#($0)":{}"# })
        ),
        HeavyRequest(
            name: "long unknown models",
            text: call(
                "PATCH /state",
                [],
                fill("{", "}", bytes: 12_000) { #""\#(String(repeating: "Model00000", count: 5))\#($0 + 100)":{}"# }
            )
        ),
        HeavyRequest(
            name: "known models",
            text: call(
                "PATCH /state",
                [],
                fill("{", "}") { #""Model\#(String(1_000_000 + $0).dropFirst())":{}"# }
            )
        ),
        HeavyRequest(
            name: "changes of known models",
            text: call(
                "PATCH /state",
                [],
                fill("{", "}", bytes: Load.count(2_800, full: 300_000)) {
                    #""Model\#(String(1_000_000 + $0).dropFirst())":{"samples":\#($0)}"#
                }
            )
        ),
    ]

    private static let large = call("PUT /state/Any", [], fill(#"{"b":1,"a":["#, "]}") { "\($0)" })

    private static let others: [HeavyRequest] = [
        HeavyRequest(name: "a field of a large model", before: [large], text: call("PUT /state/Any/b", [], "2")),
        HeavyRequest(
            name: "an element of a large model",
            before: [large],
            text: call("PUT /state/Any/a/100000", [], "2")
        ),
        HeavyRequest(
            name: "no element of a large model",
            before: [large],
            text: call("PUT /state/Any/a/1000000", [], "2")
        ),
        HeavyRequest(
            name: "a part of a large model",
            before: [large],
            text: call("PATCH /state/Any", [], #"{"b":3}"#)
        ),
        HeavyRequest(name: "the defaults of a large model", before: [large], text: call("DELETE /state/Any")),
        HeavyRequest(name: "a large model", before: [large], text: call("GET /state/Any")),
        HeavyRequest(name: "a number in a large model", before: [large], text: call("GET /state/Any/a/100000")),
        HeavyRequest(name: "an array in a large model", before: [large], text: call("GET /state/Any/a")),
        HeavyRequest(name: "no field of a large model", before: [large], text: call("GET /state/Any/c")),
        HeavyRequest(name: "all models", before: [large], text: call("GET /state")),
        HeavyRequest(name: "all schemas", text: call("GET /schema")),
        HeavyRequest(name: "OpenAPI", text: call("GET /openapi.json")),
        HeavyRequest(name: "the page", text: call("GET /")),
        HeavyRequest(name: "the metrics", text: call("GET /metrics")),
        HeavyRequest(name: "metrics of a large model", before: [large], text: call("GET /metrics")),
        HeavyRequest(name: "compressed metrics", text: call("GET /metrics", ["Accept-Encoding: gzip"])),
        HeavyRequest(name: "health", text: call("GET /healthz")),
        HeavyRequest(name: "an unknown model", text: call("GET /state/\(String(repeating: "Model00000", count: 6))")),
        HeavyRequest(name: "a long unknown model", text: call("GET /state/" + String(repeating: "m", count: 7_900))),
        HeavyRequest(name: "a long path", text: call("GET /state/Any" + String(repeating: "/a", count: 3_900))),
        HeavyRequest(name: "an escaped path", text: call("GET /state/Any/" + String(repeating: "%61", count: 2_600))),
        HeavyRequest(name: "empty segments", text: call("GET " + String(repeating: "/", count: 8_000))),
        HeavyRequest(name: "events of all models", text: call("GET /state?watch")),
        HeavyRequest(
            name: "tags",
            text: call("GET /state/Any", ["If-None-Match: " + fill("", "", bytes: 16_000) { #""k\#($0)-1""# }])
        ),
        HeavyRequest(
            name: "media types",
            text: call("GET /metrics", ["Accept: " + fill("", "", bytes: 16_000) { "a/b\($0);q=0.5;x=\"y\"" }])
        ),
        HeavyRequest(
            name: "preferences",
            text: call("GET /state/Any", ["Prefer: " + fill("", "", bytes: 16_000) { "a\($0)=b" }])
        ),
        HeavyRequest(
            name: "cookies",
            text: call("GET /state/Any", ["Cookie: " + fill("", "", bytes: 16_000) { "a=\($0);" }])
        ),
        HeavyRequest(
            name: "fields",
            text: call("GET /state/Any", (0..<98).map { "If-Match\($0): " + String(repeating: ",", count: 100) })
        ),
    ]
}
