internal import Locking

/// Holds threads until somebody opens it.
package final class Gate: Sendable {
    private let isOpen = Monitor(false)

    /// Makes a closed gate.
    package init() {}

    /// Lets everybody through from now on.
    package func open() {
        isOpen.withLock { $0 = true }
        isOpen.notifyAll()
    }

    /// Waits until the gate is open; false when it was not within a minute.
    @discardableResult
    package func wait() -> Bool { isOpen.wait(upTo: .seconds(60)) { $0 ? true : nil } ?? false }
}
