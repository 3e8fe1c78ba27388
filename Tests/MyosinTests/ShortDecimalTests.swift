import TestSupport
import Testing

@testable import Myosin

@Suite struct ShortDecimalTests {
    private func text(_ decimal: ShortDecimal) -> String {
        var output: [UInt8] = []
        decimal.write(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// What the standard library writes, without a fraction that says nothing.
    private func usual(_ value: Double) -> String {
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    @Test func writesWhatTheStandardLibraryWrites() throws {
        var random = SeededRandom(seed: 1)
        let scales: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e9]
        var short = 0
        for _ in 0..<10_000 {
            let digits = UInt64.random(in: 1..<1_000_000_000_000_000, using: &random) >> UInt64.random(in: 0...49)
            let scale = scales[Int.random(in: scales.indices, using: &random)]
            let near = Double(digits) / scale
            let any = Double(bitPattern: random.next() as UInt64)
            let values: [Double] = [near, -near, near.nextUp, near.nextDown, any]
            for value in values {
                guard let decimal = ShortDecimal(value) else { continue }
                short += 1
                #expect(text(decimal) == usual(value))
                #expect(decimal.number == value)
            }
        }
        #expect(short > 5_000, "most numbers with few digits are short decimals")
    }

    @Test func readsWhatTheStandardLibraryReads() throws {
        var random = SeededRandom(seed: 2)
        for _ in 0..<10_000 {
            let digits = String(UInt64.random(in: 1..<1_000_000_000_000_000, using: &random))
            let point = Int.random(in: 1...digits.count, using: &random)
            let fraction = digits.dropFirst(point)
            let sign = Bool.random(using: &random) ? "-" : ""
            let literal = sign + digits.prefix(point) + (fraction.isEmpty ? "" : ".\(fraction)")
            let decimal = try #require(ShortDecimal(literal: literal))
            #expect(decimal.number == Double(literal))
        }
        #expect(ShortDecimal(literal: "0.00000000000001")?.number == 1e-14)
    }

    @Test(arguments: ["0", "-0", "0.0", "1e3", "1E3", "1234567890123456", "0.1234567890123456", "-"])
    func leavesTheRestToOthers(literal: String) { #expect(ShortDecimal(literal: literal) == nil) }

    @Test(arguments: [0.0, -0.0, 0.000_9, 1e15, .nan, .infinity, -.infinity, 0.1 + 0.2, 1.0 / 3])
    func leavesTheRestToOthers(value: Double) { #expect(ShortDecimal(value) == nil) }
}
