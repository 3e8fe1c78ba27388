package import Primitives

/// A clock for tests, which stands still until you advance it.
///
/// Give it to `State(clock:)`: everything that the state times then waits for this clock. That is the `wait:` of contexts, the limit
/// for calls of the store, the pauses before a failed store is tried again, the checks of an idle store, and the times of changes.
///
/// ```swift
/// clock.advance(by: .seconds(5))
/// ```
///
/// Advance it only once the state waits, else the wait begins later and ends later; ``waitingContexts`` says when that is.
public final class ManualClock: Sendable {
    private struct Hand {
        var elapsed = Duration.zero
        var waitingContexts = 0
        var lastWaker = 0
        var wakers: [Int: @Sendable () -> Void] = [:]
    }

    private let start = SuspendingClock.now
    private let firstTime: Double
    private let hand = Lock(Hand())

    /// Makes a clock that stands still.
    ///
    /// - Parameter secondsSince1970: the time that it shows at first; by default the beginning of 2026, in UTC.
    public init(secondsSince1970: Double = 1_767_225_600) { firstTime = secondsSince1970 }

    /// Moves the clock forward, and ends the waits whose time has come.
    ///
    /// - Parameter duration: how far; a negative one moves nothing.
    public func advance(by duration: Duration) {
        let wakers = hand.withLock { hand in
            hand.elapsed += max(.zero, duration)
            return Array(hand.wakers.values)
        }
        for wake in wakers { wake() }
    }

    /// How many contexts wait for the locks of their models until this clock ends their waiting.
    public var waitingContexts: Int { hand.withLock { $0.waitingContexts } }

    /// The time that the clock shows, in seconds since 1970.
    public var secondsSince1970: Double { firstTime + hand.withLock { $0.elapsed }.inSeconds }

    /// The same as an instant for deadlines.
    package var now: SuspendingClock.Instant { start + hand.withLock { $0.elapsed } }

    /// Counts a context that begins to wait, or one less.
    func count(waiting change: Int) { hand.withLock { $0.waitingContexts += change } }

    /// Has something called after each advance, without a lock held.
    ///
    /// - Returns: the number to remove it by.
    fileprivate func add(_ waker: @escaping @Sendable () -> Void) -> Int {
        hand.withLock { hand in
            hand.lastWaker += 1
            hand.wakers[hand.lastWaker] = waker
            return hand.lastWaker
        }
    }

    fileprivate func remove(_ number: Int) { hand.withLock { $0.wakers[number] = nil } }
}

/// The clock of an engine: that of the system, or one that a test moves.
package struct EngineClock: Sendable {
    /// The test's clock; nil for that of the system.
    let manual: ManualClock?

    /// Makes the clock of a test, or that of the system for nil.
    package init(manual: ManualClock?) { self.manual = manual }

    /// The present instant, for deadlines.
    package var now: SuspendingClock.Instant { manual?.now ?? .now }

    /// The present moment, for the time of a change.
    var moment: ChangeTime.Moment {
        guard let manual else { return ChangeTime.Moment() }
        return ChangeTime.Moment(wall: manual.secondsSince1970)
    }

    /// The wall clock, in seconds since 1970.
    var secondsSince1970: Double { manual?.secondsSince1970 ?? WallClock.seconds }

    /// Waits until the closure gives something other than nil, or the time is over.
    ///
    /// Nothing of a manual clock is missed: it moves first and then takes the monitor's lock and notifies. So a look under that lock
    /// either sees the new time, or is followed by the notification.
    ///
    /// - Parameters:
    ///   - monitor: the value to wait for.
    ///   - deadline: when to give up; nil for never.
    ///   - look: called with exclusive access, at once and after every notification.
    /// - Returns: what the closure gave; nil when the time was over first.
    package func wait<Value, Result: Sendable>(
        for monitor: Monitor<Value>,
        until deadline: SuspendingClock.Instant?,
        _ look: (inout sending Value) -> sending Result?
    ) -> Result? {
        guard let manual, let deadline else {
            return monitor.wait(upTo: deadline.map { max(.zero, $0 - .now) }, until: look)
        }
        let waker = manual.add {
            monitor.withLock { _ in }
            monitor.notifyAll()
        }
        defer { manual.remove(waker) }
        let news: News<Result>? = monitor.wait { value in
            if let result = look(&value) { return .found(result) }
            return manual.now >= deadline ? .timeIsOver : nil
        }
        if case .found(let result)? = news { return result }
        return nil
    }

    /// Waits for some time at most, as ``wait(for:until:_:)``.
    func wait<Value, Result: Sendable>(
        for monitor: Monitor<Value>,
        upTo duration: Duration,
        _ look: (inout sending Value) -> sending Result?
    ) -> Result? {
        // The system's clock is not read for a deadline that the monitor computes again.
        guard let manual else { return monitor.wait(upTo: duration, until: look) }
        return wait(for: monitor, until: manual.now + duration, look)
    }

    private enum News<Result: Sendable>: Sendable {
        case found(Result)
        case timeIsOver
    }
}
