internal import Exposition
internal import Locking

/// Gives commits their numbers, makes them durable in groups and publishes them in order.
///
/// Every context ends here, under one internal lock for the engine. A context that wrote nothing durable, built on
/// nothing pending and changes nothing that a waiting context has seen is published at once. Any other is queued; one
/// writer thread takes the whole queue, writes it to the store as one batch while no lock is held, and publishes what
/// was in it.
///
/// Why nothing is lost or seen early: a model's pending version is known only to contexts that hold the model's lock,
/// so the pending versions of a model form a chain in the order of the queue. Publication happens only here, in the
/// order of the queue, after the store has the batch. When a batch fails, each of its commits fails, and so does, in
/// the order of the queue, each later one that touched a model which a failed one had changed; a context that is
/// still running on such a version finds out when it ends, by ``TypedCell/failure(of:)``. A model that a failed commit
/// had changed goes back to the last version in the queue that has not failed, else to the published one.
///
/// Why there is one order of all contexts, which every reader sees: it is that of publication. A context that only read
/// takes its place when its flush ends, and what it has read has not been overwritten visibly until then, as above.
/// The values of one context become visible while all of them are locked, so nobody sees some of them only.
final class CommitQueue: Sendable {
    /// A context that waits for the disk.
    private struct Entry {
        /// What it checked out or committed.
        let staged: [StagedModel]
        /// What of that is to be written or published.
        let changes: [StagedModel]
        let clearsStore: Bool
        let flush: Flush
    }

    private struct Core {
        var queue: [Entry] = []
        var jobs: [@Sendable () -> Void] = []
        var lastRevision: UInt64
        var lastPublication: UInt64
        /// Numbers up to this one may be used; the store knows it.
        var numbersReserved: UInt64
        var isReserving = false
        /// Why numbers could not be reserved when that was last tried.
        var reservationError: StateError?
        var isClosing = false
    }

    /// How many numbers are reserved at a time; a crash skips what was left of them.
    private static let reservation: UInt64 = 65_536
    private let waitingMax: Int
    private let core: Monitor<Core>
    private let store: (any StateStore)?
    /// Set once in `start`, before the queue is known to anybody else.
    private let writer = Lock<WorkerThread?>(nil)

    var hasStore: Bool { store != nil }

    /// Makes the queue; without a store numbers begin at the clock, so that none is used twice.
    ///
    /// - Parameters:
    ///   - store: where durable commits go.
    ///   - numbersUsed: the highest number that may have been used before.
    ///   - waitingMax: how many contexts may wait for the disk; further ones get ``StateError/Code/busy``.
    /// - Throws: ``StateError`` when the store can't reserve numbers or no thread can be started.
    init(store: (any StateStore)?, numbersUsed: UInt64, waitingMax: Int) throws(StateError) {
        (self.store, self.waitingMax) = (store, waitingMax)
        // A clock without a battery may stand before 1970.
        let first = store == nil ? UInt64(max(0, wallClock()) * 1_000_000) : numbersUsed
        let reserved = store == nil ? UInt64.max : first + Self.reservation
        core = Monitor(Core(lastRevision: first, lastPublication: first, numbersReserved: reserved))
        guard let store else { return }
        do {
            try store.commit(StoreBatch(documents: [], numbersReserved: reserved))
            let thread = try WorkerThread { [self] in write(to: store) }
            writer.withLock { $0 = thread }
        } catch {
            throw StateError(wrapping: error)
        }
    }

    // MARK: The end of a context

    /// Ends a context whose model locks are still held.
    ///
    /// - Parameters:
    ///   - staged: the models it checked out or committed.
    ///   - clearsStore: whether the store is emptied with it.
    /// - Returns: what tells when everything that the context read or wrote is durable and published, or has failed;
    ///   nil when that is so already.
    /// - Throws: ``StateError`` when the context cannot take effect.
    func finish(_ staged: [StagedModel], clearsStore: Bool = false) throws(StateError) -> Flush? {
        var afterwards = Afterwards()
        defer { afterwards.run() }
        do {
            let flush = try core.withLock { (core) throws(StateError) in
                try finish(staged, clearsStore, &core, &afterwards)
            }
            if flush != nil { core.notifyAll() }
            return flush
        } catch {
            countFailures(of: staged, error)
            throw error
        }
    }

