import Myosin
import Testing

@Suite struct JSONParserTests {
    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test(arguments: [
        ("null", "null"), (" true ", "true"), ("\t\r\nfalse", "false"), ("0", "0"), ("-0", "-0"), ("-1", "-1"),
        ("12.50", "12.50"), ("1e5", "1e5"), ("1E+05", "1E+05"), ("0e-0", "0e-0"), ("-0.0e0", "-0.0e0"),
        (#""""#, #""""#), (#""a\/b""#, #""a/b""#), (#""\u00e9\u20ac""#, #""é€""#), (#""\ud83d\uDE00""#, #""😀""#),
        (#""\b\f\n\r\t\"\\""#, #""\u0008\u000c\n\r\t\"\\""#), (#""\u0000""#, #""\u0000""#),
        (#"{"a\u0000b":1}"#, #"{"a\u0000b":1}"#),
        ("\"\u{7F}\u{2028}\u{FFFF}\u{10FFFF}\"", "\"\u{7F}\u{2028}\u{FFFF}\u{10FFFF}\""),
        ("[]", "[]"), ("[ ]", "[]"), ("{}", "{}"), ("{ }", "{}"), ("[ 1 , [ ] , { } ]", "[1,[],{}]"),
        (#"{ "" : null , "b" : [ 1.0 , "x" ] }"#, #"{"":null,"b":[1.0,"x"]}"#),
        (#"{"b":1,"a":2,"A":3}"#, #"{"b":1,"a":2,"A":3}"#), (#"[{"a":1},{"a":2}]"#, #"[{"a":1},{"a":2}]"#),
    ])
    func readsAndWritesBack(_ text: String, _ expected: String) throws {
        #expect(try JSONValue(parsing: text).description == expected)
    }

    /// Texts with the offset, the line and the column of the fault.
    @Test(arguments: [
        ("", 0, 1, 1), (" \n ", 3, 2, 2), ("[1,]", 3, 1, 4), (#"{"a":1,}"#, 7, 1, 8), ("{a:1}", 1, 1, 2),
        ("{'a':1}", 1, 1, 2), ("['a']", 1, 1, 2), ("[1\n,2\n 3]", 7, 3, 2), ("[\r\n1 2]", 5, 2, 3),
        ("{\n  \"é\": tru\n}", 10, 2, 9), ("[1] x", 4, 1, 5), ("[1][2]", 3, 1, 4), ("1 2", 2, 1, 3), ("nullx", 4, 1, 5),
        ("[", 1, 1, 2), ("{", 1, 1, 2), ("[1", 2, 1, 3), ("[1,", 3, 1, 4), (#"{"a""#, 4, 1, 5), (#"{"a":"#, 5, 1, 6),
        (#"{"a":1"#, 6, 1, 7), (#"{"a":1,"#, 7, 1, 8), (#"{"a" 1}"#, 5, 1, 6), (#"{"a":1 "b":2}"#, 7, 1, 8),
        ("]", 0, 1, 1), ("}", 0, 1, 1), ("[,1]", 1, 1, 2), ("[1,,2]", 3, 1, 4), ("{,}", 1, 1, 2), ("[1}", 2, 1, 3),
        (#"{"a":1]"#, 6, 1, 7), ("{1:1}", 1, 1, 2), (#"{"a":}"#, 5, 1, 6), (",", 0, 1, 1), ("[1:2]", 2, 1, 3),
        ("nul", 0, 1, 1), ("True", 0, 1, 1), ("tru e", 0, 1, 1), ("undefined", 0, 1, 1), ("/* */ 1", 0, 1, 1),
        ("1 // x", 2, 1, 3), ("[1 /**/]", 3, 1, 4), ("# 1", 0, 1, 1), ("\u{A0}1", 0, 1, 1), ("\u{C}1", 0, 1, 1),
        ("\u{FEFF}1", 0, 1, 1), ("[\u{FEFF}1]", 1, 1, 2),
    ])
    func refusesBrokenStructureWithItsPlace(_ text: String, _ offset: Int, _ line: Int, _ column: Int) {
        expectRefusal(Array(text.utf8), offset, line, column)
    }

    @Test(arguments: [
        ("01", 0), ("-01", 0), ("00", 0), ("+1", 0), (".5", 0), ("-.5", 1), ("1.", 2), ("1.e1", 2), ("1e", 2),
        ("1e+", 3),
        ("1E-", 3), ("-", 1), ("--1", 1), ("-a", 1), ("- 1", 1), ("1.2.3", 3), ("1e1.5", 3), ("1e5e", 3), ("0x1", 1),
        ("1_000", 1), ("1,000", 1), ("NaN", 0), ("Infinity", 0), ("-Infinity", 1), ("1e\u{664}", 2), ("\u{FF11}", 0),
        ("1d", 1),
    ])
    func refusesBrokenNumbersWithTheirPlace(_ text: String, _ offset: Int) {
        expectRefusal(Array(text.utf8), offset, 1, offset + 1)
    }

    @Test(arguments: [
        (#""abc"#, 0), (#"["abc]"#, 1), ("\"", 0), ("[\"a\n\"]", 3), ("\"\t\"", 1), ("\"a\u{0}\"", 2),
        ("\"\u{1F}\"", 1),
        (#""\x""#, 1), (#""\'""#, 1), (#""a\"#, 2), (#""\U0041""#, 1), (#""\u12""#, 1), (#""\u12G4""#, 1), (#""\u"#, 1),
        (#""\u+123""#, 1), (#""\ud800""#, 1), (#""\udc00""#, 1), (#""ab\ud800\u0041""#, 3), (#""\ud800\n""#, 1),
        (#""\ud800\ud800""#, 1), (#""\ud800\u12"#, 1), (#""\ud800x""#, 1), (#""\udc00\ud800""#, 1), (#""\ud800\"#, 1),
    ])
    func refusesBrokenStringsWithTheirPlace(_ text: String, _ offset: Int) {
        expectRefusal(Array(text.utf8), offset, 1, offset + 1)
    }

    @Test(arguments: [
        ([0xFF], 1), ([0x61, 0x62, 0xC3, 0x28], 3), ([0x80], 1), ([0xC0, 0xAF], 1), ([0xE0, 0x80, 0xAF], 1),
        ([0xED, 0xA0, 0x80], 1), ([0xF4, 0x90, 0x80, 0x80], 1), ([0xC3, 0xA9, 0xE2, 0x82], 3), ([0xF8, 0x88, 0x80], 1),
    ])
    func refusesStringsThatAreNotUTF8(_ content: [UInt8], _ offset: Int) {
        expectRefusal([0x22] + content + [0x22], offset, 1, offset + 1)
    }

    @Test func refusesBytesBetweenValuesThatAreNotUTF8() {
        expectRefusal([0xFF], 0, 1, 1)
        expectRefusal([0x5B, 0x31, 0xC3, 0x5D], 2, 1, 3)
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, 7), (#"{"a":1,"b":2,"\u0061":1}"#, 13), (#"{"":1,"":1}"#, 6),
        (#"[{"x":{"a":1, "a":1}}]"#, 14), ("{\"\u{E9}\":1,\"\\u00e9\":2}", 8),
    ])
    func refusesANameTwice(_ text: String, _ offset: Int) {
        expectRefusal(Array(text.utf8), offset, 1, offset + 1, "twice in one object")
    }

    @Test func refusesANameTwiceInLargeObjects() {
        let fields = (0..<2_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let text = "{\(fields),\"k1234\":0}"
        expectRefusal(Array(text.utf8), fields.utf8.count + 2, 1, fields.utf8.count + 3, #""k1234" twice"#)
    }

    @Test func refusesAByteOrderMark() {
        expectRefusal([0xEF, 0xBB, 0xBF, 0x31], 0, 1, 1, "byte order mark")
        expectRefusal([0xFF, 0xFE, 0x31, 0x00], 0, 1, 1)
    }

    @Test func readsSixtyFourLevelsAndNoMore() throws {
        #expect(try JSONValue(parsing: Self.nested(64)).description == Self.nested(64))
        expectRefusal(Array(Self.nested(65).utf8), 64, 1, 65, "deeper than 64")
        let objects = String(repeating: #"{"a":"#, count: 65) + "1" + String(repeating: "}", count: 65)
        expectRefusal(Array(objects.utf8), 320, 1, 321, "deeper than 64")
        expectRefusal(Array(String(repeating: "[", count: 100_000).utf8), 64, 1, 65)
    }

    @Test func depthCountsLevelsAndNotNeighbours() throws {
        let text = "[" + Array(repeating: Self.nested(63), count: 100).joined(separator: ",") + "]"
        #expect(try JSONValue(parsing: text).description == text)
    }

    @Test(arguments: [
        ("", "is empty; a JSON value was expected (byte 0, line 1, column 1)"),
        ("{a:1}", #"has a name without double quotes; write {"name": value} (byte 1, line 1, column 2)"#),
        ("'a'", "has a string in single quotes; JSON strings stand in double quotes (byte 0, line 1, column 1)"),
        ("[1,\n]", "has a comma before ]; take the comma out (byte 4, line 2, column 1)"),
        ("01", "has a number with a leading zero (byte 0, line 1, column 1)"),
        ("1 1", "goes on after the end of the JSON value (byte 2, line 1, column 3)"),
        (#""\ud800""#, "has an escape of half a surrogate pair (byte 1, line 1, column 2)"),
    ])
    func saysWhatToDo(_ text: String, _ message: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
        #expect(error?.description == message)
    }

    /// No text traps, whatever was cut off or changed.
    @Test func everyCutAndEveryChangedByteIsReadOrRefused() {
        let text = Array(#"{"a\u00e9\ud83d\ude00":[1.5e-3,true,null,"é\n"],"b":{"":-0}}"#.utf8)
        var refusals = 0
        for end in text.indices { refusals += isRefused(Array(text[..<end])) ? 1 : 0 }
        #expect(refusals == text.count)
        for index in text.indices {
            for byte in UInt8.min ... .max {
                var changed = text
                changed[index] = byte
                _ = isRefused(changed)
            }
        }
    }

    private func isRefused(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try JSONValue(parsing: bytes)
            return false
        } catch {
            return error.offset <= bytes.count && error.line > 0 && error.column > 0
        }
    }

    private func expectRefusal(
        _ bytes: [UInt8],
        _ offset: Int,
        _ line: Int,
        _ column: Int,
        _ reason: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: JSONSyntaxError.self, sourceLocation: sourceLocation) {
            try JSONValue(parsing: bytes)
        }
        guard let error else { return }
        #expect(
            [error.offset, error.line, error.column] == [offset, line, column],
            "\(error)",
            sourceLocation: sourceLocation
        )
        if !reason.isEmpty { #expect(error.reason.contains(reason), sourceLocation: sourceLocation) }
    }
}
