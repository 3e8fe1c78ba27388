import Exposition
import Testing

@Suite struct NameTests {
    /// Each type of metric, made without labels.
    enum Kind: CaseIterable, CustomTestStringConvertible {
        case counter, gauge, summary, histogram, info

        var testDescription: String { "\(self)" }

        func make(_ name: String, in registry: Registry) throws(MetricError) {
            switch self {
            case .counter: _ = try registry.makeCounter(name, help: "")
            case .gauge: _ = try registry.makeGauge(name, help: "")
            case .summary: _ = try registry.makeSummary(name, help: "")
            case .histogram: _ = try registry.makeHistogram(name, help: "")
            case .info: try registry.makeInfo(name, help: "", labels: [:])
            }
        }
    }

    private let registry = Registry()

    @Test(arguments: ["", "9x", "a b", "a-b", "é", "a\n", "a\0", "e\u{301}", "a{", "x\u{FF3F}y"], Kind.allCases)
    func badMetricNameIsRefused(name: String, kind: Kind) {
        let error = #expect(throws: MetricError.self) { try kind.make(name, in: registry) }
        #expect(error?.code == .invalidName)
        #expect(error?.family == name)
        #expect(registry.page == "")
    }

    @Test func counterNameIsMoreThanTotal() {
        let error = #expect(throws: MetricError.self) { try registry.makeCounter("_total", help: "") }
        #expect(error?.code == .invalidName)
    }

    @Test(arguments: ["_", ":", "a:b", "A9_z"])
    func classicMetricNameIsAccepted(name: String) throws {
        _ = try registry.makeGauge(name, help: "")
        #expect(registry.page.samples == ["\(name) 0"])
    }

    @Test(arguments: [[""], ["9"], ["a:b"], ["a b"], ["é"], ["__a"], ["__name__"], ["a", "b", "a"], ["a\""]])
    func badLabelNameIsRefused(labels: [String]) {
        let error = #expect(throws: MetricError.self) { try registry.makeGauge("g", help: "", labels: labels) }
        #expect(error?.code == .invalidLabel)
        #expect(registry.page == "")
    }

    @Test func labelOfTheTypeItselfIsRefused() throws {
        let ofHistogram = #expect(throws: MetricError.self) {
            try registry.makeHistogram("x", help: "", labels: ["le"])
        }
        #expect(ofHistogram?.code == .invalidLabel)
        let ofSummary = #expect(throws: MetricError.self) {
            try registry.makeSummary("x", help: "", labels: ["quantile"])
        }
        #expect(ofSummary?.message == #"x cannot have the label "quantile": a summary uses that label itself"#)
        _ = try registry.makeGauge("x", help: "", labels: ["le", "quantile", "_a"])
    }

    @Test func labelOfAnInfoIsChecked() {
        let error = #expect(throws: MetricError.self) {
            try registry.makeInfo("x", help: "", labels: ["a": "1", "a": "2"])
        }
        #expect(error?.code == .invalidLabel)
    }

    @Test(
        arguments: [[.nan], [2, 1], [1, 1], [-.infinity], [1, .infinity, 2], [.infinity, .infinity]] as [[Double]]
    )
    func bucketsThatDoNotAscendAreRefused(buckets: [Double]) {
        let error = #expect(throws: MetricError.self) { try registry.makeHistogram("h", help: "", buckets: buckets) }
        #expect(error?.code == .invalidBuckets)
        #expect(registry.page == "")
    }

    @Test func tooManyBucketsAreRefused() throws {
        let most = (1...Histogram.maxBuckets).map(Double.init)
        _ = try registry.makeHistogram("h", help: "", buckets: most + [.infinity])
        let error = #expect(throws: MetricError.self) {
            try registry.makeHistogram("i", help: "", buckets: most + [1e6])
        }
        #expect(error?.code == .invalidBuckets)
    }

    @Test(arguments: Kind.allCases, Kind.allCases)
    func nameTakenByAnyTypeIsRefused(first: Kind, second: Kind) throws {
        try first.make("x", in: registry)
        let page = registry.page
        let error = #expect(throws: MetricError.self) { try second.make("x", in: registry) }
        #expect(error?.code == .duplicateName)
        #expect(registry.page == page)
    }

    @Test(
        arguments: [
            (.counter, "x_total"), (.counter, "x_created"),
            (.summary, "x_count"), (.summary, "x_sum"), (.summary, "x_created"),
            (.histogram, "x_bucket"), (.histogram, "x_count"), (.histogram, "x_sum"), (.histogram, "x_created"),
            (.info, "x_info"),
        ] as [(Kind, String)]
    )
    func nameOfASampleIsRefusedInEitherOrder(kind: Kind, sample: String) throws {
        try kind.make("x", in: registry)
        let second = #expect(throws: MetricError.self) { try registry.makeGauge(sample, help: "") }
        #expect(second?.code == .nameCollision)

        let other = Registry()
        _ = try other.makeGauge(sample, help: "")
        let page = other.page
        let first = #expect(throws: MetricError.self) { try kind.make("x", in: other) }
        #expect(first?.code == .nameCollision)
        #expect(other.page == page)
        // The refusal has claimed nothing.
        _ = try other.makeGauge("x", help: "")
    }

    @Test func counterGivenWithTotalIsADuplicateOfItself() throws {
        _ = try registry.makeCounter("x", help: "")
        let error = #expect(throws: MetricError.self) { try registry.makeCounter("x_total", help: "") }
        #expect(error?.code == .duplicateName)
        #expect(
            error?.message == """
                there is a counter x already: keep what made it, unregister it first, or choose another name for the \
                counter
                """
        )
    }

    @Test func collisionNamesBothFamilies() throws {
        _ = try registry.makeSummary("x", help: "")
        let error = #expect(throws: MetricError.self) { try registry.makeCounter("x_count", help: "") }
        #expect(
            error?.description == """
                the counter x_count and the summary x would both have the name x_count on a page: choose another name \
                for one of them
                """
        )
    }

    @Test func nameOfTheRegistrysOwnFamilyIsTakenFromTheStart() {
        let error = #expect(throws: MetricError.self) {
            try registry.makeCounter("metrics_series_dropped", help: "")
        }
        #expect(error?.code == .duplicateName)
    }

    @Test func namesThatOnlyBeginAlikeAreAccepted() throws {
        _ = try registry.makeCounter("x", help: "")
        _ = try registry.makeGauge("x_count", help: "")
        _ = try registry.makeSummary("x_sum", help: "")
        _ = try registry.makeGauge("x_total_value", help: "")
        #expect(
            registry.page.samples == ["x_count 0", "x_sum_count 0", "x_sum_sum 0", "x_total 0", "x_total_value 0"]
        )
    }
}
