import Foundation
import Myosin
import MyosinFoundation
import TestSupport
import Testing

/// Dates in documents.
@Suite struct DateTests {
    private func text(_ seconds: Double) throws -> String? {
        try Field(Date(timeIntervalSinceReferenceDate: seconds)).json?.string
    }

    @Test(arguments: [
        (Date(timeIntervalSince1970: 0), "1970-01-01T00:00:00Z"),
        (Date(timeIntervalSince1970: 1.1), "1970-01-01T00:00:01.1Z"),
        (Date(timeIntervalSince1970: -0.25), "1969-12-31T23:59:59.75Z"),
        (Date(timeIntervalSince1970: 1_769_860_800), "2026-01-31T12:00:00Z"),
        (Date(timeIntervalSinceReferenceDate: 0), "2001-01-01T00:00:00Z"),
        (Date(timeIntervalSinceReferenceDate: -0.0), "2001-01-01T00:00:00Z"),
        (Date(timeIntervalSinceReferenceDate: 0.5), "2001-01-01T00:00:00.5Z"),
        (Date(timeIntervalSinceReferenceDate: -1), "2000-12-31T23:59:59Z"),
        (Date(timeIntervalSinceReferenceDate: 1e-7), "2001-01-01T00:00:00.0000001Z"),
        (Date(timeIntervalSinceReferenceDate: -1e-7), "2000-12-31T23:59:59.9999999Z"),
        (Date(timeIntervalSinceReferenceDate: 1.25e-5), "2001-01-01T00:00:00.0000125Z"),
        // 2000 is a leap year, and 1900 is none.
        (Date(timeIntervalSince1970: 951_782_400), "2000-02-29T00:00:00Z"),
        (Date(timeIntervalSince1970: -2_203_891_200), "1900-03-01T00:00:00Z"),
        (Date.distantFuture, "4001-01-01T00:00:00Z"), (Date.distantPast, "0000-12-30T00:00:00Z"),
        (Date(timeIntervalSince1970: -62_167_219_200), "0000-01-01T00:00:00Z"),
        (Date(timeIntervalSince1970: 253_402_300_799.5), "9999-12-31T23:59:59.5Z"),
    ])
    func aDateIsTextOfRFC3339(_ date: Date, _ expected: String) throws {
        #expect(try Field(date).json == .string(expected))
        #expect(try Field<Date>.read("\"\(expected)\"") == date)
        #expect(try Field(date).returned() == date)
    }

