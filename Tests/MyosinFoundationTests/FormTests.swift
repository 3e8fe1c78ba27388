import Foundation
import Myosin
import MyosinFoundation
import TestSupport
import Testing

/// The other types of Foundation in documents.
@Suite struct FormTests {
    private func expect<Value: Codable & Sendable & Equatable>(_ value: Value, _ text: String) throws {
        #expect(try Field(value).json?.description == text)
        #expect(try Field(value).returned() == value)
        #expect(try Field<Value>.read(text) == value)
    }

    private static let uuid = UUID(uuidString: "F72C1643-FE23-4E82-AB47-4791F0713C47")

    @Test func dataIsBase64() throws {
        try expect(Data(), #""""#)
        try expect(Data("Hello".utf8), #""SGVsbG8=""#)
        try expect(Data([0xFB, 0xFF]), #""+/8=""#)
        var random = SeededRandom(seed: 3)
        for count in 0..<100 {
            let data = Data((0..<count).map { _ in .random(in: 0...255, using: &random) })
            try expect(data, "\"\(data.base64EncodedString())\"")
        }
    }

    @Test(arguments: ["SGVsbG8", "SGVsbG8=\\n", "SGVsbG9=", "-_8=", " ", "SGVsbG8==", "ä"])
    func otherTextThanBase64IsRefused(_ text: String) {
        #expect(Field<Data>.fault("\"\(text)\"") == "/value must be bytes in base64, padded, such as SGVsbG8=")
    }

    @Test func aUUIDIsTextInLowerCase() throws {
        try expect(try #require(Self.uuid), #""f72c1643-fe23-4e82-ab47-4791f0713c47""#)
        #expect(try Field<UUID>.read(#""F72C1643-FE23-4E82-AB47-4791F0713C47""#) == Self.uuid)
        #expect(
            Field<UUID>.fault(#""f72c1643""#) == "/value must be a UUID such as f72c1643-fe23-4e82-ab47-4791f0713c47"
        )
        #expect(Field<UUID>.fault("1")?.hasSuffix(", got 1") == true)
    }

    @Test func aURLIsItsText() throws {
        for text in [
            "https://example.com/a%20b?q=1#f", "relative/path", "mailto:a@b.c", "file:///tmp/", "https://[::1]:8/",
            "a:b",
        ] {
            try expect(try #require(URL(string: text)), "\"\(text)\"")
        }
        try expect(URL(filePath: "/tmp/ä b", directoryHint: .notDirectory), #""file:///tmp/%C3%A4%20b""#)
        let based = try #require(URL(string: "b", relativeTo: URL(string: "https://example.com/a/")))
        let error = #expect(throws: ValidationError.self) { try Field(based).document() }
        #expect(error?.description == "/value is relative to another URL, which its text loses; use its absoluteURL")
        try expect(based.absoluteURL, #""https://example.com/a/b""#)
        for text in ["", "a b", "https://example.com/ä", "https://exa mple.com/", "%zz"] {
            #expect(
                Field<URL>.fault("\"\(text)\"") == "/value must be a URL such as https://example.com/, percent-encoded"
            )
        }
    }

    @Test func componentsOfAURLAreItsText() throws {
        try expect(try #require(URLComponents(string: "https://a.b:8/c?x=1#y")), #""https://a.b:8/c?x=1#y""#)
        try expect(URLComponents(), #""""#)
        // Each of these ends the process where Codable of Foundation reads it.
        #expect(Field<URLComponents>.fault(#"{"scheme":"1 :"}"#)?.contains("must be a URL") == true)
        #expect(Field<URLComponents>.fault(#"{"port":-1}"#)?.contains("must be a URL") == true)
        #expect(Field<URLComponents>.fault(#""a b""#)?.contains("percent-encoded") == true)
        var odd = URLComponents()
        odd.path = "//x"
        #expect(throws: ValidationError.self) { try Field(odd).document() }
    }

    @Test(arguments: [
        ("0", "0"), ("1.50", "1.5"), ("-0.000000000001234", "-1.234e-12"), ("0.00001", "0.00001"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("0.1234567890123456789012345678901234567", "0.1234567890123456789012345678901234567"),
        ("1e30", "1000000000000000000000000000000"), ("1e120", "1e+120"), ("-3e-120", "-3e-120"),
        ("100000000000000000000", "100000000000000000000"),
    ])
    func aDecimalIsANumberWithEachDigit(_ text: String, _ expected: String) throws {
        let decimal = try #require(Decimal(string: text))
        try expect(decimal, expected)
        #expect(try Field<Decimal>.read(text) == decimal)
    }

    @Test func theEndsOfTheRangeOfDecimalsAreKept() throws {
        for decimal in [Decimal.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, .pi] {
            #expect(try Field(decimal).returned() == decimal)
        }
        var random = SeededRandom(seed: 4)
        for _ in 0..<2_000 {
            let digits = (0..<Int.random(in: 1...38, using: &random))
                .map { _ in "\(Int.random(in: 0...9, using: &random))" }.joined()
            let decimal = try #require(Decimal(string: "\(digits)e\(Int.random(in: -90...90, using: &random))"))
            #expect(try Decimal(documentValue: decimal.documentValue()) == decimal)
        }
    }

    @Test func whatADecimalDoesNotHoldIsRefused() throws {
        for text in ["1234567890123456789012345678901234567890.5", "1e200", "1e-200", "1e400", "1e999999999999"] {
            #expect(Field<Decimal>.fault(text) == "/value must be a number that a Decimal holds exactly")
        }
        let error = #expect(throws: ValidationError.self) { try Field(Decimal.nan).document() }
        #expect(error?.description == "/value is NaN, which JSON cannot tell; use an optional for an unknown number")
        #expect(Field<Decimal>.fault(#""1.5""#) == "/value must be a number, got a string")
    }

    @Test func timeZonesAndLocalesAreTheirIdentifiers() throws {
        try expect(try #require(TimeZone(identifier: "Europe/Berlin")), #""Europe/Berlin""#)
        try expect(TimeZone.gmt, "\"\(TimeZone.gmt.identifier)\"")
        try expect(try #require(TimeZone(secondsFromGMT: 3_600)), "\"GMT+0100\"")
        try expect(Locale(identifier: "de_DE"), #""de_DE""#)
        #expect(
            Field<TimeZone>.fault(#""Mars/Base""#) == "/value must be a time zone that this system has, such as GMT"
        )
        #expect(Field<TimeZone>.fault("1") == "/value must be a time zone such as GMT, got 1")
        #expect(Field<Locale>.fault("1") == "/value must be a locale such as de_DE, got 1")
        #expect(throws: ValidationError.self) { try Field(TimeZone.autoupdatingCurrent).document() }
        #expect(throws: ValidationError.self) { try Field(Locale.autoupdatingCurrent).document() }
    }

    /// Those that stay as `Codable` has them; the dates and zones inside of them have their forms.
    @Test func othersStayAsCodableHasThem() throws {
        try expect(CGFloat(1.5), "1.5")
        try expect(CGPoint(x: 1, y: 2), "[1,2]")
        try expect(CGRect(x: 1, y: 2, width: 3, height: 4), "[[1,2],[3,4]]")
        try expect(IndexPath(indexes: [1, 2]), #"{"indexes":[1,2]}"#)
        try expect(NSRange(location: 1, length: 2), "[1,2]")
        let components = DateComponents(timeZone: TimeZone(identifier: "Europe/Berlin"), year: 2_026, month: 1)
        #expect(try Field(components).returned() == components)
        #expect(try Field(components).json?.description.contains(#""timeZone":"Europe/Berlin""#) == true)
        let range = Date(timeIntervalSince1970: 0)..<Date(timeIntervalSince1970: 1)
        try expect(range, #"["1970-01-01T00:00:00Z","1970-01-01T00:00:01Z"]"#)
    }

    @Test func theFormerFormsAreRefusedWithASentence() {
        #expect(Field<Data>.fault("[72,101]") == "/value must be bytes in base64, such as SGVsbG8=, got an array")
        #expect(
            Field<URL>.fault(#"{"relative":"a"}"#) == "/value must be a URL such as https://example.com/, got an object"
        )
        #expect(Field<Decimal>.fault(#"{"exponent":0}"#) == "/value must be a number, got an object")
        #expect(
            Field<TimeZone>.fault(#"{"identifier":"GMT"}"#) == "/value must be a time zone such as GMT, got an object"
        )
        #expect(Field<Locale>.fault(#"{"identifier":"de"}"#) == "/value must be a locale such as de_DE, got an object")
    }
}
