internal import Primitives

/// A clock for tests, which stands still until you advance it.
///
/// Give it to `State(clock:)`. Then it times the `wait:` of contexts, the limit for calls of the store, the pauses before a failed
/// store is tried again, and the checks of an idle store. The times of changes are its times.
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
    func add(_ waker: @escaping @Sendable () -> Void) -> Int {
        hand.withLock { hand in
            hand.lastWaker += 1
            hand.wakers[hand.lastWaker] = waker
            return hand.lastWaker
        }
    }

    func remove(_ number: Int) { hand.withLock { $0.wakers[number] = nil } }
}
