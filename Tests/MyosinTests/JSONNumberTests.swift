import Myosin
import Testing

@Suite struct JSONNumberTests {
    private func number(_ text: String) throws -> JSONNumber {
        guard case .number(let number) = try JSONValue(parsing: text) else { throw ValidationError("", "is no number") }
        return number
    }

    @Test(arguments: [
        ("21", 21), ("21.0", 21), ("2.1e1", 21), ("210e-1", 21), ("-0", 0), ("-0.0", 0), ("0e99999999999999999999", 0),
        ("1e18", 1_000_000_000_000_000_000), ("9007199254740993", 9_007_199_254_740_993),
        ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("9223372036854775807.000", Int.max),
        ("9.223372036854775807e18", Int.max), ("0.00001e5", 1),
    ])
    func wholeNumbersAreIntegersHoweverWritten(_ text: String, _ expected: Int) throws {
        #expect(try number(text).integer(Int.self) == expected)
        #expect(try number(text).isInteger)
    }

    @Test(arguments: [
        "21.5", "2.15e0", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e400",
        "1e99999999999999999999", "1e-99999999999999999999", "0.1e-999999999999",
    ])
    func otherNumbersAreNoInteger(_ text: String) throws {
        #expect(try number(text).integer(Int.self) == nil)
    }

    @Test(arguments: ["21.50", "-0", "1e400", "0.1e-999", "340282366920938463463374607431768211455"])
    func theTextOfANumberMakesOneWithItsDigits(_ text: String) {
        #expect(JSONNumber(text)?.description == text)
    }

    @Test(arguments: ["", " 1", "1 ", "01", "1.", ".5", "+1", "NaN", "true", "\"1\"", "[1]", "1,2", "１"])
    func anyOtherTextMakesNoNumber(_ text: String) {
        #expect(JSONNumber(text) == nil)
    }

    @Test func integersKeepToTheRangeOfTheirWidth() throws {
        #expect(try number("255").integer(UInt8.self) == 255)
        #expect(try number("2.56e2").integer(UInt8.self) == nil)
        #expect(try number("-0").integer(UInt8.self) == 0)
        #expect(try number("-1").integer(UInt8.self) == nil)
        #expect(try number("-1.28e2").integer(Int8.self) == -128)
        #expect(try number("18446744073709551615").integer(UInt64.self) == .max)
        #expect(try number("18446744073709551616").integer(UInt64.self) == nil)
        #expect(try number("340282366920938463463374607431768211455").integer(UInt128.self) == .max)
    }

    @Test(arguments: [
        ("0.1", 0.1), ("0.10", 0.1), ("1e-1", 0.1), ("21", 21), ("-0", 0),
        ("1.7976931348623157e308", 0x1.fffffffffffffp1023),
        ("5e-324", 0x1p-1074), ("0.30000000000000004", 0.1 + 0.2), ("9007199254740992", 0x1p53), ("1e22", 1e22),
        ("0e400", 0), ("2.2250738585072014e-308", 0x1p-1022), ("123456789012345", 123_456_789_012_345),
    ])
    func numbersThatADoubleKeepsAreRead(_ text: String, _ expected: Double) throws {
        #expect(try number(text).floatingPoint(Double.self) == expected)
    }

    @Test(arguments: [
        "9007199254740993", "1e400", "-1e400", "1e-400", "0.1000000000000000055", "1e99999999999999999999",
        "1e-99999999999999999999", "3.14159265358979323846",
    ])
    func numbersThatADoubleWouldChangeAreRefused(_ text: String) throws {
        #expect(try number(text).floatingPoint(Double.self) == nil)
    }

    @Test func aFloatKeepsFewerDigits() throws {
        #expect(try number("0.1").floatingPoint(Float.self) == 0.1)
        #expect(try number("16777216").floatingPoint(Float.self) == 16_777_216)
        #expect(try number("16777217").floatingPoint(Float.self) == nil)
        #expect(try number("0.123456789").floatingPoint(Float.self) == nil)
        #expect(try number("1e39").floatingPoint(Float.self) == nil)
        #expect(try number("1e-46").floatingPoint(Float.self) == nil)
    }

