import Testing

@testable import Myosin

@Suite struct MergePatchTests {
    /// RFC 7396, appendix A: original, patch, result.
    private static let examples = [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ]

    @Test(arguments: examples) func theExamplesOfTheStandardAreMet(
        _ original: String,
        _ patch: String,
        _ result: String
    )
        throws
    {
        let merged = try JSONValue(parsing: Array(original.utf8)).merging(try JSONValue(parsing: Array(patch.utf8)))
        #expect(String(decoding: merged.bytes, as: UTF8.self) == result)
    }

    @Test func nullsOfWhatIsNotThereMayBeKept() throws {
        let original = try JSONValue(parsing: Array(#"{"a":1,"b":{"c":2}}"#.utf8))
        let patch = try JSONValue(parsing: Array(#"{"a":null,"b":{"c":null,"d":null},"e":null}"#.utf8))
        #expect(
            String(decoding: original.merging(patch, keepingNulls: true).bytes, as: UTF8.self)
                == #"{"b":{"d":null},"e":null}"#
        )
        #expect(patch.nulls() == ["/a", "/b/c", "/b/d", "/e"])
    }

    private static let places: [(path: String, value: String?)] = [
        ("", #"{"a":[1,{"b":null}],"c~/d":true}"#), ("a", #"[1,{"b":null}]"#), ("a/0", "1"), ("a/1/b", "null"),
        ("a/2", nil),
        ("a/00", nil), ("a/-1", nil), ("a/+1", nil), ("a/x", nil), ("a/1/b/c", nil), ("b", nil),
        ("a/9999999999999999999", nil),
    ]

    @Test(arguments: places) func placesAreFound(_ path: String, _ value: String?) throws {
        let document = try JSONValue(parsing: Array(#"{"a":[1,{"b":null}],"c~/d":true}"#.utf8))
        let found = document.value(at: path.split(separator: "/").map(String.init))
        #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == value)
    }

    private static let changes: [(path: String, result: String?)] = [
        ("", "7"), ("a", #"{"a":7}"#), ("b", #"{"a":[1,{"b":null}],"b":7}"#), ("a/0", #"{"a":[7,{"b":null}]}"#),
        ("a/1/b", #"{"a":[1,{"b":7}]}"#), ("a/1/b/c", #"{"a":[1,{"b":{"c":7}}]}"#), ("a/2", nil), ("a/0/x", nil),
        ("a/x", nil),
    ]

    @Test(arguments: changes) func valuesArePutAtPlaces(_ path: String, _ result: String?) throws {
        let document = try JSONValue(parsing: Array(#"{"a":[1,{"b":null}]}"#.utf8))
        var changed = document
        let isChanged = changed.put(7, at: path.split(separator: "/").map(String.init)[...])
        #expect(isChanged == (result != nil))
        #expect(String(decoding: changed.bytes, as: UTF8.self) == result ?? #"{"a":[1,{"b":null}]}"#)
    }

    @Test func aPathIsAPointer() {
        #expect([String]().pointer == "")
        #expect(["a", "b/~c", "0"].pointer == "/a/b~1~0c/0")
    }
}
