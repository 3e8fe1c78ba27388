import Exposition
import TestSupport
import Testing

/// Asking a registry for a metric that may be there already.
@Suite struct FindOrMakeTests {
    private let registry = Registry()

    @Test func theSameArgumentsGetTheSameMetric() throws {
        #expect(registry.counter("c", help: "C.") === registry.counter("c", help: "C."))
        #expect(try registry.counter("c", help: "C.") === registry.counter(named: "c", help: "C."))
        #expect(
            registry.gauge("g_celsius", help: "", unit: "celsius")
                === registry.gauge("g_celsius", help: "", unit: "celsius")
        )
        #expect(registry.summary("s", help: "") === registry.summary("s", help: ""))
        #expect(
            registry.histogram("h", help: "", buckets: [1, 2])
                === registry.histogram("h", help: "", buckets: [1, 2, .infinity])
        )
        let modes = [["off", "on"], ["on", "off", "on"]].map { registry.stateSet("m", help: "", states: $0) }
        #expect(modes[0] === modes[1])
        registry.info("i", help: "", labels: ["version": "1"])
        registry.info("i", help: "", labels: ["version": "1"])
        #expect(registry.refusals == [])
        #expect(registry.page.samples.count == 10)
    }

    @Test func theSameArgumentsGetTheSameChildren() throws {
        let first = registry.counter("c", help: "", labels: ["route", "code"])
        let again = try registry.counter(named: "c", help: "", labels: ["route", "code"])
        #expect(first.child(["/", "200"]) === again.child(["/", "200"]))
        registry.histogram("h", help: "", labels: ["l"], buckets: [1]).child("x").observe(1)
        registry.histogram("h", help: "", labels: ["l"], buckets: [1]).child("x").observe(1)
        registry.stateSet("m", help: "", states: ["off", "on"], labels: ["pump"]).child("a").set("on")
        registry.stateSet("m", help: "", states: ["off", "on"], labels: ["pump"]).child("b").set("off")
        registry.stateSet("m", help: "", states: ["off", "on"], labels: ["pump"]).child("c")
        registry.info("i", help: "", labels: ["board"]).child("c")
        registry.info("i", help: "", labels: ["board"]).child("d")
        #expect(registry.refusals == [])
        #expect(
            registry.page.samples.filter { !$0.hasPrefix("metrics_series") } == [
                #"c_total{route="/",code="200"} 0"#,
                #"h_bucket{l="x",le="1.0"} 2"#, #"h_bucket{l="x",le="+Inf"} 2"#, #"h_count{l="x"} 2"#,
                #"h_sum{l="x"} 2"#,
                #"i_info{board="c"} 1"#, #"i_info{board="d"} 1"#,
                #"m{pump="a",m="off"} 0"#, #"m{pump="a",m="on"} 1"#,
                #"m{pump="b",m="off"} 1"#, #"m{pump="b",m="on"} 0"#,
            ]
        )
    }

    /// A use of the name `x_seconds` that is not the first, with the difference that the message names.
    struct Other: CustomTestStringConvertible, Sendable {
        let difference: String
        let make: @Sendable (Registry) throws(MetricError) -> Void

        init(_ difference: String, _ make: @escaping @Sendable (Registry) throws(MetricError) -> Void) {
            (self.difference, self.make) = (difference, make)
        }

        var testDescription: String { difference }
    }

    @Test(
        arguments: [
            Other(#"another help text, "X.""#) { registry throws(MetricError) in
                _ = try registry.histogram(named: "x_seconds", help: "Y.", labels: ["a", "b"], buckets: [1])
            },
            Other("another unit, none") { registry throws(MetricError) in
                _ = try registry.histogram(
                    named: "x_seconds",
                    help: "X.",
                    unit: "seconds",
                    labels: ["a", "b"],
                    buckets: [1]
                )
            },
            Other("other labels, a and b") { registry throws(MetricError) in
                _ = try registry.histogram(named: "x_seconds", help: "X.", labels: ["b", "a"], buckets: [1])
            },
            Other("other labels, a and b") { registry throws(MetricError) in
                _ = try registry.histogram(named: "x_seconds", help: "X.", buckets: [1])
            },
            Other("other buckets") { registry throws(MetricError) in
                _ = try registry.histogram(named: "x_seconds", help: "X.", labels: ["a", "b"])
            },
        ]
    )
    func otherArgumentsWithTheNameAreRefused(other: Other) {
        let family = registry.histogram("x_seconds", help: "X.", labels: ["a", "b"], buckets: [1])
        family.child(["1", "2"])
        let page = registry.page
        let error = #expect(throws: MetricError.self) { try other.make(registry) }
        #expect(error?.code == .duplicateName)
        #expect(
            error?.message
                == "there is a histogram x_seconds already, with \(other.difference): ask for that one, or choose another name"
        )
        #expect(registry.page == page)
    }

    @Test func otherStatesAndFactsAreRefused() {
        _ = registry.stateSet("m", help: "", states: ["off", "on"])
        let states = #expect(throws: MetricError.self) {
            try registry.stateSet(named: "m", help: "", states: ["off"])
        }
        #expect(states?.message.contains("a state set m already, with other states:") == true)
        registry.info("i", help: "", labels: ["version": "1"])
        let facts = #expect(throws: MetricError.self) {
            try registry.info(named: "i", help: "", labels: ["version": "2"])
        }
        #expect(facts?.message.contains("an info i already, with other values of its labels:") == true)
        // A family of infos is another thing than one info.
        #expect(throws: MetricError.self) { try registry.info(named: "i", help: "", labels: ["version"]) }
    }

    @Test func whatTheRegistryMadeForOneOwnerIsGivenToNoOther() throws {
        _ = try registry.makeOptionalNumber("g", help: "")
        _ = try registry.makeOpenCounter("c", help: "")
        let error = #expect(throws: MetricError.self) { try registry.gauge(named: "g", help: "") }
        #expect(error?.code == .duplicateName)
        #expect(error?.message == "there is a gauge g already: choose another name for the gauge")
        #expect(throws: MetricError.self) { try registry.counter(named: "c", help: "") }
        #expect(throws: MetricError.self) { try registry.makeStateSet("g", help: "", states: []) }
        #expect(registry.page.samples.filter { $0.hasPrefix("g") } == [])
    }

    // MARK: Mistakes in literals

    @Test func aMistakeInALiteralStopsNothingAndIsNoted() {
        let hits = registry.counter("no name", help: "")
        hits.increment()
        registry.counter("no name", help: "").increment(by: 2)
        #expect(hits.value == 1)
        let answers = registry.counter("answers", help: "", labels: ["code", "code"])
        answers.child(["1", "2"]).increment()
        #expect(answers.child(["1", "2"]).value == 1)
        registry.histogram("h", help: "", buckets: [2, 1]).observe(1)
        registry.stateSet("m:m", help: "", states: ["on"]).set("on")
        registry.info("answers", help: "", labels: ["a": "1"])
        registry.info("answers", help: "", labels: ["a": "1"])
        _ = registry.gauge("temp", help: "", unit: "celsius")
        #expect(
            registry.refusals.map(\.code) == [
                .invalidName, .invalidLabel, .invalidBuckets, .invalidLabel, .invalidUnit,
            ]
        )
        #expect(
            registry.page.samples.filter { !$0.hasPrefix("metrics_series") } == [
                #"answers_info{a="1"} 1"#,
                #"metrics_refused_total{family="answers"} 1"#, #"metrics_refused_total{family="h"} 1"#,
                #"metrics_refused_total{family="m:m"} 1"#, #"metrics_refused_total{family="no name"} 2"#,
                #"metrics_refused_total{family="temp"} 1"#,
            ]
        )
    }

    @Test func aMetricThatDiffersFromThePresentOneIsNotedToo() {
        let first = registry.counter("c", help: "First.")
        let second = registry.counter("c", help: "Second.")
        second.increment()
        #expect(first !== second && first.value == 0)
        #expect(registry.refusals.map(\.code) == [.duplicateName])
        #expect(registry.page.samples.first == "c_total 0")
    }

    @Test func mistakesAreKeptToALimit() {
        let names: [StaticString] = ["a b"]
        for number in 0..<150 {
            for name in names { _ = registry.gauge(name, help: "", unit: "unit \(number)") }
            _ = registry.gauge("g", help: "", unit: "\(number)")
        }
        #expect(registry.refusals.count == 100)
    }

    // MARK: Advice

    @Test(
        arguments: [
            (
                "temp", "celsius",
                #"the unit of temp cannot be "celsius": the name must end in it, as in temp_celsius"#
            ),
            (
                "temp", "°C",
                """
                the unit of temp cannot be "°C": use ASCII letters, digits and _, and no digit first, as in temp_seconds
                """
            ),
        ]
    )
    func aWrongUnitIsAnsweredWithTheRightName(name: String, unit: String, message: String) {
        let error = #expect(throws: MetricError.self) { try registry.gauge(named: name, help: "", unit: unit) }
        #expect(error?.code == .invalidUnit && error?.message == message)
    }

    @Test(arguments: ["time", "time_total"]) func theAdviceForACounterEndsAsItsName(name: String) {
        let error = #expect(throws: MetricError.self) { try registry.counter(named: name, help: "", unit: "seconds") }
        #expect(error?.message.hasSuffix(name == "time" ? "as in time_seconds" : "as in time_seconds_total") == true)
    }
}
