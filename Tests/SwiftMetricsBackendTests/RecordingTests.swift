import CoreMetrics
import Exposition
import SwiftMetricsBackend
import Synchronization
import TestSupport
import Testing

/// What is recorded through swift-metrics.
@Suite struct RecordingTests {
    private let registry = Registry()
    private let factory: RegistryMetricsFactory

    init() { factory = RegistryMetricsFactory(registry) }

    /// The lines of the page but those of the registry's own family.
    private func lines(_ registry: Registry? = nil) -> [String] {
        (registry ?? self.registry).page(.openMetrics1_0_0).split(separator: "\n").map(String.init)
            .filter { !$0.contains("metrics_series_dropped") && $0 != "# EOF" }
    }

    @Test func countersCount() {
        let counter = Counter(label: "http.requests", dimensions: [("path", "/a\"b")], factory: factory)
        counter.increment()
        counter.increment(by: 4)
        let bytes = FloatingPointCounter(label: "sent", factory: factory)
        bytes.increment(by: 1.5)
        #expect(
            lines() == [
                "# TYPE http_requests counter", "# HELP http_requests Recorded through swift-metrics as http.requests.",
                #"http_requests_total{path="/a\"b"} 5"#,
                "# TYPE sent counter", "# HELP sent Recorded through swift-metrics as sent.", "sent_total 1.5",
            ]
        )
        counter.reset()
        #expect(registry.page.samples.contains(#"http_requests_total{path="/a\"b"} 0"#))
    }

    @Test func metersGaugesAndRecordersThatDoNotAggregateAreGauges() {
        let meter = Meter(label: "depth", factory: factory)
        meter.set(7)
        meter.increment(by: 0.5)
        meter.decrement()
        Gauge(label: "level", factory: factory).record(-2)
        Recorder(label: "last", aggregate: false, factory: factory).record(2.5)
        #expect(
            lines().filter { !$0.hasPrefix("# HELP") } == [
                "# TYPE depth gauge", "depth 6.5", "# TYPE last gauge", "last 2.5", "# TYPE level gauge", "level -2",
            ]
        )
    }

    @Test func recordersAndTimersAreHistograms() {
        var options = RegistryMetricsFactory.Options()
        options.help = { $0 == "size" ? "Sizes." : nil }
        options.recorderBuckets = { _ in [10] }
        options.timerBuckets = { _ in [0.5] }
        let registry = Registry()
        let factory = RegistryMetricsFactory(registry, options: options)
        let recorder = Recorder(label: "size", aggregate: true, factory: factory)
        recorder.record(3)
        recorder.record(30.5)
        let timer = Timer(
            label: "took",
            dimensions: [("le", "x")],
            preferredDisplayUnit: .milliseconds,
            factory: factory
        )
        timer.recordMilliseconds(250)
        timer.recordSeconds(2)
        #expect(
            lines(registry) == [
                "# TYPE size histogram", "# HELP size Sizes.", #"size_bucket{le="10.0"} 1"#,
                #"size_bucket{le="+Inf"} 2"#,
                "size_count 2", "size_sum 33.5",
                "# TYPE took_seconds histogram", "# UNIT took_seconds seconds",
                "# HELP took_seconds Recorded through swift-metrics as took.",
                #"took_seconds_bucket{le_="x",le="0.5"} 1"#, #"took_seconds_bucket{le_="x",le="+Inf"} 2"#,
                #"took_seconds_count{le_="x"} 2"#, #"took_seconds_sum{le_="x"} 2.25"#,
            ]
        )
    }

    @Test func metricsOfOneNameMayHaveDifferentDimensionsInAnyOrder() {
        func count(_ dimensions: [(String, String)]) {
            Counter(label: "c", dimensions: dimensions, factory: factory).increment()
        }
        count([])
        count([("b", "1"), ("a", "2")])
        count([("a", "2"), ("b", "1")])
        count([("z", "")])
        count([("a.b", "1"), ("a_b", "2"), ("a b", "3")])
        count([("9", "n"), ("", "e"), ("__x", "u"), ("é", "a")])
        #expect(
            registry.page.samples.filter { $0.hasPrefix("c_total") } == [
                "c_total 1", #"c_total{_="e",_9="n",__="a",_x="u"} 1"#, #"c_total{a="2",b="1"} 2"#,
                #"c_total{a_b="1",a_b_="2",a_b__="3"} 1"#, #"c_total{z=""} 1"#,
            ]
        )
    }

    @Test(arguments: [
        ("http.server/requests", "http_server_requests"), ("9lives", "_9lives"), ("", "_"), ("é€", "__"),
        ("a:b", "a:b"),
        ("requests_total", "requests"),
    ]) func namesAreMapped(label: String, name: String) {
        Counter(label: label, factory: factory).increment()
        #expect(registry.page.samples.contains { $0 == "\(name)_total 1" })
    }

    @Test func aNameThatIsTakenGetsItsTypeBehind() throws {
        _ = registry.gauge("own", help: "")
        Counter(label: "own", factory: factory).increment()
        Meter(label: "x", factory: factory).set(1)
        Counter(label: "x", factory: factory).increment()
        Counter(label: "x", factory: factory).increment()
        Recorder(label: "x", factory: factory).record(1)
        let samples = registry.page.samples
        for sample in ["own_counter_total 1", "x 1", "x_counter_total 2", "x_histogram_count 1"] {
            #expect(samples.contains { $0 == sample }, "\(sample)")
        }
    }

    @Test func whatCannotBeShownIsToldAndNeverFatal() throws {
        let told = Mutex<[MetricError.Code]>([])
        var options = RegistryMetricsFactory.Options()
        options.recorderBuckets = { _ in [2, 1] }
        options.refused = { error in told.withLock { $0.append(error.code) } }
        let factory = RegistryMetricsFactory(registry, options: options)
        for _ in 0..<2 { Recorder(label: "bad", factory: factory).record(1) }
        _ = registry.gauge("g", help: "")
        _ = registry.gauge("g_counter", help: "")
        Counter(label: "g", factory: factory).increment()
        #expect(told.withLock { $0 } == [.invalidBuckets, .duplicateName])
        #expect(registry.page.samples == ["g 0", "g_counter 0"])
    }

    @Test func whatIsDestroyedAsOftenAsItWasMadeIsGone() {
        let first = Counter(label: "c", dimensions: [("a", "1")], factory: factory)
        let second = Counter(label: "c", dimensions: [("a", "1")], factory: factory)
        first.increment()
        second.increment()
        first.destroy()
        first.destroy()
        #expect(registry.page.samples.first == #"c_total{a="1"} 2"#)
        second.destroy()
        #expect(!registry.page.contains("c_total{"))
        let meter = Meter(label: "m", factory: factory)
        let timer = Timer(label: "t", factory: factory)
        let recorder = Recorder(label: "r", factory: factory)
        let rate = FloatingPointCounter(label: "f", factory: factory)
        meter.destroy()
        timer.destroy()
        recorder.destroy()
        rate.destroy()
        #expect(registry.page.samples.allSatisfy { $0.hasPrefix("metrics_series_dropped") })
    }

    @Test func theCapHolds() {
        let registry = Registry(maxLabelSets: 2)
        let factory = RegistryMetricsFactory(registry)
        for number in 0..<10 {
            Counter(label: "c", dimensions: [("n", "\(number)")], factory: factory).increment()
        }
        #expect(
            registry.page.samples == [
                #"c_total{_other="_other"} 8"#, #"c_total{n="0"} 1"#, #"c_total{n="1"} 1"#,
                #"metrics_series_dropped_total{family="c"} 8"#,
            ]
        )
    }

    @Test func nothingIsLostUnderManyThreads() async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { [factory] in
                    for round in 0..<1_000 {
                        Counter(
                            label: "c\(round % 7)",
                            dimensions: [("n", "\(number % 2)")],
                            factory: factory
                        )
                        .increment()
                    }
                }
            }
        }
        let sum = registry.page.samples.filter { $0.hasPrefix("c") }
            .reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
        #expect(sum == 8_000)
    }
}
