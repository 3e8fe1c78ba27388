import Exposition
import TestSupport
import Testing

@Suite struct NumberTests {
    private let registry = Registry()

    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (10, "10"), (99, "99"), (100, "100"), (0.5, "0.5"),
            (0.1, "0.1"),
            (-0.25, "-0.25"), (0.1 + 0.2, "0.30000000000000004"), (1_000_000, "1000000"), (1.5e9, "1500000000"),
            (1_700_000_000.123, "1700000000.123"), (0.0001, "0.0001"), (0.00001, "1e-05"),
            (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992"),
            (-9_007_199_254_740_992, "-9007199254740992"), (1e16, "1e+16"), (1e100, "1e+100"),
            (.leastNonzeroMagnitude, "5e-324"),
            (-2.2250738585072014e-308, "-2.2250738585072014e-308"),
            (-1.2345678901234568e-300, "-1.2345678901234568e-300"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
            (.nan, "NaN"),
        ] as [(Double, String)]
    )
    func valueIsTheShortestTextThatReadsBack(value: Double, text: String) throws {
        let gauge = registry.gauge("g", help: "")
        gauge.set(value)
        #expect(registry.page.samples == ["g \(text)"])
        #expect(Double(text)?.bitPattern == value.bitPattern || value.isNaN)
    }

    @Test func anyBitsReadBackAsTheSameNumber() throws {
        let gauge = registry.gauge("g", help: "")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<10_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            gauge.set(value)
            let sample = try #require(registry.page.samples.first)
            #expect(Double(sample.dropFirst(2))?.bitPattern == value.bitPattern)
        }
    }

    /// Numbers with few digits have a way of their own; the text is the same.
    @Test func decimalsAreAsShortAsSwiftHasThem() throws {
        let gauge = registry.gauge("g", help: "")
        for _ in 0..<20_000 {
            let digits = Int.random(in: 0...5)
            let scale = (0..<digits).reduce(1.0) { number, _ in number * 10 }
            let whole = Double(Int64.random(in: -1_000_000_000_000...1_000_000_000_000) >> Int64.random(in: 0...40))
            let value = Bool.random() ? whole / scale : (whole / scale).nextUp
            gauge.set(value)
            let text = value.description
            let sample = try #require(registry.page.samples.first)
            #expect(sample == "g \(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)")
        }
    }

    @Test(arguments: [-1, -.infinity, .infinity, .nan, -.leastNonzeroMagnitude] as [Double])
    func counterIgnoresWhatItCouldNotRecoverFrom(amount: Double) throws {
        let counter = registry.counter("c", help: "")
        counter.increment(by: 2)
        counter.increment(by: amount)
        #expect(counter.value == 2)
    }

    @Test func counterAddsWholeAndFractionalAmounts() throws {
        let counter = registry.counter("c", help: "")
        for amount in [1, 0.5, 0, -0.0, 65_536, 65_537, 1e15, 0.25] { counter.increment(by: amount) }
        #expect(counter.value == 1e15 + 131_074.75)
        counter.increment(by: .greatestFiniteMagnitude)
        counter.increment(by: .greatestFiniteMagnitude)
        #expect(registry.page.samples == ["c_total +Inf"])
    }

    @Test func observationsThatAreNotFiniteAreIgnored() throws {
        let summary = registry.summary("s", help: "")
        let histogram = registry.histogram("h", help: "", buckets: [])
        for value in [.nan, .infinity, -.infinity, 0.5] as [Double] {
            summary.observe(value)
            histogram.observe(value)
        }
        #expect(
            registry.page.samples == [#"h_bucket{le="+Inf"} 1"#, "h_count 1", "h_sum 0.5", "s_count 1", "s_sum 0.5"]
        )
        #expect(summary.count == 1 && summary.sum == 0.5 && histogram.count == 1 && histogram.sum == 0.5)
    }

    @Test(
        arguments: [
            (.zero, 0), (.nanoseconds(1), 1e-9), (.milliseconds(5), 0.005), (.milliseconds(1500), 1.5),
            (.seconds(-2), -2), (.seconds(Int64.max), 0x1p63),
        ] as [(Duration, Double)]
    )
    func durationsAreObservedInSeconds(duration: Duration, seconds: Double) throws {
        let summary = registry.summary("s", help: "")
        summary.observe(duration)
        #expect(summary.sum == seconds)
    }
}
