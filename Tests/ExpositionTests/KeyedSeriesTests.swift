import Exposition
import TestSupport
import Testing

/// Series that come and go with the elements of a collection, and state sets that are too large.
@Suite struct KeyedSeriesTests {
    private let registry = Registry(maxLabelSets: 4)

    private var samples: [String] { registry.page.samples.map(String.init) }
    private let noneDropped = #"metrics_series_dropped_total{family="g"} 0"#

    @Test func theyAreThoseOfTheElements() throws {
        let series = try registry.makeKeyedNumbers("g", help: "", label: "interface")
        series.show([("eth1", .number(1)), ("eth0", .number(-2.5)), ("wlan", nil)])
        #expect(samples == [#"g{interface="eth0"} -2.5"#, #"g{interface="eth1"} 1"#, noneDropped])
        series.show([("eth1", nil), ("wlan", .number(3)), ("a\"\n", .number(4))])
        #expect(samples == [#"g{interface="a\"\n"} 4"#, #"g{interface="wlan"} 3"#, noneDropped])
        series.show([])
        #expect(samples == [noneDropped])
    }

    @Test func ofSeveralElementsWithAKeyTheFirstCounts() throws {
        let series = try registry.makeKeyedNumbers("g", help: "", label: "name")
        series.show([("a", .number(1)), ("a", .number(2)), ("b", nil), ("b", .number(3))])
        #expect(samples == [#"g{name="a"} 1"#, noneDropped])
        // As bytes: these two are one text to Swift.
        series.show([("\u{e9}", .number(1)), ("e\u{301}", .number(2))])
        #expect(samples.count == 3)
    }

    @Test func anElementAboveTheCapIsCountedOnceAndComesWhenThereIsRoom() throws {
        let series = try registry.makeKeyedNumbers("g", help: "", label: "name")
        func show(_ keys: String) { series.show(keys.map { ("\($0)", .number(7)) }) }
        func dropped() -> String? { samples.last?.split(separator: " ").last.map(String.init) }
        for _ in 0..<3 { show("abcdef") }
        #expect(samples.dropLast() == ["a", "b", "c", "d"].map { "g{name=\"\($0)\"} 7" })
        #expect(dropped() == "2")
        show("bcdef")
        #expect(samples.dropLast() == ["b", "c", "d", "e"].map { "g{name=\"\($0)\"} 7" })
        #expect(dropped() == "2")
        // One that has gone and comes again is another one.
        show("bcde")
        show("bcdef")
        #expect(dropped() == "3")
    }

    @Test func aCountThatFallsBeginsAgain() throws {
        let series = try registry.makeKeyedNumbers(
            "sent_bytes_total",
            help: "",
            unit: "bytes",
            isCounter: true,
            label: "name"
        )
        for (count, shown) in [(5, "5"), (8, "8"), (2, "2")] {
            series.show([("a", .number(Double(count)))])
            #expect(samples.last == "sent_bytes_total{name=\"a\"} \(shown)")
        }
        let page = registry.page(.openMetrics1_0_0)
        #expect(
            page.contains(
                "# TYPE sent_bytes counter\n# UNIT sent_bytes bytes\n# HELP sent_bytes \nsent_bytes_total{name=\"a\"} 2\n"
            )
        )
        // Another series, which has its own time of creation.
        let family = try registry.makeOptionalNumber("c", help: "", isCounter: true)
        let first = family.counting(2, in: family.child([]), [])
        #expect(family.counting(2, in: first, []) === first && family.counting(3, in: first, []) === first)
        let second = family.counting(1, in: first, [])
        #expect(second !== first && second === family.child([]) && second.value == 1)
    }

    @Test func statesAreShownWholeOrNotAtAll() throws {
        let series = try registry.makeKeyedStateSets("g", help: "", states: ["off", "on"], label: "name")
        series.show([("a", .state("on")), ("b", .state("else")), ("c", .state("off"))])
        #expect(
            samples == [
                #"g{name="a",g="off"} 0"#, #"g{name="a",g="on"} 1"#, #"g{name="b",g="off"} 0"#,
                #"g{name="b",g="on"} 0"#,
                #"metrics_series_dropped_total{family="g"} 1"#,
            ]
        )
        series.show([("c", .state("off"))])
        #expect(samples.dropLast() == [#"g{name="c",g="off"} 1"#, #"g{name="c",g="on"} 0"#])
    }

    // MARK: State sets

    @Test func aStateSetHasAsManyStatesAsTheCapAllows() throws {
        let states = ["a", "b", "c", "d"]
        registry.stateSet("g", help: "", states: states + ["a"]).set("d")
        #expect(samples.map { $0.suffix(1) } == ["0", "0", "0", "1"])
        let error = #expect(throws: MetricError.self) {
            try registry.stateSet(named: "h", help: "", states: states + ["e"])
        }
        #expect(error?.code == .tooManyStates)
        #expect(error?.message == "h has 5 states: use at most 4, the cap of the registry")
        #expect(throws: MetricError.self) {
            try registry.makeKeyedStateSets("h", help: "", states: states + ["e"], label: "l")
        }
        // The name is free.
        _ = registry.gauge("h", help: "")
    }

    /// The cap counts series, of which a state set has one for each state.
    @Test func stateSetsWithLabelsShareTheCapOfTheSeries() {
        let family = registry.stateSet("g", help: "", states: ["off", "on"], labels: ["pump"])
        for pump in ["a", "b", "c", "d"] { family.child(pump).set("on") }
        #expect(
            samples == [
                #"g{pump="_other",g="off"} 0"#, #"g{pump="_other",g="on"} 1"#, #"g{pump="a",g="off"} 0"#,
                #"g{pump="a",g="on"} 1"#, #"g{pump="b",g="off"} 0"#, #"g{pump="b",g="on"} 1"#,
                #"metrics_series_dropped_total{family="g"} 2"#,
            ]
        )
    }

    @Test func twoSpellingsOfALetterAreTwoStates() throws {
        registry.stateSet("g", help: "", states: ["\u{e9}", "e\u{301}"]).set("\u{e9}")
        #expect(samples == ["g{g=\"e\u{301}\"} 0", "g{g=\"\u{e9}\"} 1"])
    }
}
