/// How much may wait and for how long; whoever comes beyond gets an error.
package struct EngineLimits: Sendable {
    /// Contexts without a thread that wait for their locks; further ones get ``StateError/Code/busy``.
    var maxWaitingContexts: Int
    /// Contexts that wait for the disk; further ones get ``StateError/Code/busy``.
    var maxPendingContexts: Int
    /// The longest document, where the model itself has no limit.
    var maxDocumentBytes: Int
    /// How long a write of documents waits for the models' locks by default; then it gets ``StateError/Code/busy``.
    var writeWait: Duration
    /// How many numbers are reserved at a time; a crash skips what was left of them.
    var numbersReserved: UInt64
    /// How long a call of the store may take, before whoever waits gets ``StateError/Code/storeNotResponding``.
    var storeWait: Duration
    /// How long the default store waits for locks that other programs have on its database.
    var storeLockWait: Duration
    /// The pause before a store that has failed is opened anew; each failure doubles it.
    var reopeningPause: Duration
    /// What the pause does not exceed.
    var maxReopeningPause: Duration
    /// How often the store is checked while nothing is committed.
    var storeCheckPause: Duration
    /// The clock by which the engine waits, and dates changes.
    var clock: EngineClock

    /// The longest document by default: 1 MiB.
    package static let maxDocumentBytes = 1 << 20

    /// Makes the limits.
    package init(
        maxWaitingContexts: Int = 16_384,
        maxPendingContexts: Int = 65_536,
        maxDocumentBytes: Int = Self.maxDocumentBytes,
        writeWait: Duration = .seconds(5),
        numbersReserved: UInt64 = 1_000_000,
        storeWait: Duration = .seconds(30),
        storeLockWait: Duration = .seconds(5),
        reopeningPause: Duration = .milliseconds(100),
        maxReopeningPause: Duration = .seconds(5),
        storeCheckPause: Duration = .seconds(10),
        clock: ManualClock? = nil
    ) {
        (self.maxWaitingContexts, self.maxPendingContexts) = (maxWaitingContexts, maxPendingContexts)
        (self.maxDocumentBytes, self.writeWait) = (maxDocumentBytes, writeWait)
        (self.numbersReserved, self.storeWait, self.storeLockWait) = (numbersReserved, storeWait, storeLockWait)
        (self.reopeningPause, self.maxReopeningPause) = (reopeningPause, maxReopeningPause)
        (self.storeCheckPause, self.clock) = (storeCheckPause, EngineClock(manual: clock))
    }
}
