internal import Synchronization

/// A number that goes up and down: a temperature, a queue's length.
///
/// It may be used from any thread; nothing locks. Every `Double` is a value, NaN and the infinities too.
public final class Gauge: Sendable {
    private let number = Atomic<Double>(0)

    init() {}

    /// Replaces the value.
    ///
    /// - Parameter value: the new value.
    public func set(_ value: Double) {
        number.store(value, ordering: .relaxed)
    }

    /// Adds to the value, 1 unless told.
    ///
    /// - Parameter amount: what to add.
    public func increment(by amount: Double = 1) {
        number.add(amount)
    }

    /// Takes from the value, 1 unless told.
    ///
    /// - Parameter amount: what to take.
    public func decrement(by amount: Double = 1) {
        number.add(-amount)
    }

    /// The value now, 0 at first.
    public var value: Double {
        number.load(ordering: .relaxed)
    }
}
