internal import Primitives

/// A clock that stands still until a test advances it.
package final class ManualClock: Sendable {
    private let start = SuspendingClock.now
    private let elapsed = Lock(Duration.zero)

    /// Makes a clock that shows the present time.
    package init() {}

    /// The time that it shows.
    package var now: SuspendingClock.Instant { start + elapsed.withLock { $0 } }

    /// Moves it forward.
    package func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }
}
