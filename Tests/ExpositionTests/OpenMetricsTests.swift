import Exposition
import TestSupport
import Testing

/// Pages in OpenMetrics, and what its text has in common with the others.
@Suite struct OpenMetricsTests {
    private let registry = Registry()

    private func page(_ format: ExpositionFormat = .openMetrics1_0_0, names: Set<String>? = nil) -> String {
        registry.page(format, names: names)
    }

    /// A family of every type.
    private func fill() throws {
        registry.counter("bytes_sent_bytes_total", help: "Sent \"all\".", unit: "bytes").increment(by: 3)
        registry.gauge("temperature_celsius", help: "Room\\\n.", unit: "celsius").set(-0.5)
        registry.summary("latency", help: "Taken.").observe(1.5)
        let histogram = registry.histogram("wait_seconds", help: "Waited.", unit: "seconds", buckets: [0.5, 1])
        histogram.observe(0.75)
        registry.info("build", help: "Built.", labels: ["version": "1\"2"])
        registry.stateSet("mode", help: "Mode.", states: ["off", "on"]).set("on")
    }

    @Test func everyTypeHasItsForm() throws {
        try fill()
        #expect(
            page() == """
                # TYPE build info
                # HELP build Built.
                build_info{version="1\\"2"} 1
                # TYPE bytes_sent_bytes counter
                # UNIT bytes_sent_bytes bytes
                # HELP bytes_sent_bytes Sent \\"all\\".
                bytes_sent_bytes_total 3
                # TYPE latency summary
                # HELP latency Taken.
                latency_count 1
                latency_sum 1.5
                # TYPE mode stateset
                # HELP mode Mode.
                mode{mode="off"} 0
                mode{mode="on"} 1
                # TYPE temperature_celsius gauge
                # UNIT temperature_celsius celsius
                # HELP temperature_celsius Room\\\\\\n.
                temperature_celsius -0.5
                # TYPE wait_seconds histogram
                # UNIT wait_seconds seconds
                # HELP wait_seconds Waited.
                wait_seconds_bucket{le="0.5"} 0
                wait_seconds_bucket{le="1.0"} 1
                wait_seconds_bucket{le="+Inf"} 1
                wait_seconds_count 1
                wait_seconds_sum 0.75
                # EOF

                """
        )
    }

    @Test(arguments: [ExpositionFormat.text0_0_4, .text1_0_0]) func theTextFormatsHaveNoTypesOfTheirOwn(
        format: ExpositionFormat
    ) throws {
        try fill()
        #expect(
            page(format) == """
                # HELP build_info Built.
                # TYPE build_info gauge
                build_info{version="1\\"2"} 1
                # HELP bytes_sent_bytes_total Sent "all".
                # TYPE bytes_sent_bytes_total counter
                bytes_sent_bytes_total 3
                # HELP latency Taken.
                # TYPE latency summary
                latency_count 1
                latency_sum 1.5
                # HELP mode Mode.
                # TYPE mode gauge
                mode{mode="off"} 0
                mode{mode="on"} 1
                # HELP temperature_celsius Room\\\\\\n.
                # TYPE temperature_celsius gauge
                temperature_celsius -0.5
                # HELP wait_seconds Waited.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.5"} 0
                wait_seconds_bucket{le="1.0"} 1
                wait_seconds_bucket{le="+Inf"} 1
                wait_seconds_count 1
                wait_seconds_sum 0.75

                """
        )
    }

    private static let pages: [(format: ExpositionFormat, page: String)] = [
        (
            .openMetrics1_0_0,
            """
            # TYPE empty counter
            # HELP empty \n\
            # TYPE g gauge
            # HELP g back\\\\slash \\"quoted\\"\\nline\r\\nend é\0
            g{path=""} 0
            g{path="C:\\\\temp\\\\\\"x\\"\\n} 1\r\\n# EOF\t\0é"} 0
            # TYPE metrics_series_dropped counter
            # HELP metrics_series_dropped Requests for a label set that a family's cap refused.
            metrics_series_dropped_total{family="empty"} 0
            metrics_series_dropped_total{family="g"} 0
            # EOF

            """
        ),
        (
            .text1_0_0,
            """
            # HELP empty_total \n\
            # TYPE empty_total counter
            # HELP g back\\\\slash "quoted"\\nline\r\\nend é\0
            # TYPE g gauge
            g{path=""} 0
            g{path="C:\\\\temp\\\\\\"x\\"\\n} 1\r\\n# EOF\t\0é"} 0
            # HELP metrics_series_dropped_total Requests for a label set that a family's cap refused.
            # TYPE metrics_series_dropped_total counter
            metrics_series_dropped_total{family="empty"} 0
            metrics_series_dropped_total{family="g"} 0

            """
        ),
    ]

    @Test(arguments: pages.indices) func hostileTextAndEmptyFamilies(row: Int) throws {
        let family = registry.gauge("g", help: "back\\slash \"quoted\"\nline\r\nend é\0", labels: ["path"])
        family.child("C:\\temp\\\"x\"\n} 1\r\n# EOF\t\0é")
        family.child("")
        _ = registry.counter("empty", help: "", labels: ["model"])
        #expect(page(Self.pages[row].format) == Self.pages[row].page)
    }

    @Test func anEmptyPageEnds() { #expect(page() == "# EOF\n") }

    @Test(arguments: [
        (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (-0.0, "-0"),
        (.leastNonzeroMagnitude, "5e-324"),
        (-.greatestFiniteMagnitude, "-1.7976931348623157e+308"), (9_007_199_254_740_992, "9007199254740992"),
    ]) func extremeNumbersAreExact(number: Double, text: String) throws {
        registry.gauge("g", help: "").set(number)
        #expect(page().contains("\ng \(text)\n"))
    }

    // MARK: What only some ask for

    @Test func namesSelectFamilies() throws {
        try fill()
        #expect(
            page(names: ["latency_sum", "mode", "nothing"]) == """
                # TYPE latency summary
                # HELP latency Taken.
                latency_count 1
                latency_sum 1.5
                # TYPE mode stateset
                # HELP mode Mode.
                mode{mode="off"} 0
                mode{mode="on"} 1
                # EOF

                """
        )
        #expect(page(names: []) == "# EOF\n")
    }

    @Test func creationTimesAreShownWhereTheyAreAskedFor() throws {
        let family = registry.histogram("h", help: "", labels: ["a"], buckets: [])
        family.child("x")
        registry.gauge("g", help: "").set(1)
        _ = registry.counter("c", help: "")
        let text = registry.page(.openMetrics1_0_0, showsCreated: true)
            .replacing(#/[0-9]{9,}(\.[0-9]{1,3})?/#, with: "TIME")
        #expect(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("metrics_series") } == [
                "c_total 0", "c_created TIME", "g 1", #"h_bucket{a="x",le="+Inf"} 0"#, #"h_count{a="x"} 0"#,
                #"h_sum{a="x"} 0"#, #"h_created{a="x"} TIME"#,
            ]
        )
        let classic = registry.page(.text0_0_4, showsCreated: true)
        #expect(!classic.contains("_created"))
    }

    @Test func aStateSetShowsOneStateOrNone() throws {
        let set = registry.stateSet("mode", help: "", states: ["off", "on"])
        #expect(registry.page.samples(of: "mode") == [])
        set.set("off")
        #expect(registry.page.samples(of: "mode") == [#"mode{mode="off"} 1"#, #"mode{mode="on"} 0"#])
        set.set("other")
        #expect(registry.page.samples(of: "mode") == [#"mode{mode="off"} 0"#, #"mode{mode="on"} 0"#])
        set.set(nil)
        #expect(registry.page.samples(of: "mode") == [])
    }

    /// They look alike, and are two labels to a scraper.
    @Test func onlyOneOfTwoLikeStatesIsShown() throws {
        let set = registry.stateSet("unit", help: "", states: ["K", "\u{212A}"])
        set.set("\u{212A}")
        #expect(registry.page.samples(of: "unit") == ["unit{unit=\"K\"} 0", "unit{unit=\"\u{212A}\"} 1"])
    }

    @Test func aCollectorBringsMetricsUpToDate() throws {
        let gauge = registry.gauge("g", help: "")
        registry.addCollector { gauge.increment() }
        #expect(registry.page.samples == ["g 1"])
        #expect(registry.page.samples == ["g 2"])
    }

    // MARK: Units

    @Test(arguments: ["seconds", "s", "", "a b", "ms"]) func aUnitIsWhatTheNameEndsIn(unit: String) {
        let error = #expect(throws: MetricError.self) {
            try registry.gauge(named: "wait_minutes", help: "", unit: unit)
        }
        #expect(error?.code == .invalidUnit && error?.family == "wait_minutes")
        #expect(registry.page == "")
    }

    @Test func aCountersUnitPrecedesTotal() throws {
        _ = registry.counter("time_seconds_total", help: "", unit: "seconds")
        #expect(page().contains("# UNIT time_seconds seconds\n"))
    }
}

extension String {
    /// The samples whose names begin with a name.
    fileprivate func samples(of name: String) -> [String] { samples.filter { $0.hasPrefix(name) }.map(String.init) }
}