    private func finish(
        _ staged: [StagedModel],
        _ clearsStore: Bool,
        _ core: inout Core,
        _ afterwards: inout Afterwards
    ) throws(StateError) -> Flush? {
        for model in staged {
            if let error = model.baseFailure() { throw error }
        }
        // A cleared store has none of the models any more, also those that keep their value: a durable commit of an
        // equal value must wait behind the clearing and write again.
        let changes = clearsStore ? staged : staged.filter { $0.isChange }
        // Also what overwrites a value that a waiting context has read becomes visible after that one.
        let touchesPending =
            staged.contains { $0.cell.hasPending } || changes.contains { $0.cell.waitingContexts > 0 }
        if changes.isEmpty && !touchesPending && !clearsStore { return nil }
        if core.isClosing { throw .closed }
        let revision = core.lastRevision + 1
        let isInMemoryOnly = !changes.contains { $0.isDurable } && !touchesPending && !clearsStore
        let isPublishedNow = isInMemoryOnly && max(revision, core.lastPublication + 1) <= core.numbersReserved
        if !isPublishedNow && core.queue.count >= waitingMax {
            throw StateError(.busy, "\(core.queue.count) contexts wait for the disk already. Try again later.")
        }
        if changes.contains(where: { $0.isNewValue }) { core.lastRevision = revision }
        let time = wallClock()
        for change in changes { change.makeVersion(revision: revision, time: time) }
        reserveAhead(&core)
        if isPublishedNow {
            publish(changes, &core, &afterwards)
            return nil
        }
        for change in changes { change.becomePending() }
        let flush = Flush()
        for model in staged { model.cell.waitingContexts += 1 }
        core.queue.append(Entry(staged: staged, changes: changes, clearsStore: clearsStore, flush: flush))
        return flush
    }

    private func countFailures(of staged: [StagedModel], _ error: StateError) {
        for model in staged where model.isCommit { model.cell.metrics.countFailure(error) }
    }

    private func publish(_ changes: [StagedModel], _ core: inout Core, _ afterwards: inout Afterwards) {
        guard changes.contains(where: { $0.isNewValue }) else {
            for change in changes { change.settle() }
            return
        }
        core.lastPublication += 1
        show(changes[...], &afterwards)
    }

    /// Publishes the changes while the values of all of them are locked, so that readers see all or none.
    ///
    /// Nobody else holds the locks of two values at once, so their order does not matter.
    private func show(_ changes: ArraySlice<StagedModel>, _ afterwards: inout Afterwards) {
        changes.first?.publish(&afterwards) { show(changes.dropFirst(), &$0) }
    }

    private func reserveAhead(_ core: inout Core) {
        let used = max(core.lastRevision, core.lastPublication)
        if store != nil, !core.isReserving, used + Self.reservation / 2 > core.numbersReserved {
            core.isReserving = true
            self.core.notifyAll()
        }
    }

    /// Takes the revision of a model's first value, whose loading counts as a publication.
    ///
    /// - Throws: ``StateError`` when no number is left and the store does not reserve more.
    func takeRevision() throws(StateError) -> UInt64 {
        let taken: Result<UInt64, StateError>? = core.wait { core in
            if core.isClosing { return .failure(.closed) }
            let isNumberLeft = max(core.lastRevision, core.lastPublication) < core.numbersReserved
            if !isNumberLeft, let error = core.reservationError { return .failure(error) }
            reserveAhead(&core)
            if !isNumberLeft { return nil }
            core.lastRevision += 1
            core.lastPublication += 1
            return .success(core.lastRevision)
        }
        return try (taken ?? .failure(.closed)).get()
    }

    /// Looks at several models at one moment between two publications.
    func atOneMoment<Result>(_ look: () -> sending Result) -> sending (publication: UInt64, result: Result) {
        core.withLock { core in (core.lastPublication, look()) }
    }

    /// Adds a subscription between two publications.
    ///
    /// - Throws: ``StateError`` with the code `closed`.
    func subscribe(_ add: () -> Void) throws(StateError) {
        try core.withLock { (core) throws(StateError) in
            if core.isClosing { throw .closed }
            add()
        }
    }

    // MARK: The writer

    /// Runs a call of the store on the writer's thread, between two batches, and waits for it.
    func withStore(_ call: @escaping @Sendable (any StateStore) throws -> Void) throws(StateError) {
        guard let store else { return }
        let done = Flush()
        let isTaken = core.withLock { core in
            if core.isClosing { return false }
            core.jobs.append {
                do {
                    try call(store)
                    done.end(nil)
                } catch {
                    done.end(StateError(wrapping: error))
                }
            }
            return true
        }
        guard isTaken else { throw .closed }
        core.notifyAll()
        try done.wait()
    }

    private func write(to store: any StateStore) {
        while let (entries, jobs, reservation) = nextWork() {
            for job in jobs { job() }
            if entries.isEmpty && reservation == nil { continue }
            do {
                let start = SuspendingClock.now
                // Before anybody who waits goes on, so that whoever looks at the page then finds it there.
                defer { observe(SuspendingClock.now - start, entries) }
                if entries.first?.clearsStore == true {
                    if let reservation { try store.commit(StoreBatch(documents: [], numbersReserved: reservation)) }
                    try store.clear()
                } else {
                    let batch = batch(of: entries, reservation: reservation)
                    if !batch.documents.isEmpty || reservation != nil { try store.commit(batch) }
                }
            } catch {
                fail(entries, StateError(wrapping: error), hasReserved: reservation == nil)
                if entries.isEmpty { pauseAfterFailedReservation() }
                continue
            }
            succeed(entries, reservation: reservation)
        }
        store.close(numbersUsed: core.withLock { max($0.lastRevision, $0.lastPublication) })
    }

