import CoreMetrics
import Exposition
import Primitives
import SwiftMetricsBackend
import Testing

/// The code of the article "Bridging swift-metrics".
@Suite struct BridgingSwiftMetricsTests {
    /// Bootstrapped once, because swift-metrics stops a process that does it twice.
    private static let bridged: Registry = {
        // DOC begins
        let registry = Registry()
        MetricsSystem.bootstrap(RegistryMetricsFactory(registry))
        // DOC ends
        return registry
    }()

    // DOC begins
    struct UplinkMetrics {
        let attempts: Counter  // of swift-metrics
        let queued: Registry.Gauge
    }
    // DOC ends

    @Test func aFileNamesTheTypesOfBothModules() {
        let registry = Registry()
        let metrics = UplinkMetrics(
            attempts: Counter(label: "uplink.attempts", factory: RegistryMetricsFactory(registry)),
            queued: registry.gauge("uplink_queued", help: "Reports that wait.")
        )
        metrics.attempts.increment()
        metrics.queued.set(2)
        let page = String(decoding: registry.render(), as: UTF8.self)
        #expect(page.contains("\nuplink_attempts_total 1\n") && page.contains("\nuplink_queued 2\n"))
    }

    @Test func whatALibraryRecordsIsOnThePage() {
        let registry = Self.bridged
        BridgedLibrary.attempt()
        let page = String(decoding: registry.render(), as: UTF8.self)
        #expect(page.contains("uplink_attempts_total{result=\"sent\"} "))
    }

    @Test func theOptionsSupplyHelpAndBuckets() {
        let registry = Registry()
        // DOC begins
        var options = RegistryMetricsFactory.Options()
        options.help = { label in label == "uplink.time" ? "Time to reach the uplink." : nil }
        options.timerBuckets = { label in label == "uplink.time" ? [0.1, 1, 10] : Registry.Histogram.secondsBuckets }
        options.refused = { error in print("not on the page: \(error)") }
        let factory = RegistryMetricsFactory(registry, options: options)
        // DOC ends
        factory.makeTimer(label: "uplink.time", dimensions: []).recordNanoseconds(500_000_000)
        #expect(
            String(decoding: registry.render(), as: UTF8.self)
                .hasPrefix(
                    """
                    # HELP metrics_series_dropped_total Requests for a label set that a family's cap refused.
                    # TYPE metrics_series_dropped_total counter
                    metrics_series_dropped_total{family="uplink_time_seconds"} 0
                    # HELP uplink_time_seconds Time to reach the uplink.
                    # TYPE uplink_time_seconds histogram
                    uplink_time_seconds_bucket{le="0.1"} 0
                    uplink_time_seconds_bucket{le="1.0"} 1
                    """
                )
        )
    }
}
