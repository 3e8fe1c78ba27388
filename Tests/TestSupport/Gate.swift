internal import Primitives

/// Holds threads until it is opened.
package final class Gate: Sendable {
    private let isOpen = Monitor(false)

    /// Makes a closed gate.
    package init() {}

    /// Lets all threads through from now on.
    package func open() {
        isOpen.withLock { $0 = true }
        isOpen.notifyAll()
    }

    /// Waits until the gate is open; false when it is still closed after ``patience``.
    @discardableResult
    package func wait() -> Bool { isOpen.wait(upTo: patience) { $0 ? true : nil } ?? false }
}
