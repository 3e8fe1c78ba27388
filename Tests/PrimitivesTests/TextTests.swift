import Primitives
import TestSupport
import Testing

@Suite struct TextTests {
    @Test func bytesHaveTheirKinds() {
        for byte in UInt8.min ... .max {
            let scalar = Unicode.Scalar(byte)
            let character = byte < 0x80 ? Character(scalar) : nil
            #expect(byte.isDigit == ("0"..."9").contains(scalar))
            #expect(byte.isSmallLetter == ("a"..."z").contains(scalar))
            #expect(byte.isCapital == ("A"..."Z").contains(scalar))
            #expect(byte.isLetter == (byte.isSmallLetter || byte.isCapital))
            #expect(byte.hexValue.map { Int($0) } == character?.hexDigitValue)
            #expect(byte.isHexDigit == (byte.hexValue != nil))
            #expect(byte.isBlank == (scalar == " " || scalar == "\t"))
            #expect(byte.isVisible == (0x21...0x7e).contains(byte))
            #expect(byte.lowercased == (byte.isCapital ? byte + 0x20 : byte))
        }
    }

    @Test(arguments: [("", ""), (" \t ", ""), (" a b\t", "a b"), ("a\n", "a\n"), (" \u{301}", "\u{301}")])
    func blanksAreTrimmed(_ text: String, _ expected: String) {
        #expect(text.trimmed == expected)
    }

    @Test(arguments: [
        ("plain-1.2_3/@:+,=%", "plain-1.2_3/@:+,=%"), ("", "''"), ("a b", "'a b'"), ("$HOME", "'$HOME'"),
        ("it's", #"'it'\''s'"#), ("a\nb", "'a\nb'"), ("~", "'~'"), ("ä", "'ä'"), ("'", #"''\'''"#),
        ("*?[a]{b}", "'*?[a]{b}'"), ("a'\u{301};id", "'a'\\''\u{301};id'"),
    ])
    func aShellTakesQuotedTextAsItIs(_ text: String, _ quoted: String) throws {
        #expect(text.shellQuoted == quoted)
        // And a shell makes the text of it again.
        #expect(try Program.run("/bin/sh", ["-c", "printf %s \(quoted)"]).output == text)
    }

    @Test(arguments: [
        ("name", "name", "name"), ("a b", "a%20b", "a%20b"), ("Küche", "K%C3%BCche", "K%C3%BCche"),
        ("a%20b", "a%2520b", "a%20b"), ("a/b?c#d", "a%2Fb%3Fc%23d", "a/b%3Fc%23d"),
        ("[{'$'}]", "%5B%7B%27%24%27%7D%5D", "%5B%7B'$'%7D%5D"),
    ])
    func urlsHaveNoOtherBytes(_ text: String, _ segment: String, _ path: String) {
        #expect(PercentEncoding.segment(text) == segment)
        #expect(PercentEncoding.path(text) == path)
        #expect(PercentDecoding.decode(Array(segment.utf8)) == text)
    }

    @Test(arguments: [
        (7, 3, 10, "007"), (1_234, 3, 10, "1234"), (255, 4, 16, "00ff"), (0, 0, 10, "0"),
    ])
    func numbersArePadded(_ number: Int, _ digits: Int, _ radix: Int, _ expected: String) {
        #expect(number.padded(to: digits, radix: radix) == expected)
    }

    @Test(arguments: [
        (7, 3, 10, "007"), (1_234, 3, 10, "234"), (UInt64.max, 16, 16, "ffffffffffffffff"),
        (0, 20, 10, "00000000000000000000"),
    ])
    func numbersHaveDigits(_ number: UInt64, _ count: Int, _ radix: UInt64, _ expected: String) {
        #expect(String(decoding: number.digits(count, radix: radix), as: UTF8.self) == expected)
    }

    @Test(arguments: [
        ("127.0.0.1", true, false), ("::1", false, true), ("::ffff:1.2.3.4", false, true), ("127.1", false, false),
        ("01.2.3.4", false, false), ("1.2.3.4\0", false, false), ("", false, false), ("fe80::1%eth0", false, false),
    ])
    func addressesAreRead(_ text: String, _ isIPv4: Bool, _ isIPv6: Bool) {
        #expect((IPAddress.ipv4(text) != nil) == isIPv4)
        #expect((IPAddress.ipv6(text) != nil) == isIPv6)
    }

    @Test func addressesAreWrittenInOneForm() {
        #expect(IPAddress.ipv6("0:0:0:0:0:0:0:1").flatMap { IPAddress.text(of: $0) } == "::1")
        #expect(IPAddress.ipv4("10.0.0.1").flatMap { IPAddress.text(of: $0) } == "10.0.0.1")
    }

    @Test(
        arguments: [
            ("a%20b", "a b"), ("%C3%a4", "ä"), ("%", nil), ("%2", nil), ("%2g", nil), ("%ff", nil), ("ä", "ä"),
            ("", ""),
        ] as [(String, String?)]
    )
    func escapesAreDecoded(_ text: String, _ expected: String?) {
        #expect(PercentDecoding.decode(Array(text.utf8)) == expected)
        var text = text
        #expect(text.withUTF8 { PercentDecoding.isDecodable($0) } == (expected != nil))
    }

    @Test(arguments: [
        (0, 1_970, 1, 1, 4, "00:00:00"), (784_111_777, 1_994, 11, 6, 0, "08:49:37"),
        (951_782_400, 2_000, 2, 29, 2, "00:00:00"),
        (-1, 1_969, 12, 31, 3, "23:59:59"),
    ])
    func momentsHaveDates(_ seconds: Int, _ year: Int, _ month: Int, _ day: Int, _ weekday: Int, _ clock: String) {
        let time = CalendarTime(secondsSince1970: seconds)
        #expect((time.year, time.month, time.day, time.weekday, time.clockText) == (year, month, day, weekday, clock))
        #expect(
            CalendarTime.secondsSince1970(
                year: year,
                month: month,
                day: day,
                hour: time.hour,
                minute: time.minute,
                second: time.second
            ) == seconds
        )
    }

