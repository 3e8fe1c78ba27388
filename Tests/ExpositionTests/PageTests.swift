import Exposition
import TestSupport
import Testing

@Suite struct PageTests {
    private let registry = Registry()

    @Test func emptyRegistryIsAnEmptyPage() {
        #expect(registry.page == "")
    }

    @Test func counterAndItsFamilyEndInTotal() throws {
        let counter = registry.counter("events", help: "Events so far.")
        counter.increment()
        counter.increment(by: 41)
        #expect(
            registry.page == """
                # HELP events_total Events so far.
                # TYPE events_total counter
                events_total 42

                """
        )
    }

    @Test func counterGivenWithTotalIsTheSameFamily() throws {
        _ = registry.counter("events_total", help: "Events so far.")
        #expect(
            registry.page == """
                # HELP events_total Events so far.
                # TYPE events_total counter
                events_total 0

                """
        )
    }

    @Test func gaugeGoesUpAndDown() throws {
        let gauge = registry.gauge("queue:length", help: "Waiting now.")
        gauge.set(2.5)
        gauge.increment()
        gauge.decrement(by: 4)
        #expect(
            registry.page == """
                # HELP queue:length Waiting now.
                # TYPE queue:length gauge
                queue:length -0.5

                """
        )
    }

    @Test func summaryHasCountAndSumInSeconds() throws {
        let summary = registry.summary("latency", help: "Time taken.", labels: ["model"])
        summary.child("System")
        let telemetry = summary.child("Telemetry")
        telemetry.observe(.milliseconds(5))
        telemetry.observe(1.5)
        #expect(
            registry.page == """
                # HELP latency Time taken.
                # TYPE latency summary
                latency_count{model="System"} 0
                latency_sum{model="System"} 0
                latency_count{model="Telemetry"} 2
                latency_sum{model="Telemetry"} 1.505
                # HELP metrics_series_dropped_total Requests for a label set that a family's cap refused.
                # TYPE metrics_series_dropped_total counter
                metrics_series_dropped_total{family="latency"} 0

                """
        )
    }

    @Test func histogramIsCumulativeAndBoundsAreInclusive() throws {
        let histogram = registry.histogram("duration_seconds", help: "Time taken.", buckets: [0.005, 1, 1e16])
        histogram.observe(.milliseconds(5))
        histogram.observe(.microseconds(5001))
        histogram.observe(1)
        histogram.observe(2e16)
        #expect(
            registry.page == """
                # HELP duration_seconds Time taken.
                # TYPE duration_seconds histogram
                duration_seconds_bucket{le="0.005"} 1
                duration_seconds_bucket{le="1.0"} 3
                duration_seconds_bucket{le="1e+16"} 3
                duration_seconds_bucket{le="+Inf"} 4
                duration_seconds_count 4
                duration_seconds_sum 2e+16

                """
        )
    }

    @Test func labelledHistogramPutsTheBoundLast() throws {
        let family = registry.histogram("h", help: "H.", labels: ["route", "code"], buckets: [.infinity])
        family.child(["/state", "200"]).observe(-3)
        #expect(
            registry.page == """
                # HELP h H.
                # TYPE h histogram
                h_bucket{route="/state",code="200",le="+Inf"} 1
                h_count{route="/state",code="200"} 1
                h_sum{route="/state",code="200"} -3
                # HELP metrics_series_dropped_total Requests for a label set that a family's cap refused.
                # TYPE metrics_series_dropped_total counter
                metrics_series_dropped_total{family="h"} 0

                """
        )
    }

    @Test func histogramWithoutBucketsGivenHasTheDefaultOnes() throws {
        let histogram = registry.histogram("h", help: "H.")
        histogram.observe(.seconds(10))
        #expect(
            registry.page == """
                # HELP h H.
                # TYPE h histogram
                h_bucket{le="0.005"} 0
                h_bucket{le="0.01"} 0
                h_bucket{le="0.025"} 0
                h_bucket{le="0.05"} 0
                h_bucket{le="0.1"} 0
                h_bucket{le="0.25"} 0
                h_bucket{le="0.5"} 0
                h_bucket{le="1.0"} 0
                h_bucket{le="2.5"} 0
                h_bucket{le="5.0"} 0
                h_bucket{le="10.0"} 1
                h_bucket{le="+Inf"} 1
                h_count 1
                h_sum 10

                """
        )
    }

    @Test func infoIsAGaugeOfValueOne() throws {
        registry.info("myosin_meta", help: "Installed.", labels: ["version": "1.0", "arch": "arm"])
        #expect(
            registry.page == """
                # HELP myosin_meta_info Installed.
                # TYPE myosin_meta_info gauge
                myosin_meta_info{version="1.0",arch="arm"} 1

                """
        )
    }

    @Test func hostileTextIsEscapedByteByByte() throws {
        let family = registry.gauge("g", help: "back\\slash \"quoted\"\nline\r\nend é\0", labels: ["path"])
        family.child("C:\\temp\\\"x\"\n} 1\r\ng 2\t\0é")
        family.child("")
        family.child("e\u{301}")
        family.child("\u{E9}")
        #expect(
            registry.page == """
                # HELP g back\\\\slash "quoted"\\nline\r\\nend é\0
                # TYPE g gauge
                g{path=""} 0
                g{path="C:\\\\temp\\\\\\"x\\"\\n} 1\r\\ng 2\t\0é"} 0
                g{path="e\u{301}"} 0
                g{path="\u{E9}"} 0
                # HELP metrics_series_dropped_total Requests for a label set that a family's cap refused.
                # TYPE metrics_series_dropped_total counter
                metrics_series_dropped_total{family="g"} 0

                """
        )
    }

    @Test func emptyFamilyShowsItsMetadata() throws {
        _ = registry.counter("events", help: "", labels: ["model"])
        #expect(
            registry.page == """
                # HELP events_total \n\
                # TYPE events_total counter
                # HELP metrics_series_dropped_total Requests for a label set that a family's cap refused.
                # TYPE metrics_series_dropped_total counter
                metrics_series_dropped_total{family="events"} 0

                """
        )
    }

    @Test func familiesAreSortedByTheirNamesOnThePage() throws {
        for name in ["b", "a_b", "Z", "a:b"] { _ = try registry.gauge(named: name, help: "") }
        _ = registry.counter("a", help: "")
        _ = registry.gauge("a_u", help: "")
        #expect(registry.page.samples == ["Z 0", "a:b 0", "a_b 0", "a_total 0", "a_u 0", "b 0"])
    }

    @Test func contentTypeNamesTheVersion() {
        #expect(ExpositionFormat.text0_0_4.contentType == "text/plain; version=0.0.4; charset=utf-8")
    }
}
