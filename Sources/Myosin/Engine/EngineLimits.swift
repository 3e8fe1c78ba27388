/// How many contexts may wait; further ones get ``StateError/Code/busy``.
package struct EngineLimits: Sendable {
    /// Queued contexts that wait for their locks.
    var waitingContextsMax: Int
    /// Contexts that wait for the disk.
    var pendingContextsMax: Int

    /// Makes the limits.
    package init(waitingContextsMax: Int = 16_384, pendingContextsMax: Int = 65_536) {
        (self.waitingContextsMax, self.pendingContextsMax) = (waitingContextsMax, pendingContextsMax)
    }
}
