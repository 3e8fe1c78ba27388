import Foundation
import Testing

@testable import Myosin

/// Habits of other formats in texts that should be JSON.
@Suite struct JSONMistakeTests {
    private func refusal(_ bytes: [UInt8]) -> String? {
        do {
            _ = try JSONValue(parsing: bytes)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        // Comments.
        ("{\n  // the pump\n}", "has a comment, which JSON does not have; take it out (byte 4, line 2, column 3)"),
        ("[1, /* two */ 2]", "has a comment, which JSON does not have; take it out (byte 4, line 1, column 5)"),
        ("{\"a\": 1 # one\n}", "has a comment, which JSON does not have; take it out (byte 8, line 1, column 9)"),
        ("{} // end", "has a comment, which JSON does not have; take it out (byte 3, line 1, column 4)"),
        ("# head\n{}", "has a comment, which JSON does not have; take it out (byte 0, line 1, column 1)"),
        // Commas and other signs.
        ("{\"a\": 1,\n}", "has a comma before }; take the comma out (byte 9, line 2, column 1)"),
        (
            "[1,,2]",
            "has a comma that separates nothing; take it out, or write what is missing (byte 3, line 1, column 4)"
        ),
        ("{,}", "has a comma that separates nothing; take it out, or write what is missing (byte 1, line 1, column 2)"),
        ("[1; 2]", "has ; here; write , between values (byte 2, line 1, column 3)"),
        ("{\"a\" = 1}", "has = after the name; write : (byte 5, line 1, column 6)"),
        // Quotes and names.
        ("{'a': 1}", "has a name in single quotes; write it in double quotes (byte 1, line 1, column 2)"),
        ("['a']", "has a string in single quotes; JSON strings stand in double quotes (byte 1, line 1, column 2)"),
        ("{a: 1}", "has a name without double quotes; write {\"name\": value} (byte 1, line 1, column 2)"),
        ("{“a”: 1}", "has typographic quotes; write \" (byte 1, line 1, column 2)"),
        ("[„a“]", "has typographic quotes; write \" (byte 1, line 1, column 2)"),
        // Words.
        ("[NaN]", "has NaN, which JSON does not have; write a number, or null (byte 1, line 1, column 2)"),
        ("[nan]", "has nan, which JSON does not have; write a number, or null (byte 1, line 1, column 2)"),
        ("[-Infinity]", "has Infinity, which JSON does not have; write a number, or null (byte 2, line 1, column 3)"),
        ("{\"a\": True}", "has True, which JSON does not have; write true (byte 6, line 1, column 7)"),
        ("[None]", "has None, which JSON does not have; write null (byte 1, line 1, column 2)"),
        ("[undefined]", "has undefined, which JSON does not have; write null (byte 1, line 1, column 2)"),
        ("[eco]", "has no JSON value here; strings stand in double quotes (byte 1, line 1, column 2)"),
        (
            "[fast]",
            "has a word that is not true, false or null; strings stand in double quotes (byte 1, line 1, column 2)"
        ),
        // Numbers.
        ("[+1]", "has a number with +; leave the + out (byte 1, line 1, column 2)"),
        ("[.5]", "has a number without a digit before the point; write 0 before it (byte 1, line 1, column 2)"),
        ("[0x1F]", "has a hexadecimal number; write it in decimal (byte 2, line 1, column 3)"),
        ("[1_000]", "has _ in a number; leave it out (byte 2, line 1, column 3)"),
        ("[1.2.3]", "lacks , or ] here (byte 4, line 1, column 5)"),
        // What cannot be seen.
        (
            "{\u{a0}\"a\": 1}",
            "has an invisible character, U+00A0; take it out, or write a space (byte 1, line 1, column 2)"
        ),
        (
            "[1,\u{200b}2]",
            "has an invisible character, U+200B; take it out, or write a space (byte 3, line 1, column 4)"
        ),
    ])
    func eachIsNamedWithWhatToWrite(_ text: String, _ message: String) { #expect(refusal(Array(text.utf8)) == message) }

    /// Encodings, each with and without a byte order mark.
    @Test(arguments: [
        (String.Encoding.utf16LittleEndian, "UTF-16LE", [0xff, 0xfe]), (.utf16BigEndian, "UTF-16BE", [0xfe, 0xff]),
        (.utf32LittleEndian, "UTF-32LE", [0xff, 0xfe, 0, 0]), (.utf32BigEndian, "UTF-32BE", [0, 0, 0xfe, 0xff]),
    ])
    func otherEncodingsAreNamed(_ encoding: String.Encoding, _ name: String, _ mark: [UInt8]) throws {
        let text = [UInt8](try #require("{\"type\":\"object\"}".data(using: encoding)))
        for bytes in [text, mark + text] {
            let message =
                "is in \(name), and JSON is in UTF-8; save it as UTF-8, or convert it: iconv -f \(name) -t UTF-8"
            #expect(refusal(bytes) == "\(message) (byte 0, line 1, column 1)")
        }
    }

    @Test func latin1IsRecognized() {
        let start = Array("{\n  \"description\": \"W".utf8)
        #expect(
            refusal(start + [0xe4] + Array("rme\"}".utf8))
                == "has bytes that are not UTF-8; save it as UTF-8, for it seems to be in Latin-1, with ä here (byte 21, line 2, "
                + "column 20)"
        )
        #expect(
            refusal([0x22, 0xe2, 0x82, 0x22])
                == "has bytes that are not UTF-8; save it as UTF-8 (byte 1, line 1, column 2)"
        )
        #expect(refusal([0x5b, 0xe4, 0x5d])?.contains("with ä here (byte 1") == true, "outside of a string too")
    }

    @Test func aFileMayBeginWithAByteOrderMark() throws {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        #expect(try JSONValue(parsingFile: mark + Array("{\"a\":1}".utf8)) == ["a": 1])
        #expect(
            refusal(mark + Array("{}".utf8))
                == "starts with a byte order mark; save it without one (byte 0, line 1, column 1)"
        )
        // Editors show the columns without it; the offset is that of the file.
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsingFile: mark + Array("{a:1}".utf8)) }
        #expect(error?.line == 1 && error?.column == 2 && error?.offset == 4)
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsingFile: mark + mark + Array("{}".utf8)) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsingFile: mark) }
    }
}
