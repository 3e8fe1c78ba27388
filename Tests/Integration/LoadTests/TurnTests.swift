import Foundation
import TestSupport
import Testing

extension LoadTests {
    /// One thread serves all clients: no request has it compute for long, whatever the request holds.
    @Suite(.serialized) struct TurnTests {
        /// A request, and those that come before it.
        private struct Sample {
            let name: String
            var before: [String] = []
            let request: String
        }

        let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
            for (name, schema) in Self.schemas {
                try schema.write(toFile: "\(directory.path)/\(name).json", atomically: true, encoding: .utf8)
            }
        }

        private static let schemas = [
            "Any": #"{"type":"object","additionalProperties":true}"#,
            "Unique": #"{"type":"object","properties":{"list":{"type":"array","uniqueItems":true}}}"#,
            "Table": #"""
            {"type":"object","properties":{"rows":{"type":"array","items":{"type":"object","properties":{
            "name":{"type":"string","minLength":1,"maxLength":40},"unit":{"enum":["m","s","kg"]},
            "value":{"type":"number","minimum":-1e9,"multipleOf":0.5},"time":{"type":"string","format":"date-time"},
            "tags":{"type":"array","items":{"type":"string"},"uniqueItems":true}},"required":["name","value"],
            "additionalProperties":false}}}}
            """#,
            "Choice": #"""
            {"type":"object","additionalProperties":{"anyOf":[{"type":"number"},{"type":"array","items":{"anyOf":[
            {"type":"string","maxLength":3},{"type":"integer"},{"type":"array","items":{"oneOf":[{"type":"null"},
            {"type":"boolean"}]}}]}}]}}
            """#,
        ]

        private static func call(_ line: String, _ fields: [String] = [], _ body: String? = nil) -> String {
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

        private static func put(_ name: String, _ model: String, _ body: String) -> Sample {
            Sample(name: name, request: call("PUT /state/\(model)", [], body))
        }

        private static let row =
            #"{"name":"sensor","unit":"kg","value":12.5,"time":"2026-01-02T03:04:05Z","tags":["a","b","c"]}"#

        private static let bodies: [Sample] = [
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
            Sample(
                name: "a merge of many fields",
                request: call("PATCH /state/Any", [], fill("{", "}") { #""field\#($0)":{"a":null}"# })
            ),
            Sample(
                name: "unknown models",
                request: call("PATCH /state", [], fill("{", "}") { #""Modle\#($0)":{}"# })
            ),
            Sample(
                name: "long unknown models",
                request: call(
                    "PATCH /state",
                    [],
                    fill("{", "}", bytes: 12_000) { #""\#(String(repeating: "Model00000", count: 5))\#($0 + 100)":{}"# }
                )
            ),
            Sample(
                name: "known models",
                request: call(
                    "PATCH /state",
                    [],
                    fill("{", "}") { #""Model\#(String(1_000_000 + $0).dropFirst())":{}"# }
                )
            ),
        ]

        private static let large = call("PUT /state/Any", [], fill(#"{"b":1,"a":["#, "]}") { "\($0)" })

        private static let others: [Sample] = [
            Sample(name: "a field of a large model", before: [large], request: call("PUT /state/Any/b", [], "2")),
            Sample(
                name: "an element of a large model",
                before: [large],
                request: call("PUT /state/Any/a/100000", [], "2")
            ),
            Sample(
                name: "no element of a large model",
                before: [large],
                request: call("PUT /state/Any/a/1000000", [], "2")
            ),
            Sample(
                name: "a part of a large model",
                before: [large],
                request: call("PATCH /state/Any", [], #"{"b":3}"#)
            ),
            Sample(name: "the defaults of a large model", before: [large], request: call("DELETE /state/Any")),
            Sample(name: "a large model", before: [large], request: call("GET /state/Any")),
            Sample(name: "a number in a large model", before: [large], request: call("GET /state/Any/a/100000")),
            Sample(name: "an array in a large model", before: [large], request: call("GET /state/Any/a")),
            Sample(name: "no field of a large model", before: [large], request: call("GET /state/Any/c")),
            Sample(name: "all models", before: [large], request: call("GET /state")),
            Sample(name: "all schemas", request: call("GET /schema")),
            Sample(name: "OpenAPI", request: call("GET /openapi.json")),
            Sample(name: "the page", request: call("GET /")),
            Sample(name: "the metrics", request: call("GET /metrics")),
            Sample(name: "compressed metrics", request: call("GET /metrics", ["Accept-Encoding: gzip"])),
            Sample(name: "health", request: call("GET /healthz")),
            Sample(name: "an unknown model", request: call("GET /state/\(String(repeating: "Model00000", count: 6))")),
            Sample(name: "a long unknown model", request: call("GET /state/" + String(repeating: "m", count: 7_900))),
            Sample(name: "a long path", request: call("GET /state/Any" + String(repeating: "/a", count: 3_900))),
            Sample(name: "an escaped path", request: call("GET /state/Any/" + String(repeating: "%61", count: 2_600))),
            Sample(name: "empty segments", request: call("GET " + String(repeating: "/", count: 8_000))),
            Sample(
                name: "models of a query",
                request: call("GET /state?watch&" + (0..<31).map { "model=Modle\($0)" }.joined(separator: "&"))
            ),
            Sample(
                name: "tags",
                request: call("GET /state/Any", ["If-None-Match: " + fill("", "", bytes: 16_000) { #""k\#($0)-1""# }])
            ),
            Sample(
                name: "media types",
                request: call("GET /metrics", ["Accept: " + fill("", "", bytes: 16_000) { "a/b\($0);q=0.5;x=\"y\"" }])
            ),
            Sample(
                name: "preferences",
                request: call("GET /state/Any", ["Prefer: " + fill("", "", bytes: 16_000) { "a\($0)=b" }])
            ),
            Sample(
                name: "cookies",
                request: call("GET /state/Any", ["Cookie: " + fill("", "", bytes: 16_000) { "a=\($0);" }])
            ),
            Sample(
                name: "fields",
                request: call("GET /state/Any", (0..<98).map { "If-Match\($0): " + String(repeating: ",", count: 100) })
            ),
        ]

        /// The processor time of the loop's thread in one turn, in microseconds: much more without optimization.
        private static let mostMicroseconds = Load.isFull ? 5_000 : 100_000

        @Test func noRequestHoldsTheLoop() async throws {
            try await onThread { [directory] in
                let models = Load.count(101, full: 10_000)
                let words = ["schemas", directory.path, "models=\(models)", "patient"]
                let server = try Probe(words, of: "service-probe")
                let address = try server.line(within: Load.patience)
                for sample in Self.bodies + Self.others {
                    for request in sample.before { try Self.exchange(request, at: address) }
                    var (longest, status) = (0, "")
                    for _ in 0..<Load.count(1, full: 3) {
                        server.goOn("turns")
                        _ = try server.line()
                        status = try Self.exchange(sample.request, at: address)
                        server.goOn("turns")
                        let figures = Figures(try server.line())
                        #expect(figures["turns"] > 0)
                        longest = max(longest, figures["longest"])
                    }
                    print("\(sample.name): \(status), \(longest) µs")
                    #expect(longest <= Self.mostMicroseconds, "\(sample.name): \(longest) µs")
                }
            }
        }

        @discardableResult
        private static func exchange(_ request: String, at address: String) throws -> String {
            let connection = try RawConnection(address)
            try connection.send(Array(request.utf8))
            let lines = try connection.readHead()
            let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            if let length { _ = try connection.read(Int(length.dropFirst(15).drop { $0 == " " }) ?? 0) }
            return String(lines[0].dropFirst(9).prefix(3))
        }
    }
}
