internal import Primitives

/// What ``CommitQueue`` guards with its lock: who waits for the disk, and which numbers are used.
struct CommitState {
    /// Contexts that the writer has not taken yet, in the order in which they ended.
    var queue: [PendingCommit] = []
    /// Contexts that the writer is writing; they come before those of the queue.
    var inFlight: [PendingCommit] = []
    /// What models that are being loaded want written.
    var writes: [(batch: StoreBatch, completion: CommitCompletion)] = []
    /// Waits for the one of these that is being written.
    var writing: CommitCompletion?
    /// Since when the writer has been in a call of the store; nil when it is in none.
    var callStart: SuspendingClock.Instant?
    /// Whether the watchdog waits for the next call.
    var isWatchdogIdle = false
    /// The model cells, of which the store may have documents.
    var cells: [ModelCell] = []
    /// The number of the last publication with which models have gone.
    var lastRemoval: UInt64 = 0
    /// Who is told of publications.
    var observers: [PublicationObserver] = []
    /// The subscriptions to several models together.
    var joints: [JointSubscription] = []
    /// The revisions of the stored documents, by model, as far as this process knows.
    var storedRevisions: [String: UInt64] = [:]
    /// The revisions, by model, of documents of which it was not known whether the store has them.
    ///
    /// They are kept, as files that somebody puts back may have them again, and nobody else has stored them. There are as many as
    /// the store has failed.
    var attemptedRevisions: [String: Set<UInt64>] = [:]
    /// The latest time of the boot, in seconds since 1970, by which the store has the times of changes.
    private var datedStart = -Double.infinity
    var lastRevision: UInt64
    var lastPublication: UInt64
    /// Numbers up to this one may be used; the store knows it.
    var numbersReserved: UInt64
    var isReserving = false
    /// Why the store's last write has failed; nil when it has not.
    var storeError: StateError?
    /// Why nothing durable is accepted now.
    var refusal: StateError?
    /// Whether the store has to be opened anew.
    var isRecovering = false
    /// When the store has to be looked after next; nil while that is after the next batch.
    var upkeepTime: SuspendingClock.Instant?
    /// Whether the store was looked after once there was a model.
    var hasBegunUpkeep = false
    /// Whether the content of the store was changed while it was watched.
    var isDisturbed = false
    /// Whether a call of the store takes too long.
    var isLate = false
    var isClosing = false

    init(numbersUsed: UInt64, numbersReserved: UInt64) {
        (lastRevision, lastPublication, self.numbersReserved) = (numbersUsed, numbersUsed, numbersReserved)
    }

    /// Whether the store has failed and each commit tries again, so that it is tried without one now and then.
    var isProbing: Bool { !isRecovering && storeError?.code.leavesStoreUsable == true }

    /// The highest number that is used.
    var numbersUsed: UInt64 { max(lastRevision, lastPublication) }

    /// Takes what is written together from the front of the queue; emptying the store is a batch of its own.
    mutating func takeFront() -> [PendingCommit] {
        let count =
            queue.first?.isClearing == true ? 1 : queue.firstIndex { $0.isClearing } ?? queue.count
        inFlight = Array(queue.prefix(count))
        queue.removeFirst(count)
        return inFlight
    }

    /// What the store gets for some contexts: each model's last durable version.
    func batch(of contexts: [PendingCommit], reserving numbersReserved: UInt64?) -> StoreBatch {
        if let first = contexts.first, first.isClearing, var batch = first.extra {
            batch.numbersReserved = numbersReserved
            return batch
        }
        let documents = documents(of: contexts)
        var batch = StoreBatch(
            documents: documents,
            expectedRevisions: expectedRevisions(of: documents),
            numbersReserved: numbersReserved
        )
        for extra in contexts.lazy.compactMap(\.extra) {
            batch.documents += extra.documents
            batch.expectedRevisions.merge(extra.expectedRevisions) { $1 }
            batch.setAside += extra.setAside
        }
        return batch
    }

    /// The last durable version of each model, in order of the models' names.
    private func documents(of contexts: [PendingCommit]) -> [StoredDocument] {
        if contexts.count == 1 {
            // One context has each model once.
            let changes = contexts[0].changes.filter(\.isDurable)
            return changes.count == 1
                ? [changes[0].storedDocument] : changes.map(\.storedDocument).sorted { $0.model < $1.model }
        }
        var latest: [ModelCell: StoredDocument] = [:]
        for context in contexts {
            for change in context.changes where change.isDurable { latest[change.cell] = change.storedDocument }
        }
        return latest.values.sorted { $0.model < $1.model }
    }

    /// The documents whose stored time is too early since the wall clock was put forward; empty until it is again.
    mutating func takeMovedDocuments() -> StoreBatch {
        guard let start = BootTime.system.last, start > datedStart else { return StoreBatch() }
        datedStart = start
        let versions = cells.compactMap { cell in cell.storedVersion.map { (cell, $0) } }
        let documents = versions.filter { $1.time.hasMoved() && storedRevisions[$0.name] == $1.revision }
            .map { $1.storedDocument(of: $0) }
        return StoreBatch(documents: documents, expectedRevisions: expectedRevisions(of: documents))
    }

    private func expectedRevisions(of documents: [StoredDocument]) -> [String: UInt64] {
        Dictionary(documents.map { ($0.model, storedRevisions[$0.model] ?? 0) }, uniquingKeysWith: { $1 })
    }

