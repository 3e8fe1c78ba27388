internal import Primitives

/// A server's clock that stands still until a test moves it, so that no deadline is over before the test wants it to be.
///
/// The server does not wake up for it: a request has it read the time.
package final class StandingClock: Sendable {
    private let milliseconds = Lock<Int64>(1)

    /// Makes a clock.
    package init() {}

    /// Reads the time.
    package var reading: @Sendable () -> Int64 {
        { [milliseconds] in milliseconds.withLock { $0 } }
    }

    /// Moves it forward.
    package func advance(by duration: Duration) {
        milliseconds.withLock { $0 += Int64(duration / .milliseconds(1)) }
    }
}