    private func observe(_ duration: Duration, _ entries: [Entry]) {
        for cell in Set(entries.flatMap { $0.changes.filter(\.isDurable).map(\.cell) }) {
            cell.metrics.cache.observe(duration)
        }
    }

    private typealias Work = (entries: [Entry], jobs: [@Sendable () -> Void], reservation: UInt64?)

    /// Waits for work; nil when the queue was closed and everything is done.
    private func nextWork() -> Work? {
        let work: Work?? = core.wait { core -> Work?? in
            if core.queue.isEmpty && core.jobs.isEmpty && !core.isReserving {
                return core.isClosing ? .some(nil) : nil
            }
            // Emptying the store is a batch of its own.
            let count =
                core.queue.first?.clearsStore == true
                ? 1 : core.queue.firstIndex(where: \.clearsStore) ?? core.queue.count
            let entries = Array(core.queue.prefix(count))
            core.queue.removeFirst(count)
            let jobs = core.jobs
            core.jobs = []
            let used = max(core.lastRevision, core.lastPublication) + UInt64(core.queue.count + entries.count)
            return .some((entries, jobs, core.isReserving ? used + Self.reservation : nil))
        }
        return work ?? nil
    }

    /// Each model's last durable version.
    private func batch(of entries: [Entry], reservation: UInt64?) -> StoreBatch {
        var latest: [ObjectIdentifier: StoredDocument] = [:]
        for change in entries.flatMap(\.changes) where change.isDurable {
            latest[ObjectIdentifier(change.cell)] = change.storedDocument
        }
        return StoreBatch(documents: latest.values.sorted { $0.model < $1.model }, numbersReserved: reservation)
    }

    private func succeed(_ entries: [Entry], reservation: UInt64?) {
        if let reservation {
            core.withLock { core in
                core.numbersReserved = reservation
                core.isReserving = false
                core.reservationError = nil
            }
            core.notifyAll()
        }
        for entry in entries {
            var afterwards = Afterwards()
            core.withLock { core in
                for model in entry.staged {
                    if entry.clearsStore { model.cell.markNotStored() }
                    model.cell.waitingContexts -= 1
                }
                publish(entry.changes, &core, &afterwards)
            }
            afterwards.run()
        }
        for entry in entries { entry.flush.end(nil) }
    }

    private func fail(_ entries: [Entry], _ error: StateError, hasReserved: Bool) {
        let failed: [Entry] = core.withLock { core in
            // A failed reservation is tried again with the next batch, or after a pause.
            if !hasReserved { core.reservationError = error }
            var tainted: Set<ModelCell> = []
            var failed = entries
            for entry in entries { tainted.formUnion(entry.changes.map(\.cell)) }
            var kept: [Entry] = []
            var lastKept: [ModelCell: StagedModel] = [:]
            for entry in core.queue {
                if entry.staged.contains(where: { tainted.contains($0.cell) }) {
                    tainted.formUnion(entry.changes.map(\.cell))
                    failed.append(entry)
                } else {
                    kept.append(entry)
                    for change in entry.changes { lastKept[change.cell] = change }
                }
            }
            core.queue = kept
            for model in failed.flatMap(\.staged) { model.cell.waitingContexts -= 1 }
            for cell in tainted {
                // Back to what is still going to be written, else to what is published.
                let last = lastKept[cell]
                cell.dropPending(error, after: last?.outcome?.revision ?? 0, through: core.lastRevision)
                last?.becomePending()
            }
            return failed
        }
        if !hasReserved { core.notifyAll() }
        for entry in failed {
            countFailures(of: entry.staged, error)
            entry.flush.end(error)
        }
    }

    /// Keeps a store that refuses to reserve numbers from being asked without end.
    private func pauseAfterFailedReservation() {
        _ = core.wait(upTo: .milliseconds(200)) { core -> Bool? in
            !core.isReserving || core.isClosing || !core.queue.isEmpty ? true : nil
        }
        core.withLock { core in
            if core.isClosing { core.isReserving = false }
        }
    }

    /// Writes what is queued, then ends the writer and closes the store; may be called more than once.
    func close() {
        core.withLock { $0.isClosing = true }
        core.notifyAll()
        writer.withLock { $0 }?.join()
    }
}

/// What publishing leaves to do once the internal locks are free.
struct Afterwards {
    private var actions: [() -> Void] = []

    mutating func append(_ action: @escaping () -> Void) { actions.append(action) }

    func run() { for action in actions { action() } }
}

extension StateError {
    /// Leaves an error of the engine as it is and tells any other as a failure of the store.
    init(wrapping error: any Error) {
        self =
            error as? StateError
            ?? StateError(.storeFailed, "The store failed: \(error).", underlying: error)
    }
}
