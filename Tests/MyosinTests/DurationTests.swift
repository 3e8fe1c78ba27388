@testable import Myosin
import TestSupport
import Testing

/// Durations in documents.
@Suite struct DurationTests {
    private func text(_ duration: Duration) throws -> String? { try Field(duration).document()["value"]?.description }

    private func read(_ value: String) throws -> Duration {
        guard case .object(let document) = try JSONValue(parsing: #"{"id":"f","value":\#(value)}"#) else {
            return .zero
        }
        return try Field<Duration>(document: document).value
    }

    @Test(arguments: [
        (Duration.seconds(90), "90"), (.zero, "0"), (.seconds(1.5), "1.5"), (.milliseconds(-250), "-0.25"),
        (.nanoseconds(1), "0.000000001"), (Duration(attoseconds: 1), "0.000000000000000001"),
        (Duration(attoseconds: -1), "-0.000000000000000001"),
        (Duration(attoseconds: .max), "170141183460469231731.687303715884105727"),
        (Duration(attoseconds: .min), "-170141183460469231731.687303715884105728"),
        (
            Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999),
            "9223372036854775807.999999999999999999"
        ),
    ])
    func aDurationIsANumberOfSecondsWithEachDigit(_ duration: Duration, _ expected: String) throws {
        #expect(try text(duration) == expected)
        #expect(try read(expected) == duration)
    }

    @Test func eachDurationReadsBackAsItWas() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            let attoseconds =
                Int128.random(in: .min ... .max, using: &random) >> Int128.random(in: 0..<127, using: &random)
            let duration = Duration(attoseconds: attoseconds)
            #expect(try Duration(documentValue: duration.documentValue()) == duration)
        }
    }

    @Test func theNumbersHaveTheOrderOfTheDurations() throws {
        var random = SeededRandom(seed: 8)
        let durations = (0..<200).map { _ in Duration(attoseconds: .random(in: .min ... .max, using: &random) >> 60) }
            .sorted()
        let numbers = durations.map { duration in
            if case .number(let number) = duration.documentValue() { number } else { JSONNumber(0) }
        }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 || $0 == $1 })
    }

    @Test(arguments: [
        ("PT1.5S", Duration.seconds(1.5)), ("PT0S", .zero), ("-PT2H30M", .seconds(-9_000)),
        ("P1DT12H", .seconds(129_600)),
        ("P2W", .seconds(1_209_600)), ("P1W1D", .seconds(691_200)), ("+PT1M", .seconds(60)),
        ("PT0,25S", .milliseconds(250)),
        ("PT0.1H", .seconds(360)), ("PT1H0.000000000000000001S", .seconds(3_600) + Duration(attoseconds: 1)),
        ("PT170141183460469231731.687303715884105727S", Duration(attoseconds: .max)),
        ("-PT170141183460469231731.687303715884105728S", Duration(attoseconds: .min)),
    ])
    func theTextOfISO8601IsReadToo(_ text: String, _ expected: Duration) throws {
        #expect(try read("\"\(text)\"") == expected)
    }

    @Test(arguments: [
        "", "P", "PT", "1.5", "T1S", "P1Y", "P1M", "P1DT", "PT1S1M", "PT1.5M1S", "PT.5S", "PT1.S", "PT-1S", "pt1s",
        "PT1", "PT1S ",
        "P1D1W", "PT1S1S", "--PT1S", "PT١S", "P1H",
    ])
    func anyOtherTextIsRefused(_ text: String) {
        let error = #expect(throws: ValidationError.self) { try Duration(documentValue: .string(text)) }
        #expect(error?.faults.map(\.code) == [.format])
    }

    @Test(arguments: [
        "1e30", "1e-19", "170141183460469231731.687303715884105728", "0.0000000000000000001", "-170141183460469231732",
        "1e999999999999",
        "\"PT1E30S\"", "\"P300000000000000000D\"", "\"PT170141183460469231731.687303715884105728S\"",
    ])
    func whatADurationDoesNotHoldIsRefused(_ value: String) throws {
        #expect(throws: ValidationError.self) { try read(value) }
    }

    @Test(arguments: ["1.50", "15e-1", "0.15E1"]) func theNumberMayBeWrittenOtherwise(_ value: String) throws {
        #expect(try read(value) == .seconds(1.5))
    }

    /// The pair of integers that `Codable` of the standard library has.
    @Test func theFormerFormIsRefusedWithASentence() {
        let error = #expect(throws: ValidationError.self) { try read("[0,1500000000000000000]") }
        #expect(error?.description == "/value must be a number of seconds, or a text such as PT1.5S, got an array")
    }

    @Test func aSetOfDurationsHasOneOrder() throws {
        #expect(try Field(Set([Duration.seconds(2), .seconds(10), .seconds(1)])).document()["value"] == [1, 10, 2])
    }
}
