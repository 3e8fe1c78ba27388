public import CoreMetrics
public import Exposition
internal import Primitives

/// A backend for swift-metrics that shows its metrics on a registry's pages; pass it to `MetricsSystem.bootstrap`.
///
/// | recorded by | shown as |
/// |---|---|
/// | `Counter`, `FloatingPointCounter` | a counter |
/// | `Gauge`, `Meter`, `Recorder` that does not aggregate | a gauge |
/// | `Recorder` that aggregates | a histogram |
/// | `Timer` | a histogram in seconds, whose name ends in `_seconds` |
///
/// Labels and dimensions may have any names in swift-metrics. The factory maps those that Prometheus refuses: `http.server.requests`
/// becomes `http_server_requests`. If another type of metric has the name, the type is appended: `_counter`, `_gauge` or `_histogram`.
/// Metrics of one name may have different dimensions. A metric that is destroyed as often as it was made leaves the page.
public final class RegistryMetricsFactory: MetricsFactory {
    /// Help texts and buckets, which swift-metrics does not have.
    public struct Options: Sendable {
        /// Returns the help text of a metric, by its label in swift-metrics; nil selects a text that names the label.
        public var help: @Sendable (_ label: String) -> String? = { _ in nil }
        /// The upper bounds of the buckets of recorders, by their labels.
        public var recorderBuckets: @Sendable (_ label: String) -> [Double] = { _ in
            RegistryMetricsFactory.recorderBuckets
        }
        /// The upper bounds of the buckets of timers, in seconds, by their labels.
        public var timerBuckets: @Sendable (_ label: String) -> [Double] = { _ in Registry.Histogram.secondsBuckets }
        /// Receives the error of each metric that the registry refuses; the values of such a metric are dropped.
        public var refused: @Sendable (MetricError) -> Void = { _ in }

        /// Makes the defaults.
        public init() {}
    }

    /// The default bounds for recorders: powers of four from 1 to about a million, because a recorder has no unit.
    public static let recorderBuckets: [Double] = [
        1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576,
    ]

    private enum Shown: Sendable {
        case counter(OpenFamily<Registry.Counter>)
        case gauge(OpenFamily<Registry.Gauge>)
        case histogram(OpenFamily<Registry.Histogram>)
        case refused
    }

    /// What tells families apart: the same label may stand for a counter and for a timer.
    private struct Key: Hashable {
        let label: String
        let type: String
    }

    private let registry: Registry
    private let options: Options
    private let shown = Lock<[Key: Shown]>([:])

    /// Makes a factory.
    ///
    /// - Parameters:
    ///   - registry: the registry that shows the metrics.
    ///   - options: help texts and buckets.
    public init(_ registry: Registry, options: Options = Options()) {
        (self.registry, self.options) = (registry, options)
    }

    // MARK: Making

    /// Makes a counter, or finds the one of the same label and dimensions.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Makes a counter that takes fractions, or finds the one of the same label and dimensions.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Makes a gauge, or finds the one of the same label and dimensions.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Makes a histogram, or a gauge where the recorder does not aggregate, or finds the one of the same label and dimensions.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if !aggregate { return gauge(label, dimensions) ?? NOOPMetricsHandler.instance }
        return histogram(label, dimensions, "recorder", options.recorderBuckets(label)) ?? NOOPMetricsHandler.instance
    }

    /// Makes a histogram of seconds, or finds the one of the same label and dimensions.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions, "timer", options.timerBuckets(label)) ?? NOOPMetricsHandler.instance
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> RecordedCounter? {
        let family = shown(label, "counter") { (name, help) throws(MetricError) in
            .counter(try self.registry.makeOpenCounter(name, help: help))
        }
        guard case .counter(let family) = family else { return nil }
        let (child, labels) = family.join(.init(RecordedNames.labels(dimensions, reserved: nil)))
        return RecordedCounter(child) { family.leave(labels) }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> RecordedGauge? {
        let family = shown(label, "gauge") { (name, help) throws(MetricError) in
            .gauge(try self.registry.makeOpenGauge(name, help: help))
        }
        guard case .gauge(let family) = family else { return nil }
        let (child, labels) = family.join(.init(RecordedNames.labels(dimensions, reserved: nil)))
        return RecordedGauge(child) { family.leave(labels) }
    }

    private func histogram(
        _ label: String,
        _ dimensions: [(String, String)],
        _ type: String,
        _ buckets: [Double]
    ) -> RecordedHistogram? {
        let family = shown(label, type) { (name, help) throws(MetricError) in
            let unit = type == "timer" ? "seconds" : nil
            return .histogram(try self.registry.makeOpenHistogram(name, help: help, unit: unit, buckets: buckets))
        }
        guard case .histogram(let family) = family else { return nil }
        let (child, labels) = family.join(.init(RecordedNames.labels(dimensions, reserved: "le")))
        return RecordedHistogram(child) { family.leave(labels) }
    }

    /// The family of a label, made when it is needed first.
    private func shown(
        _ label: String,
        _ type: String,
        _ make: (_ name: String, _ help: String) throws(MetricError) -> Shown
    ) -> Shown {
        let key = Key(label: label, type: type)
        if let present = shown.withLock({ $0[key] }) { return present }
        let help = options.help(label) ?? "Recorded through swift-metrics as \(label)."
        // Made under the lock, so that of two threads the second does not find the name taken. No code of others runs meanwhile.
        let (family, refusal): (Shown, MetricError?) = shown.withLock { shown in
            if let present = shown[key] { return (present, nil) }
            let (family, refusal) = Self.attempt(Self.names(label, type), help, make)
            shown[key] = family
            return (family, refusal)
        }
        if let refusal { options.refused(refusal) }
        return family
    }

    /// The names that a family may have, the best first.
    private static func names(_ label: String, _ type: String) -> [String] {
        let (name, kind) = (RecordedNames.metric(label), type == "recorder" || type == "timer" ? "histogram" : type)
        return [name, "\(name)_\(kind)"].map { type == "timer" && !$0.hasSuffix("_seconds") ? "\($0)_seconds" : $0 }
    }

    private static func attempt(
        _ names: [String],
        _ help: String,
        _ make: (String, String) throws(MetricError) -> Shown
    ) -> (Shown, MetricError?) {
        var refusal: MetricError?
        for name in names {
            do throws(MetricError) {
                return (try make(name, help), nil)
            } catch {
                refusal = error
            }
        }
        return (.refused, refusal)
    }

    // MARK: Ending

    /// Ends one use of a metric, which leaves the page with its last use.
    public func destroyCounter(_ handler: any CounterHandler) { (handler as? RecordedCounter)?.destroy() }

    /// Ends one use of a metric, which leaves the page with its last use.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        (handler as? RecordedCounter)?.destroy()
    }

    /// Ends one use of a metric, which leaves the page with its last use.
    public func destroyMeter(_ handler: any MeterHandler) { (handler as? RecordedGauge)?.destroy() }

    /// Ends one use of a metric, which leaves the page with its last use.
    public func destroyRecorder(_ handler: any RecorderHandler) { (handler as? RecordedHandler)?.destroy() }

    /// Ends one use of a metric, which leaves the page with its last use.
    public func destroyTimer(_ handler: any TimerHandler) { (handler as? RecordedHistogram)?.destroy() }
}
