import Foundation
import Logging
import Testing

@testable import MyosinCommand

/// The text of log entries: numbers as numbers, and nothing that a terminal would obey.
@Suite struct LogLineTests {
    private func text(_ metadata: Logger.Metadata, _ format: LogFormat) -> String {
        let bytes = LogLine.text(level: .info, label: "test", message: "Hello", metadata: metadata, format)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func numbersAreNumbersInJSON() throws {
        let line = text(
            [
                "count": .stringConvertible(200), "ratio": .stringConvertible(0.5), "isOn": .stringConvertible(true),
                "model": "123", "huge": .stringConvertible(Double.infinity),
                "list": .array(["1", .stringConvertible(2)]),
                "object": .dictionary(["a": .stringConvertible(UInt8(3))]),
            ],
            .json
        )
        #expect(line.hasSuffix("}\n"))
        let pairs =
            #""count":200,"huge":"inf","isOn":true,"list":["1",2],"model":"123","object":{"a":3},"ratio":0.5}"#
        #expect(line.contains(#""level":"info","logger":"test","msg":"Hello","# + pairs))
        #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
    }

    @Test func theJournalGetsAPriorityBeforeEachLine() {
        for (level, priority) in [
            (Logger.Level.trace, "<7>"), (.debug, "<7>"), (.info, "<6>"), (.notice, "<5>"), (.warning, "<4>"),
            (.error, "<3>"), (.critical, "<2>"),
        ] {
            for (format, start) in [(LogFormat.logfmt, "time="), (.json, #"{"time":"#)] {
                let line = LogLine.text(
                    level: level,
                    label: "test",
                    message: "Hello",
                    metadata: [:],
                    format,
                    isForJournal: true
                )
                #expect(String(decoding: line, as: UTF8.self).hasPrefix(priority + start))
            }
        }
        #expect(text([:], .logfmt).hasPrefix("time="))
    }

    @Test func logfmtQuotesWhatItMust() {
        let line = text(["a": .stringConvertible(1), "b": "two words", "c": "", "d": "x=y", "e": ["p", "q"]], .logfmt)
        #expect(line.hasSuffix(#"level=info logger=test msg=Hello a=1 b="two words" c="" d="x=y" e=p,q"# + "\n"))
    }

    /// ESC, DEL, CSI of C1, the separators of lines and paragraphs, an override, an isolate and a mark.
    private static let controls: [Unicode.Scalar] = [
        "\u{1b}", "\u{7}", "\n", "\u{7f}", "\u{85}", "\u{9b}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{2066}",
        "\u{61c}",
    ]

    @Test(arguments: controls, [LogFormat.logfmt, .json])
    func noCharacterReachesATerminalThatItWouldObey(_ scalar: Unicode.Scalar, _ format: LogFormat) {
        let line = text(["\(scalar)key": "a\(scalar)b"], format)
        #expect(!line.dropLast().unicodeScalars.contains(scalar))
        #expect(line.count { $0 == "\n" } == 1)
        #expect("a\(scalar)b".withoutControls.hasPrefix("a\\u"))
    }

    @Test func otherTextStaysAsItIs() {
        for text in ["plain", "Grüße", "日本", "👩‍👧", "a b"] { #expect(text.withoutControls == text) }
    }
}
