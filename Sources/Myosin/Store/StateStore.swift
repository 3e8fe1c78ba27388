/// Where documents are kept across restarts.
///
/// The engine calls ``load()`` first, then ``commit(_:)`` and again ``load()`` as errors require, and
/// ``close(numbersUsed:)`` last, always one call at a time, though not from one thread only. Calls may block: no lock that
/// readers need is held meanwhile. One that does not return within 30 seconds is told to whoever waits for it as
/// ``StateError/Code/storeNotResponding``, and its outcome is taken whenever it comes.
///
/// One state has a store at a time; a second state of the process gets ``StateError/Code/storeInUse``.
///
/// What is thrown should be a ``StateError`` with one of the `store…` codes and a sentence that says what to do; any other
/// error is told as ``StateError/Code/storeFailed``. After `storeFull`, `storeInUse` and `storeNoQuorum` the engine goes on
/// with the next commit. After any other error it refuses durable commits, calls ``load()`` again with rising pauses until that
/// succeeds, writes what is published with one ``commit(_:)``, and then accepts durable commits again.
///
/// A remote store with compare-and-swap and a watch fits: the article <doc:Durability> says how each method maps onto one.
public protocol StateStore: AnyObject, Sendable {
    /// Reads everything that is kept, after opening anew whatever an error may have left in doubt.
    ///
    /// What it returns is durable: a crash right afterwards loses none of it.
    ///
    /// - Returns: the documents and the numbers that may have been used.
    /// - Throws: ``StateError``.
    func load() throws -> StoredState

    /// Writes a batch: all of it durably, or nothing of it.
    ///
    /// - Parameter batch: what to write.
    /// - Throws: ``StateError``: `storeConflict` when another document is stored than the batch expects; with the code
    ///   `storeFailed` it is unknown whether the batch is kept, with any other it is not.
    func commit(_ batch: StoreBatch) throws

    /// Tells changes that somebody else makes to the stored documents, from the last ``load()`` on.
    ///
    /// A store that only this process writes has nothing to tell, which is the default. The engine publishes each change
    /// as a commit of its own once the model's lock is free.
    ///
    /// - Parameter onChange: called with the documents as they are stored now, from any thread, in order of their changes.
    func watch(_ onChange: @escaping @Sendable ([StoredDocument]) -> Void)

    /// Does what the store has to do now and then, such as shortening a log.
    ///
    /// It is called after each ``commit(_:)`` and ``check()`` and when it asks for it, which may be before the first commit.
    ///
    /// - Returns: how the store is, and when to call again.
    /// - Throws: ``StateError``, as ``commit(_:)``.
    func upkeep() throws -> StoreUpkeep

    /// Looks whether what was committed is still in its place, without a change.
    ///
    /// It is called after ten seconds without a commit, every ten seconds from then on, and before ``close(numbersUsed:)``, so that the
    /// published values are written again before they are lost. ``SQLiteStore`` is called only once where the kernel reports changes of
    /// its files, and again after such a report.
    ///
    /// - Throws: ``StateError``, as ``commit(_:)``.
    func check() throws

    /// Gives everything back that the store holds.
    ///
    /// - Parameter numbersUsed: the highest number in use, so that the rest of the reserved range need not be skipped; nil
    ///   when that is not known.
    func close(numbersUsed: UInt64?)
}

extension StateStore {
    /// Tells nothing: nobody else writes the store.
    public func watch(_ onChange: @escaping @Sendable ([StoredDocument]) -> Void) {}

    /// Looks at nothing: what was committed cannot get lost without an error.
    public func check() throws {}

    /// Has nothing to do.
    public func upkeep() throws -> StoreUpkeep { StoreUpkeep() }
}

/// A store that notices what others do to its content, so that nothing has to check it while nothing is committed.
package protocol WatchfulStore: StateStore {
    /// Begins to watch the content, until the function that it returns is called.
    ///
    /// Any call of the store may count as a change, so the watch must end first.
    ///
    /// - Parameter report: called for the first change, on any thread.
    /// - Returns: ends the watch; nil where the content cannot be watched, and has to be checked now and then.
    func watchContent(_ report: @escaping @Sendable () -> Void) -> (@Sendable () -> Void)?
}

/// What the upkeep of a store has found.
///
/// A size that is nil is not known or does not exist; the metric keeps its value.
public struct StoreUpkeep: Sendable, Hashable {
    /// The size of the store's log, in bytes; nil if it has none.
    public var logBytes: Int?
    /// The size of the store without its log, in bytes.
    public var databaseBytes: Int?
    /// The size of the former documents that the store keeps in quarantine, in bytes.
    public var quarantineBytes: Int?
    /// The number of these documents.
    public var quarantineDocuments: Int?
    /// How long to wait until the next upkeep; nil for one after the next commit.
    public var nextCall: Duration?

    /// Makes the findings.
    ///
    /// - Parameters:
    ///   - logBytes: the size of the store's log, in bytes.
    ///   - databaseBytes: the size of the store without its log, in bytes.
    ///   - quarantineBytes: the size of the former documents in quarantine, in bytes.
    ///   - quarantineDocuments: the number of these documents.
    ///   - nextCall: how long to wait until the next upkeep.
    public init(
        logBytes: Int? = nil,
        databaseBytes: Int? = nil,
        quarantineBytes: Int? = nil,
        quarantineDocuments: Int? = nil,
        nextCall: Duration? = nil
    ) {
        (self.logBytes, self.databaseBytes) = (logBytes, databaseBytes)
        (self.quarantineBytes, self.quarantineDocuments) = (quarantineBytes, quarantineDocuments)
        self.nextCall = nextCall
    }
}