    /// Notes that the store is being called.
    ///
    /// - Parameter now: the time by the clock of the limits.
    /// - Returns: whether the watchdog has to be woken for it.
    mutating func beginCall(at now: SuspendingClock.Instant) -> Bool {
        defer { (callStart, isWatchdogIdle) = (now, false) }
        return isWatchdogIdle
    }

    /// Notes that the store has answered.
    mutating func endCall() {
        (callStart, writing) = (nil, nil)
        if isLate { (isLate, refusal) = (false, nil) }
    }

    /// Notes what the store has after a batch.
    mutating func hasStored(_ batch: StoreBatch) {
        if batch.isClearing {
            storedRevisions = [:]
            for cell in cells { cell.markNotStored() }
        }
        for document in batch.documents { storedRevisions[document.model] = document.revision }
        if let reserved = batch.numbersReserved {
            (numbersReserved, isReserving) = (max(reserved, numbersReserved), false)
        }
        storeError = nil
    }

    /// Notes that it is not known whether the store has a batch.
    mutating func hasAttempted(_ batch: StoreBatch) {
        for document in batch.documents { attemptedRevisions[document.model, default: []].insert(document.revision) }
    }

    /// Notes that the store works again.
    mutating func endRecovery(with batch: StoreBatch, over content: StoredState) {
        // Numbers that somebody else has reserved may be in use.
        if content.numbersReserved > numbersReserved {
            (lastRevision, lastPublication) = (content.numbersReserved, content.numbersReserved)
        }
        // Of models that are not loaded the store is right; those that are loaded keep what their value is based on.
        let loaded = Set(cells.map(\.name))
        storedRevisions = storedRevisions.filter { loaded.contains($0.key) }
        for document in content.documents where !loaded.contains(document.model) {
            storedRevisions[document.model] = document.revision
        }
        hasStored(batch)
        let written = Dictionary(batch.documents.map { ($0.model, $0.revision) }, uniquingKeysWith: { $1 })
        for cell in cells { if let revision = written[cell.name] { cell.markStored(revision) } }
        (isRecovering, refusal) = (false, nil)
    }

    /// Fails contexts, and all later ones that touched a model which a failed one had changed.
    ///
    /// - Parameters:
    ///   - doomed: contexts in flight or in the queue.
    ///   - error: why.
    /// - Returns: all that have failed, in order; they are neither in flight nor in the queue any more.
    mutating func fail(_ doomed: [PendingCommit], _ error: StateError) -> [PendingCommit] {
        let doomed = Set(doomed)
        var (failed, tainted): ([PendingCommit], Set<ModelCell>) = ([], [])
        var lastKept: [ModelCell: StagedModel] = [:]
        func isKept(_ context: PendingCommit) -> Bool {
            if doomed.contains(context) || context.staged.contains(where: { tainted.contains($0.cell) }) {
                tainted.formUnion(context.changes.map(\.cell))
                failed.append(context)
                return false
            }
            for change in context.changes { lastKept[change.cell] = change }
            return true
        }
        inFlight = inFlight.filter(isKept)
        queue = queue.filter(isKept)
        for model in failed.flatMap(\.staged) { model.cell.waitingContexts -= 1 }
        for cell in tainted {
            // Back to what is still going to be written, else to what is published.
            let last = lastKept[cell]
            cell.dropPending(error, after: last?.outcome.revision ?? 0, through: lastRevision)
            last?.becomePending()
        }
        return failed
    }

    /// What a store that was opened anew gets first: the published values of all models that it has or should have.
    ///
    /// - Parameters:
    ///   - content: what it has.
    ///   - unloaded: its former documents of models that are not loaded; missing ones are written again.
    ///   - reservation: how many numbers to reserve.
    /// - Returns: the batch, and documents that are news: those of models that are not loaded, and what somebody else has
    ///   written meanwhile, which is not replaced.
    func recovery(
        of content: StoredState,
        unloaded: [StoredDocument],
        reservation: UInt64
    ) -> (batch: StoreBatch, news: [StoredDocument]) {
        let stored = Dictionary(content.documents.map { ($0.model, $0) }, uniquingKeysWith: { $1 })
        let used = content.numbersReserved > numbersReserved ? content.numbersReserved : numbersUsed
        var batch = StoreBatch(numbersReserved: max(used + reservation, numbersReserved))
        let loaded = Set(cells.map(\.name))
        var news = content.documents.filter { !loaded.contains($0.model) }
        for cell in cells {
            let row = stored[cell.name].flatMap { $0.revision == 0 && $0.isIntact ? nil : $0 }
            guard cell.isInStore || row != nil else { continue }
            if let row, !row.isIntact {
                batch.setAside.append(.init(row, reason: "damaged; what was published has replaced it"))
            } else if let row, row.revision > storedRevisions[row.model] ?? 0,
                attemptedRevisions[row.model]?.contains(row.revision) != true
            {
                news.append(row)
                continue
            }
            batch.documents.append(cell.published.storedDocument(of: cell))
            batch.expectedRevisions[cell.name] = row?.revision ?? 0
        }
        let missing = unloaded.filter { $0.revision > 0 && !loaded.contains($0.model) && stored[$0.model] == nil }
        batch.documents += missing
        batch.expectedRevisions.merge(missing.map { ($0.model, 0) }) { $1 }
        return (batch, news)
    }
}