    @Test func aHalfKeepsStillFewerDigits() throws {
        for (text, value) in [("0.1", 0.1 as Float16), ("2048", 2_048), ("65504", 65_504), ("6e-8", 6e-08)] {
            #expect(try number(text).floatingPoint(Float16.self) == value)
        }
        // The digits of the Float of the same value.
        #expect(try number("0.099975586").floatingPoint(Float16.self) == 0.1)
        for text in ["2049", "65520", "1e9", "1e-9", "0.09999", "0.12345"] {
            #expect(try number(text).floatingPoint(Float16.self) == nil)
        }
    }

    @Test func digitsAreKeptAsWritten() throws {
        for text in ["1.0", "1.50", "1E+05", "-0", "1e400", "123456789012345678901234567890.5"] {
            #expect(try JSONValue(parsing: text).description == text)
        }
    }

    @Test(arguments: [
        ["1.0", "1", "10e-1", "0.1e1", "1E0", "1e+0", "1.000"],
        ["0", "-0", "0.0", "0e5", "-0e-5", "0e99999999999999999999"],
        ["1e400", "10e399", "0.1e401"], ["1e999999999999", "10e999999999998"], ["1e99999999999999999999"],
        ["-21.50", "-2150e-2"],
    ])
    func equalValuesAreEqualHoweverWritten(_ texts: [String]) throws {
        for left in texts {
            for right in texts { #expect(try JSONValue(parsing: left) == JSONValue(parsing: right)) }
        }
    }

    @Test(arguments: [
        ("1", "-1"), ("1", "1.0000000000000000000001"), ("9007199254740993", "9007199254740992"), ("1e400", "1e401"),
        ("1", "10"), ("0", "1e-400"), ("1", "\"1\""), ("0", "false"), ("0", "null"),
        ("1e1000000000001", "1e1000000000002"), ("1e-1000000000001", "1e-1000000000002"),
        ("10e99999999999999999998", "10e99999999999999999999"), ("1e99999999999999999999", "1e-99999999999999999999"),
    ])
    func differentValuesDiffer(_ left: String, _ right: String) throws {
        #expect(try JSONValue(parsing: left) != JSONValue(parsing: right))
    }

    @Test func aHundredThousandDigitsAreNoTrouble() throws {
        let (zeros, ones) = (String(repeating: "0", count: 100_000), String(repeating: "1", count: 100_000))
        #expect(try number(ones).integer(Int.self) == nil)
        #expect(try number(ones).floatingPoint(Double.self) == nil)
        #expect(try number("0." + ones).floatingPoint(Double.self) == nil)
        #expect(try number("1\(zeros)e-100000").integer(Int.self) == 1)
        #expect(try number("0.\(zeros)1e100001").integer(Int.self) == 1)
        #expect(try number("1." + zeros).floatingPoint(Double.self) == 1)
        #expect(try number("1e" + ones).integer(Int.self) == nil)
        #expect(try number("1e-" + ones).floatingPoint(Double.self) == nil)
        #expect(try number("1." + zeros) == JSONNumber(1))
        #expect(try number(ones) != JSONNumber(1))
    }

    @Test(arguments: [
        (0.1, "0.1"), (21, "21"), (-0.0, "-0"), (1e16, "1e+16"), (1e-7, "1e-07"), (0.1 + 0.2, "0.30000000000000004"),
        (-2.5, "-2.5"), (0x1p-1074, "5e-324"), (9_007_199_254_740_992, "9007199254740992"),
    ])
    func doublesAreWrittenWithTheFewestDigits(_ value: Double, _ text: String) throws {
        let written = try #require(JSONNumber(value))
        #expect(written.description == text)
        #expect(try number(text).floatingPoint(Double.self) == value)
    }

    @Test func whatJSONDoesNotHaveIsNoNumber() {
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(Double.infinity) == nil)
        #expect(JSONNumber(-Float.infinity) == nil)
    }

    @Test func randomDoublesReadBackAsTheyWere() throws {
        for seed in 0..<2_000 as Range<UInt64> {
            let value = Double(bitPattern: (seed &+ 1) &* 0x9E37_79B9_7F4A_7C15)
            guard let written = JSONNumber(value) else { continue }
            #expect(try number(written.description).floatingPoint(Double.self) == value)
        }
    }
}
