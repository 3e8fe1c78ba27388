import Exposition
import TestSupport
import Testing

@Suite struct ExemplarTests {
    private let registry = Registry()
    private let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func lines(_ format: ExpositionFormat = .openMetrics1_0_0) -> [String] {
        registry.page(format).samples
            .map { String($0).replacing(#/ [0-9]{9,}(\.[0-9]{1,3})?$/#, with: " TIME") }
    }

    @Test func eachBucketHasItsLastOne() throws {
        let histogram = registry.histogram("h_seconds", help: "", buckets: [0.5, 1])
        histogram.observe(.milliseconds(250), exemplar: try #require(Exemplar(labels: ["a": "1"])))
        histogram.observe(0.375, exemplar: try #require(Exemplar(labels: ["a": "2\"\n"])))
        histogram.observe(0.5)
        histogram.observe(7, exemplar: try #require(Exemplar(traceparent: trace)))
        let exemplar = #"{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"}"#
        #expect(
            lines() == [
                #"h_seconds_bucket{le="0.5"} 3 # {a="2\"\n"} 0.375 TIME"#, #"h_seconds_bucket{le="1.0"} 3"#,
                #"h_seconds_bucket{le="+Inf"} 4 # \#(exemplar) 7 TIME"#, "h_seconds_count 4", "h_seconds_sum 8.125",
            ]
        )
        #expect(lines(.text1_0_0).allSatisfy { !$0.contains("#") })
    }

    @Test func aCounterHasItsLastOne() throws {
        let counter = registry.counter("c", help: "")
        counter.increment(by: 2, exemplar: try #require(Exemplar(labels: ["a": "1"])))
        counter.increment()
        counter.increment(by: -1, exemplar: try #require(Exemplar(labels: ["a": "2"])))
        #expect(lines() == [#"c_total 3 # {a="1"} 2 TIME"#])
    }

    @Test func labelsAreLimited() {
        #expect(Exemplar(labels: ["a": String(repeating: "é", count: 127)]) != nil)
        #expect(Exemplar(labels: ["a": String(repeating: "é", count: 128)]) == nil)
        #expect(Exemplar(labels: [:]) == nil)
        #expect(Exemplar(labels: ["a": "1", "a": "2"]) == nil)
        for name in ["", "1", "a-b", "__a", "é"] { #expect(Exemplar(labels: [name: ""]) == nil, "\(name)") }
    }

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "000-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0F",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-001",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
        // Several fields, as they are joined.
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, 01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, ",
    ]) func aMalformedTraceparentIsNone(text: String) { #expect(Exemplar(traceparent: text) == nil) }

    @Test(arguments: ["00", "02", "fe"], ["00", "01"]) func aTraceThatIsNotSampledIsNone(flags: String, version: String)
    {
        let text = "\(version)-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-\(flags)"
        #expect(Exemplar(traceparent: text) == nil)
        #expect(Exemplar(traceparent: text.dropLast() + "3") != nil)
    }

    @Test(arguments: ["01", "fe"]) func aLaterVersionOfTraceparentMayHaveMore(version: String) {
        let text = "\(version)-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"
        for end in ["01", "01-", "01-more", "03-more-and-more"] { #expect(Exemplar(traceparent: text + end) != nil) }
        #expect(Exemplar(traceparent: text + "00-more") == nil)
    }
}