    /// Foundation's own formatter knows whole seconds after the change of calendars.
    @Test func itIsTheTextOfFoundationsFormatter() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<2_000 {
            let seconds = Double(Int.random(in: -13_000_000_000..<252_000_000_000, using: &random))
            #expect(try text(seconds) == Date(timeIntervalSinceReferenceDate: seconds).formatted(.iso8601))
        }
    }

    @Test func eachDateReadsBackAsTheSameBits() throws {
        var random = SeededRandom(seed: 2)
        var dates = [
            Double.leastNonzeroMagnitude, -.leastNonzeroMagnitude, .ulpOfOne, 0.1, -0.1,
            (253_402_300_800 - 978_307_200).nextDown,
        ]
        for _ in 0..<5_000 {
            // All magnitudes, and mostly those of our days.
            dates.append(Double.random(in: -63_000_000_000..<250_000_000_000, using: &random))
            dates.append(Double.random(in: 700_000_000..<900_000_000, using: &random))
            dates.append(
                Double.random(in: -1...1, using: &random) * pow(2, Double.random(in: -60..<35, using: &random))
            )
        }
        for seconds in dates {
            let date = Date(timeIntervalSinceReferenceDate: seconds)
            let again = try Date(documentValue: date.documentValue())
            #expect(again.timeIntervalSinceReferenceDate.bitPattern == seconds.bitPattern, "\(seconds)")
        }
    }

    @Test func theTextHasNoMoreDecimalsThanNeeded() throws {
        // In our days a Date holds a tenth of a microsecond.
        #expect(try text(786_628_141.123) == "2025-12-05T11:49:01.123Z")
        #expect(try text(786_628_141.1234567) == "2025-12-05T11:49:01.1234567Z")
    }

    @Test(arguments: [
        ("2026-01-31T13:00:00+01:00", 1_769_860_800.0), ("2026-01-31t12:00:00z", 1_769_860_800),
        ("2026-01-31T00:30:00.50-11:30", 1_769_860_800.5), ("1969-12-31T23:59:59.750000-00:00", -0.25),
        ("2026-01-31T12:00:00.000000000000", nil), ("2026-01-31T12:00:00.00000000000000000001Z", 1_769_860_800),
        ("1969-12-31T23:59:59.00Z", -1),
    ])
    func otherTextsOfTheSameMomentAreRead(_ text: String, _ seconds: Double?) throws {
        let date = try? Field<Date>.read("\"\(text)\"")
        #expect(date?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "", "2026-01-31", "2026-01-31 12:00:00Z", "2026-01-31T12:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "+12026-01-31T12:00:00Z", "2026-01-31T12:00:00.Z",
        "-001-01-31T12:00:00Z",
        "2026-01-31T12:00:00Z ", "2026-01-31T12:00:00+0100",
    ])
    func anyOtherTextIsRefused(_ text: String) {
        #expect(Field<Date>.fault("\"\(text)\"") == "/value must be a date and time such as 2026-01-31T12:00:00Z")
    }

    @Test func whatADateCannotBeIsRefused() throws {
        #expect(
            Field<Date>.fault(#""2016-12-31T23:59:60Z""#)
                == "/value is a leap second, which a Date does not have; send the second after it"
        )
        for text in ["9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59.9999999999999Z"] {
            #expect(Field<Date>.fault("\"\(text)\"") == "/value is outside of the years 0000 to 9999 in UTC")
        }
        for seconds in [
            253_402_300_800 - 978_307_200, (-62_167_219_200.0 - 978_307_200).nextDown, .nan, .infinity, -.infinity,
            1e300,
        ] {
            let error = #expect(throws: ValidationError.self) { try text(seconds) }
            #expect(error?.faults.first?.pointer == "/value")
            #expect(
                error?.faults.first?.detail
                    == "is a date outside of the years 0000 to 9999, which RFC 3339 cannot write"
            )
        }
    }

    /// Seconds since 2001, which `Codable` of Foundation has.
    @Test func theFormerFormIsRefusedWithASentence() {
        #expect(
            Field<Date>.fault("791553600.5")
                == "/value must be a date and time such as 2026-01-31T12:00:00Z, got 791553600.5"
        )
    }

    @Test func anIntervalIsAStartAndSeconds() throws {
        let interval = DateInterval(start: Date(timeIntervalSince1970: 0.5), duration: 90.25)
        #expect(try Field(interval).json == ["start": "1970-01-01T00:00:00.5Z", "duration": 90.25])
        #expect(try Field(interval).returned() == interval)
        #expect(
            Field<DateInterval>.fault(#"{"start":0,"duration":-1,"end":1}"#)
                == "/value/end is not a field of this model; /value/start must be a date and time such as "
                + "2026-01-31T12:00:00Z, got 0; /value/duration must be a number of seconds, at least 0"
        )
        #expect(Field<DateInterval>.fault("{}") == "/value/start is missing; /value/duration is missing")
        #expect(Field<DateInterval>.fault("[]") == "/value must be an object with start and duration, got an array")
        let endless = DateInterval(start: .now, duration: .infinity)
        #expect(throws: ValidationError.self) { try Field(endless).document() }
        let early = DateInterval(start: Date(timeIntervalSince1970: -1e12), duration: 1)
        let error = #expect(throws: ValidationError.self) { try Field(early).document() }
        #expect(error?.faults.map(\.pointer) == ["/value/start"])
    }
}
