import Myosin
import Testing

@Suite struct JSONFaultPlaceTests {
    /// Texts with an arrow before the fault, the line and the column.
    @Test(arguments: [
        // Lines end at a line feed, and columns count bytes.
        ("→", 1, 1), ("\n\n→", 3, 1), ("\r\n→x", 2, 1), ("\r→x", 1, 2), ("\t→x", 1, 2), ("[\n→", 2, 1),
        ("[1,\n 2,\n→]", 3, 1), ("[\n  \"é\" →\"é\"\n]", 2, 8), ("\"😀\" →x", 1, 8), ("1\n→2", 2, 1),
        ("[\"\u{2028}\" →1]", 1, 8),
        // Names.
        ("{\n  \"a\": 1,\n  →\"a\": 2\n}", 3, 3), ("{\"a\":{\"b\":1,\n→\"b\":2},\"a\":3}", 2, 1),
        ("{\"a\":1,\n→\"a\":{\"b\":1}}", 2, 1), ("{\"a\":1,\"a\":→}", 1, 12), ("{\"a\":1,→\"a\":2,}", 1, 8),
        ("{\"a\":1,→\"a\":2", 1, 8), ("{\"a\":1,\"a\"→", 1, 11), ("{\"→\\ud800\":1}", 1, 3), ("{→\"a:1}", 1, 2),
        ("{\"a\":1,→1:2}", 1, 8), ("{\"a\"→,\"b\"}", 1, 5), ("{\"a\":1→:2}", 1, 7),
        ("{\n\"a\"\n→\"b\"}", 3, 1), ("{→[]:1}", 1, 2), ("[{\"a\":1,→]", 1, 9),
        // Strings.
        ("[\n →\"abc]", 2, 2), ("[\"a\",\n\"→\\q\"]", 2, 2), ("\"a→\\u00g0\"", 1, 3),
        ("\"→\\ud83d\\ud83d\\ude00\"", 1, 2),
        ("\"\\ud83d\\ude00→\\ude00\"", 1, 14), ("\"a→\u{1}\"", 1, 3), ("\"é→\n\"", 1, 4), ("→\"a\\\"", 1, 1),
        ("\"a→\\", 1, 3), ("\"→\\u00", 1, 2), ("\"→\\ud800\\u00", 1, 2), ("\"\\\\→\\x\"", 1, 4),
        // Numbers and words.
        ("[1,\n-→]", 2, 2), ("[\n→-01]", 2, 1), ("[1.2→.3]", 1, 5), ("[1.→]", 1, 4), ("[1e→]", 1, 4),
        ("[1e+→]", 1, 5), ("-→", 1, 2), ("1.→", 1, 3), ("1E-→", 1, 4), ("[1→a]", 1, 3), ("[0→x0]", 1, 3),
        ("[→.5]", 1, 2),
        ("[1 →02]", 1, 4), ("[→nan]", 1, 2), ("[true→false]", 1, 6), ("[null→1]", 1, 6),
        ("{\"a\":→truE}", 1, 6), ("{\"a\":\n→TRUE}", 2, 1), ("false→y", 1, 6),
        // After the end.
        ("{} →{}", 1, 4), ("null\n→,", 2, 1), ("\"a\"→\"b\"", 1, 4), ("[]\n\n→]", 3, 1), ("1→\u{0}", 1, 2),
        // A byte order mark is nothing in JSON, wherever it stands.
        ("→\u{FEFF}[1]", 1, 1), ("[1,→\u{FEFF}2]", 1, 4), ("[1]→\u{FEFF}", 1, 4), ("\n→\u{FEFF}", 2, 1),
    ])
    func theFirstFaultIsToldWithItsPlace(_ marked: String, _ line: Int, _ column: Int) throws {
        let text = marked.replacing("→", with: "")
        let offset = try #require(marked.utf8.firstRange(of: "→".utf8)).lowerBound
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
        #expect(error.offset == marked.utf8.distance(from: marked.utf8.startIndex, to: offset), "\(error)")
        #expect(error.line == line && error.column == column, "\(error)")
    }

    /// Bytes that are not UTF-8, with the offset of the first.
    @Test(arguments: [
        ([0x22, 0x0a], 1, 1, 2), ([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d], 2, 1, 3),
        ([0x5b, 0x0a, 0x22, 0xc3, 0xa9, 0xc3, 0x22, 0x5d], 5, 2, 4), ([0x22, 0x5c, 0x6e, 0xe2, 0x82, 0x22], 3, 1, 4),
        ([0x22, 0xf0, 0x9f, 0x98, 0x80, 0xf0, 0x9f, 0x98], 5, 1, 6), ([0x22, 0x5c, 0xff, 0x22], 1, 1, 2),
        ([0x22, 0xff, 0x5c, 0x78, 0x22], 1, 1, 2), ([0x31, 0x0a, 0x80], 2, 2, 1), ([0xef, 0xbb, 0x31], 0, 1, 1),
    ])
    func bytesThatAreNotUTF8AreToldWithTheirPlace(_ bytes: [UInt8], _ offset: Int, _ line: Int, _ column: Int) throws {
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
        #expect([error.offset, error.line, error.column] == [offset, line, column], "\(error)")
    }

    /// Opening and closing texts of one level.
    @Test(arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[0,"#, ",0]"), ("[\n", "\n]"), (#"{"b":0,"a":"#, #","c":"c"}"#)])
    func theSixtyFifthLevelIsOneTooMany(_ opening: String, _ closing: String) throws {
        func nested(_ depth: Int, around text: String) -> String {
            String(repeating: opening, count: depth) + text + String(repeating: closing, count: depth)
        }
        let value = try JSONValue(parsing: nested(64, around: "1"))
        #expect(try JSONValue(parsing: value.bytes) == value)
        for tooDeep in ["[]", "{}"] {
            let error = try #require(throws: JSONSyntaxError.self) {
                try JSONValue(parsing: nested(64, around: tooDeep))
            }
            let before = String(repeating: opening, count: 64)
            #expect(error.offset == before.utf8.count)
            #expect(error.line == 1 + before.utf8.count { $0 == 0x0a })
            #expect(error.reason.contains("deeper than 64"))
        }
    }
}
