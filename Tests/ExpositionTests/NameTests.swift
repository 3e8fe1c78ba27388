import Exposition
import TestSupport
import Testing

@Suite struct NameTests {
    /// Each type of metric, made without labels.
    enum Kind: CaseIterable, CustomTestStringConvertible {
        case counter, gauge, summary, histogram, info

        var testDescription: String { "\(self)" }

        func make(_ name: String, in registry: Registry) throws(MetricError) {
            switch self {
            case .counter: _ = try registry.counter(named: name, help: "")
            case .gauge: _ = try registry.gauge(named: name, help: "")
            case .summary: _ = try registry.summary(named: name, help: "")
            case .histogram: _ = try registry.histogram(named: name, help: "")
            case .info: try registry.info(named: name, help: "", labels: [:])
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
        let error = #expect(throws: MetricError.self) { try registry.counter(named: "_total", help: "") }
        #expect(error?.code == .invalidName)
    }

    @Test(arguments: ["_", ":", "a:b", "A9_z"])
    func classicMetricNameIsAccepted(name: String) throws {
        _ = try registry.gauge(named: name, help: "")
        #expect(registry.page.samples == ["\(name) 0"])
    }

    @Test(arguments: ["", "9", "a:b", "a b", "é", "__a", "__name__", "a\""])
    func badLabelNameIsRefused(label: String) {
        let error = #expect(throws: MetricError.self) { try registry.gauge(named: "g", help: "", labels: [label]) }
        #expect(error?.code == .invalidLabel)
        #expect(registry.page == "")
    }

    @Test func aLabelThatIsGivenTwiceIsRefused() {
        let error = #expect(throws: MetricError.self) {
            try registry.gauge(named: "g", help: "", labels: ["a", "b", "a"])
        }
        #expect(error?.code == .invalidLabel)
        #expect(error?.message == #"g cannot have the label "a": give each label once"#)
        #expect(registry.page == "")
    }

    @Test func labelOfTheTypeItselfIsRefused() throws {
        let ofHistogram = #expect(throws: MetricError.self) {
            try registry.histogram(named: "x", help: "", labels: ["le"])
        }
        #expect(ofHistogram?.message == #"x cannot have the label "le": a histogram uses that label itself"#)
        let ofSummary = #expect(throws: MetricError.self) {
            try registry.summary(named: "x", help: "", labels: ["quantile"])
        }
        let ofStateSet = #expect(throws: MetricError.self) {
            try registry.stateSet(named: "x", help: "", states: [], labels: ["x"])
        }
        #expect(ofStateSet?.message == #"x cannot have the label "x": a state set uses that label itself"#)
        #expect(ofSummary?.message == #"x cannot have the label "quantile": a summary uses that label itself"#)
        _ = registry.gauge("x", help: "", labels: ["le", "quantile", "_a"])
    }

    @Test func labelOfAnInfoIsChecked() {
        let error = #expect(throws: MetricError.self) {
            try registry.info(named: "x", help: "", labels: ["a": "1", "a": "2"])
        }
        #expect(error?.code == .invalidLabel)
    }

    @Test(
        arguments: [[.nan], [2, 1], [1, 1], [-.infinity], [1, .infinity, 2], [.infinity, .infinity]] as [[Double]]
    )
    func bucketsThatDoNotAscendAreRefused(buckets: [Double]) {
        let error = #expect(throws: MetricError.self) { try registry.histogram(named: "h", help: "", buckets: buckets) }
        #expect(error?.code == .invalidBuckets)
        #expect(registry.page == "")
    }

    @Test func tooManyBucketsAreRefused() throws {
        let most = (1...Registry.Histogram.maxBuckets).map(Double.init)
        _ = registry.histogram("h", help: "", buckets: most + [.infinity])
        let error = #expect(throws: MetricError.self) {
            try registry.histogram(named: "i", help: "", buckets: most + [1e6])
        }
        #expect(error?.code == .invalidBuckets)
    }

    @Test(arguments: Kind.allCases, Kind.allCases)
    func nameTakenByAnotherTypeIsRefused(first: Kind, second: Kind) throws {
        try first.make("x", in: registry)
        let page = registry.page
        if first == second {
            try second.make("x", in: registry)
        } else {
            let error = #expect(throws: MetricError.self) { try second.make("x", in: registry) }
            #expect(error?.code == .duplicateName)
            #expect(error?.message.contains(first == .info ? "there is an info x " : "there is a \(first) x ") == true)
        }
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
        let second = #expect(throws: MetricError.self) { try registry.gauge(named: sample, help: "") }
        #expect(second?.code == .nameCollision)

        let other = Registry()
        _ = try other.gauge(named: sample, help: "")
        let page = other.page
        let first = #expect(throws: MetricError.self) { try kind.make("x", in: other) }
        #expect(first?.code == .nameCollision)
        #expect(other.page == page)
        // The refusal has claimed nothing.
        _ = other.gauge("x", help: "")
    }

    @Test func counterGivenWithTotalIsTheOneWithout() throws {
        #expect(registry.counter("x", help: "") === registry.counter("x_total", help: ""))
        let error = #expect(throws: MetricError.self) { try registry.gauge(named: "x", help: "") }
        #expect(error?.code == .duplicateName)
        #expect(
            error?.message
                == "there is a counter x already: unregister it first, or choose another name for the gauge"
        )
    }

    @Test func collisionNamesBothFamilies() throws {
        _ = registry.summary("x", help: "")
        let error = #expect(throws: MetricError.self) { try registry.counter(named: "x_count", help: "") }
        #expect(
            error?.description == """
                the counter x_count and the summary x would both have the name x_count on a page: choose another name \
                for one of them
                """
        )
    }

    @Test func nameOfTheRegistrysOwnFamilyIsTakenFromTheStart() {
        let error = #expect(throws: MetricError.self) {
            try registry.counter(named: "metrics_series_dropped", help: "")
        }
        #expect(error?.code == .duplicateName)
    }

    @Test func namesThatOnlyBeginAlikeAreAccepted() throws {
        _ = registry.counter("x", help: "")
        _ = registry.gauge("x_count", help: "")
        _ = registry.summary("x_sum", help: "")
        _ = registry.gauge("x_total_value", help: "")
        #expect(
            registry.page.samples == ["x_count 0", "x_sum_count 0", "x_sum_sum 0", "x_total 0", "x_total_value 0"]
        )
    }
}
