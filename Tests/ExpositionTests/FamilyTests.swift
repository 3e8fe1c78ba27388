import Exposition
import TestSupport
import Testing

@Suite struct FamilyTests {
    private let registry = Registry(maxLabelSets: 2)

    @Test func childIsMadeOnceAndShownFromThen() throws {
        let family = registry.counter("c", help: "", labels: ["model"])
        let child = family.child("Telemetry")
        #expect(family.child(["Telemetry"]) === child)
        #expect(registry.page.samples.first == #"c_total{model="Telemetry"} 0"#)
    }

    @Test func childrenAreSortedByTheirValuesInTheOrderOfTheLabels() throws {
        let registry = Registry()
        let family = registry.gauge("g", help: "", labels: ["z", "a"])
        let all: [InlineArray<2, String>] = [["b", "a"], ["a", "b"], ["ab", ""], ["a", "B"], ["", "z"]]
        for values in all { family.child(values) }
        #expect(
            registry.page.samples.dropLast() == [
                #"g{z="",a="z"} 0"#, #"g{z="a",a="B"} 0"#, #"g{z="a",a="b"} 0"#, #"g{z="ab",a=""} 0"#,
                #"g{z="b",a="a"} 0"#,
            ]
        )
    }

    @Test func labelSetsAboveTheCapShareAChildAndAreCounted() throws {
        let family = registry.counter("c", help: "", labels: ["model", "reason"])
        for name in ["b", "a", "d", "c", "d"] { family.child([name, "x"]).increment() }
        #expect(family.child(["e", "x"]) === family.child(["_other", "_other"]))
        #expect(
            registry.page.samples == [
                #"c_total{model="_other",reason="_other"} 3"#, #"c_total{model="a",reason="x"} 1"#,
                #"c_total{model="b",reason="x"} 1"#, #"metrics_series_dropped_total{family="c"} 4"#,
            ]
        )
    }

    @Test func aCapOfFirstLabelsLeavesRoomForEachOfTheOthers() throws {
        let family = try registry.counter(named: "c", help: "", labels: ["model", "reason"], cap: .firstLabel)
        for model in ["a", "b", "c"] { for reason in ["x", "y", "z"] { family.child([model, reason]) } }
        family.child(["a", "w"]).increment()
        #expect(
            registry.page.samples.filter { $0.contains("_other") } == [#"c_total{model="_other",reason="_other"} 0"#]
        )
        #expect(registry.page.samples.filter { $0.contains(#"model="a""#) }.count == 4)
        #expect(registry.page.samples.last == #"metrics_series_dropped_total{family="c"} 3"#)
        // A model has room once one has gone with all that it has.
        for reason in ["x", "y"] { family.remove(["b", reason]) }
        #expect(family.child(["c", "x"]) === family.child(["_other", "_other"]))
        family.remove(["b", "z"])
        #expect(family.child(["c", "x"]) !== family.child(["_other", "_other"]))
    }

    @Test func anInfoWithoutACapHasAsManyChildrenAsThereAre() throws {
        let family = try registry.info(named: "i", help: "", labels: ["a"], cap: .none)
        for name in ["x", "y", "z"] { family.child(name) }
        family.remove("y")
        let samples = registry.page.samples
        #expect(samples.dropLast() == [#"i_info{a="x"} 1"#, #"i_info{a="z"} 1"#])
        #expect(samples.last == #"metrics_series_dropped_total{family="i"} 0"#)
    }

    @Test func sharedChildTakesNoRoom() throws {
        let family = registry.gauge("g", help: "", labels: ["model"])
        for name in ["_other", "a", "b", "c"] { family.child(name).increment() }
        #expect(
            registry.page.samples == [
                #"g{model="_other"} 2"#, #"g{model="a"} 1"#, #"g{model="b"} 1"#,
                #"metrics_series_dropped_total{family="g"} 1"#,
            ]
        )
    }

    @Test func familiesMayOutnumberTheCap() throws {
        let registry = Registry(maxLabelSets: 0)
        for name in ["a", "b", "c"] { try registry.summary(named: name, help: "", labels: ["l"]).child("x") }
        #expect(
            registry.page.samples.suffix(3) == [
                #"metrics_series_dropped_total{family="a"} 1"#,
                #"metrics_series_dropped_total{family="b"} 1"#,
                #"metrics_series_dropped_total{family="c"} 1"#,
            ]
        )
    }

    @Test func capDoesNotTouchMetricsWithoutLabels() throws {
        let registry = Registry(maxLabelSets: 0)
        registry.counter("c", help: "").increment()
        registry.info("i", help: "", labels: ["version": "1"])
        _ = registry.gauge("g", help: "")
        #expect(registry.page.samples == ["c_total 1", "g 0", #"i_info{version="1"} 1"#])
    }

    @Test func removedChildLeavesThePageAndMakesRoom() throws {
        let family = registry.gauge("g", help: "", labels: ["model"])
        let old = family.child("a")
        old.set(1)
        family.child("b")
        family.remove("a")
        family.remove(["unknown"])
        old.set(2)
        #expect(family.child("c") !== old)
        #expect(family.child("b") === family.child("b"))
        #expect(
            registry.page.samples == [
                #"g{model="b"} 0"#, #"g{model="c"} 0"#, #"metrics_series_dropped_total{family="g"} 0"#,
            ]
        )
        family.remove("c")
        #expect(family.child("a") !== old)
    }

    @Test func unregisteredFamilyLeavesThePageAndFreesItsNames() throws {
        let old = registry.counter("x", help: "", labels: ["l"])
        old.child("a")
        registry.unregister("x_total")
        old.child("b").increment()
        #expect(registry.page.samples == [])
        _ = registry.histogram("x", help: "", labels: ["l"])
        _ = registry.gauge("x_total", help: "")
        #expect(registry.page.samples == [#"metrics_series_dropped_total{family="x"} 0"#, "x_total 0"])
        registry.unregister("x_total")
        #expect(registry.page.samples == [#"metrics_series_dropped_total{family="x"} 0"#])
    }

    @Test(arguments: ["unknown", "", "x_count", "metrics_series_dropped"])
    func unregisteringAnotherNameDoesNothing(name: String) throws {
        _ = registry.summary("x", help: "", labels: ["l"])
        let page = registry.page
        registry.unregister(name)
        #expect(registry.page == page)
    }

    @Test func theRegistrysOwnFamilyIsRenamedWithItsCounts() throws {
        let registry = Registry(maxLabelSets: 1)
        let gauges = registry.gauge("g", help: "G.", labels: ["model"])
        for model in ["a", "b"] { gauges.child(model) }
        try registry.renameDroppedSeries(to: "dropped")
        gauges.child("c")
        let later = registry.gauge("h", help: "H.", labels: ["model"])
        for model in ["a", "b"] { later.child(model) }
        #expect(
            registry.page.samples.prefix(2) == [
                #"dropped_total{family="g"} 2"#, #"dropped_total{family="h"} 1"#,
            ]
        )
        #expect(!String(decoding: registry.render(), as: UTF8.self).contains("metrics_series_dropped"))
        registry.counter("metrics_series_dropped", help: "Free now.").increment()
        let error = #expect(throws: MetricError.self) { try registry.counter(named: "dropped", help: "Taken.") }
        #expect(error?.code == .duplicateName)
        registry.unregister("dropped")
        registry.unregister("g")
        #expect(registry.page.samples.first == #"dropped_total{family="h"} 1"#)
    }

    @Test func aNameThatIsTakenIsNotGivenToTheRegistrysOwnFamily() throws {
        let registry = Registry()
        registry.counter("taken", help: "Mine.").increment()
        let taken = #expect(throws: MetricError.self) { try registry.renameDroppedSeries(to: "taken") }
        #expect(taken?.code == .duplicateName)
        let bad = #expect(throws: MetricError.self) { try registry.renameDroppedSeries(to: "a-b") }
        #expect(bad?.code == .invalidName)
        registry.gauge("g", help: "G.", labels: ["model"]).child("a")
        #expect(registry.page.samples.contains(#"metrics_series_dropped_total{family="g"} 0"#))
    }
}
