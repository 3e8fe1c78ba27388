internal import Primitives

/// A clock for tests that stands still until you advance it.
///
/// Pass it to `State(clock:)`. Then it times the `wait:` of contexts and the limit for calls of the store. It also times the
/// pauses before a failed store is tried again and the checks of an idle store, and it dates changes.
///
/// ```swift
/// clock.advance(by: .seconds(5))
/// ```
///
/// Advance it only after the wait has begun, because a later wait also ends later; ``waitingContexts`` counts the waits.
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
    /// - Parameter secondsSince1970: the initial time; by default the beginning of 2026, in UTC.
    public init(secondsSince1970: Double = 1_767_225_600) { firstTime = secondsSince1970 }

    /// Moves the clock forward, and ends the waits that are over by then.
    ///
    /// - Parameter duration: the distance; a negative one has no effect.
    public func advance(by duration: Duration) {
        let wakers = hand.withLock { hand in
            hand.elapsed += max(.zero, duration)
            return Array(hand.wakers.values)
        }
        for wake in wakers { wake() }
    }

    /// The number of contexts that wait for the locks of their models with a time limit of this clock.
    public var waitingContexts: Int { hand.withLock { $0.waitingContexts } }

    /// The time that the clock shows, in seconds since 1970.
    public var secondsSince1970: Double { firstTime + hand.withLock { $0.elapsed }.inSeconds }

    /// The same as an instant for deadlines.
    package var now: SuspendingClock.Instant { start + hand.withLock { $0.elapsed } }

    /// Adds to the number of waiting contexts.
    func count(waiting change: Int) { hand.withLock { $0.waitingContexts += change } }

    /// Adds a closure that is called after each advance, without a lock held.
    ///
    /// - Returns: the number for removing the closure.
    func add(_ waker: @escaping @Sendable () -> Void) -> Int {
        hand.withLock { hand in
            hand.lastWaker += 1
            hand.wakers[hand.lastWaker] = waker
            return hand.lastWaker
        }
    }

    func remove(_ number: Int) { hand.withLock { $0.wakers[number] = nil } }
}
