internal import CoreMetrics  // Where it is missing: .package(…, traits: ["SwiftMetricsBackend"])
internal import Exposition
internal import Primitives

/// What a library of swift-metrics holds of a metric; it ends its use once.
class RecordedHandler: @unchecked Sendable {
    // Sendable: all that changes is in the lock, and subclasses add constants only.
    private let leave: Lock<(@Sendable () -> Void)?>

    init(_ leave: @escaping @Sendable () -> Void) { self.leave = Lock(leave) }

    func destroy() {
        let leave = leave.withLock { leave in
            defer { leave = nil }
            return leave
        }
        leave?()
    }
}

final class RecordedCounter: RecordedHandler, CounterHandler, FloatingPointCounterHandler, @unchecked Sendable {
    private let counter: Registry.Counter

    init(_ counter: Registry.Counter, _ leave: @escaping @Sendable () -> Void) {
        self.counter = counter
        super.init(leave)
    }

    func increment(by amount: Int64) { counter.increment(by: Double(amount)) }

    func increment(by amount: Double) { counter.increment(by: amount) }

    func reset() { counter.reset() }
}

final class RecordedGauge: RecordedHandler, MeterHandler, RecorderHandler, @unchecked Sendable {
    private let gauge: Registry.Gauge

    init(_ gauge: Registry.Gauge, _ leave: @escaping @Sendable () -> Void) {
        self.gauge = gauge
        super.init(leave)
    }

    func set(_ value: Int64) { gauge.set(Double(value)) }

    func set(_ value: Double) { gauge.set(value) }

    func increment(by amount: Double) { gauge.increment(by: amount) }

    func decrement(by amount: Double) { gauge.decrement(by: amount) }

    func record(_ value: Int64) { gauge.set(Double(value)) }

    func record(_ value: Double) { gauge.set(value) }
}

final class RecordedHistogram: RecordedHandler, RecorderHandler, TimerHandler, @unchecked Sendable {
    private let histogram: Registry.Histogram

    init(_ histogram: Registry.Histogram, _ leave: @escaping @Sendable () -> Void) {
        self.histogram = histogram
        super.init(leave)
    }

    func record(_ value: Int64) { histogram.observe(Double(value)) }

    func record(_ value: Double) { histogram.observe(value) }

    func recordNanoseconds(_ duration: Int64) { histogram.observe(Double(duration) / 1_000_000_000) }
}
