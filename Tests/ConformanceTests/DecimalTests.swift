import TestSupport
import Testing

@testable import Myosin

/// Exact decimals against whole numbers of 128 bits, which hold all of these once they are scaled.
@Suite struct DecimalTests {
    /// A number as some text, and its value in units of 1e-12.
    private struct Sample {
        let text: String
        let scaled: Int128

        var decimal: Decimal { Decimal(text) }
    }

    /// A whole number times a power of ten, written in one of the ways that JSON has.
    private static func sample(_ random: inout SeededRandom) -> Sample {
        let widths: [Int64] = [1, 9, 99, 1_000, 123_456, 999_999_999]
        let width = widths[Int.random(in: 0..<widths.count, using: &random)]
        let whole = Int64.random(in: -width...width, using: &random)
        let exponent = Int.random(in: -12...12, using: &random)
        let scaled = Int128(whole) * power(exponent + 12)
        return Sample(text: spelling(whole, exponent, &random), scaled: scaled)
    }

    private static func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }

    private static func spelling(_ whole: Int64, _ exponent: Int, _ random: inout SeededRandom) -> String {
        let sign = whole < 0 ? "-" : whole == 0 && random.chance(50) ? "-" : ""
        var digits = "\(whole.magnitude)"
        // The point is moved somewhere, with zeros where there is no digit, and the exponent makes up for it.
        let shift = Int.random(in: -4...14, using: &random)
        var text = digits
        if shift > 0 {
            while digits.count <= shift { digits = "0" + digits }
            text = "\(digits.dropLast(shift)).\(digits.suffix(shift))"
        } else if shift < 0, whole != 0 {
            text = digits + String(repeating: "0", count: -shift)
        }
        if shift > 0, random.chance(30) { text += "000" }
        let rest = exponent + (whole == 0 ? 0 : shift)
        if rest == 0, random.chance(50) { return sign + text }
        let mark = random.chance(50) ? "e" : "E"
        return
            "\(sign)\(text)\(mark)\(rest < 0 ? "-" : random.chance(50) ? "+" : "")\(random.chance(20) ? "00" : "")\(abs(rest))"
    }

    @Test func orderAndEqualityAreThoseOfTheValues() {
        var random = SeededRandom(seed: 1)
        var counts = [0, 0, 0]
        for _ in 0..<rounds(30_000) {
            let left = Self.sample(&random)
            let right = random.chance(20) ? Self.again(left, &random) : Self.sample(&random)
            #expect((left.decimal < right.decimal) == (left.scaled < right.scaled), "\(left.text) \(right.text)")
            #expect((right.decimal < left.decimal) == (right.scaled < left.scaled), "\(left.text) \(right.text)")
            #expect((left.decimal == right.decimal) == (left.scaled == right.scaled), "\(left.text) \(right.text)")
            counts[left.scaled < right.scaled ? 0 : left.scaled == right.scaled ? 1 : 2] += 1
        }
        #expect(counts.allSatisfy { $0 > rounds(30_000) / 10 }, "\(counts)")
    }

    /// The same value, written in another way.
    private static func again(_ sample: Sample, _ random: inout SeededRandom) -> Sample {
        var (whole, exponent) = (sample.scaled, -12)
        while whole != 0, whole % 10 == 0 { (whole, exponent) = (whole / 10, exponent + 1) }
        return Sample(text: spelling(Int64(whole), exponent, &random), scaled: sample.scaled)
    }

    @Test func multiplesAreWholeNumbersOfTimes() {
        var random = SeededRandom(seed: 2)
        var multiples = 0
        for _ in 0..<rounds(30_000) {
            let divisor = Self.sample(&random)
            var value = Self.sample(&random)
            if divisor.scaled != 0, random.chance(50) {
                let times = Int64.random(in: -999...999, using: &random)
                let (product, isOver) = divisor.scaled.multipliedReportingOverflow(by: Int128(times))
                if !isOver, product.magnitude < UInt128(Self.power(30)) {
                    value = Self.again(Sample(text: "", scaled: product), &random)
                }
            }
            let expected = divisor.scaled <= 0 ? nil : value.scaled % divisor.scaled == 0
            #expect(value.decimal.isMultiple(of: divisor.decimal) == expected, "\(value.text) \(divisor.text)")
            if expected == true { multiples += 1 }
        }
        #expect((rounds(30_000) / 10...rounds(30_000) * 9 / 10).contains(multiples), "\(multiples)")
    }

    @Test func equalNumbersShareOneSpelling() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<rounds(10_000) {
            let one = Self.sample(&random)
            let other = Self.again(one, &random)
            #expect(one.decimal.description == other.decimal.description, "\(one.text) \(other.text)")
            #expect(Decimal(one.decimal.description) == one.decimal, "\(one.text)")
            #expect((one.decimal.exponent >= 0) == (one.scaled % Self.power(12) == 0), "\(one.text)")
        }
    }

    @Test(arguments: [
        ("0", "0"), ("-0.00e7", "0"), ("1.50", "1.5"), ("1e20", "100000000000000000000"), ("1e21", "1e+21"),
        ("123456789012345678901", "123456789012345678901"), ("1234567890123456789012", "1.234567890123456789012e+21"),
        ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("-12e-9", "-1.2e-8"), ("12.5e1", "125"), ("1e-6", "0.000001"),
    ])
    func theSpellingIsThatOfJavaScript(_ text: String, _ expected: String) {
        #expect(Decimal(text).description == expected)
    }

    /// Large exponents take neither memory nor time, and a factor of ten may make a multiple of it.
    @Test(arguments: [
        ("1e999999999999", "3", false), ("1e999999999999", "2", true), ("1e999999999999", "1e999999999998", true),
        ("3e999999999999", "7e-999999999999", false), ("21e-999999999999", "7e-999999999999", true),
        ("1e-999999999999", "1", false), ("1e99999999999999999999", "512", true),
        ("1e99999999999999999999", "7", false),
        ("1e18", "999999999999999999", false), ("999999999999999999e5", "999999999999999999", true),
        ("170141183460469231731687303715884105727", "3", false), ("170141183460469231731687303715884105726", "3", true),
    ])
    func largeExponentsAreExact(_ value: String, _ divisor: String, _ expected: Bool) {
        #expect(Decimal(value).isMultiple(of: Decimal(divisor)) == expected)
    }

    @Test(arguments: ["0", "-1", "-0.5", "1234567890123456789", "0.1234567890123456789"])
    func whatCannotDivideGivesNoAnswer(_ divisor: String) {
        #expect(Decimal("1").isMultiple(of: Decimal(divisor)) == nil)
    }
}