    @Test func aDayThatTheMonthDoesNotHaveIsNone() {
        #expect(CalendarTime.secondsSince1970(year: 2_023, month: 2, day: 29, hour: 0, minute: 0, second: 0) == nil)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0, ""), ("2026-01-31t13:00:00.2500+01:00", 1_769_860_800, "25"),
        ("0000-01-01T00:00:00Z", -62_167_219_200, ""), ("9999-12-31T23:59:59.9Z", 253_402_300_799, "9"),
        ("1900-02-28T23:59:59Z", -2_203_891_201, ""),
    ])
    func aDateAndTimeIsAMoment(_ text: String, _ seconds: Int, _ decimals: String) throws {
        let time = try #require(DateTime(text))
        #expect(time == DateTime(seconds: seconds, decimals: decimals))
        #expect(DateTime(time.text) == time)
        #expect(DateTime.range.contains(time.seconds))
    }

    @Test func aLeapSecondIsTheSecondAfterIt() throws {
        let leap = try #require(DateTime("2017-01-01T00:59:60+01:00"))
        #expect(leap.isLeapSecond && leap.seconds == 1_483_228_800 && leap.number == 1_483_228_800)
        #expect(DateTime("2017-01-01T00:58:60+01:00") == nil)
    }

    @Test func clocksGoOn() {
        let stopwatch = Stopwatch()
        #expect(stopwatch.seconds >= 0)
        let (milliseconds, seconds) = (WallClock.milliseconds, WallClock.seconds)
        #expect(milliseconds > 1_700_000_000_000 && abs(seconds - Double(milliseconds) / 1_000) < 86_400)
        #expect(Duration.milliseconds(5).inSeconds == 0.005)
    }

    @Test func aFlagIsSetOnce() async {
        let flag = OnceFlag()
        let successes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { flag.set() } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(successes == 1 && !flag.set())
    }
}
