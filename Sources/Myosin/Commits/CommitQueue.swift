internal import Exposition
internal import Logging
internal import Primitives

/// Gives commits their numbers and publishes them in order, once they are durable.
///
/// Every context ends here, under one internal lock for the engine. A context that wrote nothing durable, built on
/// nothing pending and changes nothing that a waiting context has seen is published at once. Any other is queued;
/// ``StoreWriter`` takes the whole queue, writes it to the store as one batch while no lock is held, and what was in it is
/// published.
///
/// Why nothing is lost or seen early: a model's pending version is known only to contexts that hold the model's lock,
/// so the pending versions of a model form a chain in the order of the queue. Publication happens only here, in the
/// order of the queue, after the store has the batch. When a batch fails, each of its commits fails, and so does, in
/// the order of the queue, each later one that touched a model which a failed one had changed; a context that is
/// still running on such a version finds out when it ends, by ``ModelCell/failure(of:)``. A model that a failed commit
/// had changed goes back to the last version in the queue that has not failed, else to the published one.
///
/// Why there is one order of all contexts, which every reader sees: it is that of publication. A context that only read
/// takes its place when its commits are durable, and what it has read has not been overwritten visibly until then, as above.
/// The values of one context become visible while all of them are locked, so nobody sees some of them only.
final class CommitQueue: Sendable {
    let limits: EngineLimits
    let logger: Logger
    /// The longest document, where the model itself has no limit.
    var maxDocumentBytes: Int { limits.maxDocumentBytes }
    let state: Monitor<CommitState>
    let hasStore: Bool
    /// The last number that may have been used before this process.
    let firstPublication: UInt64
    /// In which its numbers count: those of another one say nothing of these.
    let incarnation: String
    /// Set once in `init`, and nil again when the queue is closed.
    private let writer = Lock<StoreWriter?>(nil)

    /// Makes the queue; without a store numbers begin at the clock, so that none is used twice.
    ///
    /// - Parameters:
    ///   - store: where durable commits go.
    ///   - content: what the store has.
    ///   - limits: how many contexts may wait for the disk, and for how long.
    ///   - logger: told when the store fails and when it works again.
    ///   - metrics: shows the sizes of the store.
    ///   - unloaded: the store's documents of models that are not loaded, to write them to a store whose files are created again.
    /// - Throws: ``StateError`` when the store can't reserve numbers or no thread can be started.
    init(
        store: (any StateStore)?,
        content: StoredState,
        limits: EngineLimits,
        logger: Logger,
        metrics: StoreMetrics? = nil,
        unloaded: @escaping @Sendable () -> [StoredDocument] = { [] }
    ) throws(StateError) {
        (self.limits, hasStore, self.logger) = (limits, store != nil, logger)
        incarnation = content.knownIncarnation ?? StoredState.makeIncarnation()
        guard let store else {
            // A clock without a battery may stand before 1970.
            let first = UInt64(max(0, limits.clock.secondsSince1970) * 1_000_000)
            state = Monitor(CommitState(numbersUsed: first, numbersReserved: .max))
            firstPublication = first
            return
        }
        let first = content.numbersReserved
        let reserved = content.numbersGranted ?? first + limits.numbersReserved
        firstPublication = first
        var state = CommitState(numbersUsed: first, numbersReserved: reserved)
        for document in content.documents where document.revision > 0 || !document.isIntact {
            state.storedRevisions[document.model] = document.revision
        }
        self.state = Monitor(state)
        do {
            if content.numbersGranted == nil { try store.commit(StoreBatch(numbersReserved: reserved)) }
            let writer = try StoreWriter(
                store,
                self,
                state: self.state,
                limits: limits,
                logger: logger,
                metrics: metrics,
                unloaded: unloaded
            )
            self.writer.withLock { $0 = writer }
        } catch {
            throw StateError(wrapping: error)
        }
    }

    /// The present moment, for the time of a change.
    var moment: ChangeTime.Moment { limits.clock.moment }

    /// Why the store's last write has failed; nil when it has not.
    var storeError: StateError? { state.withLock { $0.storeError } }

    /// Hands on what the store finds that somebody else has stored, from now on.
    func watch(_ adopt: @escaping @Sendable ([StoredDocument]) -> Void) { writer.withLock { $0 }?.watch(adopt) }

    // MARK: Models

    /// Makes models known, of which the store may have documents, and forgets others, of which it may keep them.
    ///
    /// That is a publication; the models that come have taken their revisions, and for those that go one is taken.
    func add(_ added: [ModelCell], removing removed: [ModelCell] = []) {
        state.withLock { state in
            if !removed.isEmpty {
                let gone = Set(removed)
                state.cells.removeAll { gone.contains($0) }
            }
            state.cells += added
            state.lastPublication += UInt64(added.count + (removed.isEmpty ? 0 : 1))
            if !removed.isEmpty { state.lastRemoval = state.lastPublication }
            for cell in added { cell.published.publication = state.lastPublication }
            tell(added.map { DocumentSnapshot($0, $0.published) }, removed: removed.map(\.name), state)
        }
        // The writer looks after the store from when there is a model.
        state.notifyAll()
    }

    private func tell(_ changes: [DocumentSnapshot], removed: [String] = [], _ state: CommitState) {
        let publication = Publication(
            incarnation: incarnation,
            number: state.lastPublication,
            changes: changes,
            removed: removed
        )
        for observer in state.observers { observer.tell(publication) }
    }

    /// Tells an observer of every publication from now on.
    func add(_ observer: PublicationObserver) { state.withLock { $0.observers.append(observer) } }

    /// Tells an observer of no further publication.
    func remove(_ observer: PublicationObserver) { state.withLock { $0.observers.removeAll { $0 === observer } } }

    /// The revision of the stored document of a model, as far as this process knows; 0 if none is stored.
    func storedRevision(of model: String) -> UInt64 { state.withLock { $0.storedRevisions[model] ?? 0 } }

    /// The number of the last publication with which models have gone; 0 if none have.
    var lastRemoval: UInt64 { state.withLock { $0.lastRemoval } }

    /// The number of the last publication.
    var lastPublication: UInt64 { state.withLock { $0.lastPublication } }

    /// Looks at several models at one moment between two publications.
    func atOneMoment<Result>(_ look: () -> sending Result) -> sending (publication: UInt64, result: Result) {
        state.withLock { state in (state.lastPublication, look()) }
    }

    /// Adds a subscription between two publications.
    ///
    /// - Throws: ``StateError`` with the code `closed`.
    func subscribe(_ add: (inout CommitState) throws(StateError) -> Void) throws(StateError) {
        try state.withLock { (state) throws(StateError) in
            if state.isClosing { throw .closedError }
            try add(&state)
        }
    }

    // MARK: The end of a context

    /// Ends a context whose model locks are still held.
    ///
    /// - Parameters:
    ///   - staged: the models it checked out or committed.
    ///   - extra: what goes to the store with it, beside what it has committed.
    /// - Returns: what tells when everything that the context read or wrote is durable and published, or has failed;
    ///   nil when that is so already.
    /// - Throws: ``StateError`` when the context cannot take effect.
    func finish(_ staged: [StagedModel], with extra: StoreBatch? = nil) throws(StateError) -> CommitCompletion? {
        var actions = PostCommitActions(tracing: logger)
        defer { actions.run() }
        do {
            let completion = try state.withLock { (state) throws(StateError) in
                try finish(staged, extra, &state, &actions)
            }
            if completion != nil { state.notifyAll() }
            return completion
        } catch {
            countFailures(of: staged, error)
            throw error
        }
    }

    private func finish(
        _ staged: [StagedModel],
        _ extra: StoreBatch?,
        _ state: inout CommitState,
        _ actions: inout PostCommitActions
    ) throws(StateError) -> CommitCompletion? {
        for model in staged {
            if let error = model.baseFailure() { throw error }
        }
        // A cleared store has none of the models any more, also those that keep their value: a durable commit of an
        // equal value must wait behind the clearing and write again.
        let isAll = extra?.isClearing == true || staged.allSatisfy(\.isChange)
        let changes = isAll ? staged : staged.filter(\.isChange)
        // Also what overwrites a value that a waiting context has read becomes visible after that one.
        let touchesPending =
            staged.contains { $0.cell.hasPending } || changes.contains { $0.cell.waitingContexts > 0 }
        if changes.isEmpty && !touchesPending && extra?.isEmpty != false {
            actions.trace(staged)
            return nil
        }
        if state.isClosing { throw .closedError }
        let revision = state.lastRevision + 1
        let needsStore = PendingCommit.needsStore(changes, extra)
        let isNumbered = max(revision, state.lastPublication + 1) <= state.numbersReserved
        let isPublishedNow = !needsStore && !touchesPending && isNumbered
        if !isPublishedNow {
            // What needs no store only waits for its turn, which comes before the store is opened anew.
            if let refusal = state.refusal, needsStore || !isNumbered || !state.isRecovering { throw refusal }
            if state.queue.count >= limits.maxPendingContexts {
                throw StateError(.busy, "\(state.queue.count) contexts wait for the disk already. Try again later.")
            }
        }
        if changes.contains(where: { $0.isNewValue }) { state.lastRevision = revision }
        let now = moment
        for change in changes { change.makeVersion(revision: revision, at: now) }
        reserveAhead(&state)
        if isPublishedNow {
            publish(changes, &state, &actions)
            return nil
        }
        for change in changes { change.becomePending() }
        for model in staged { model.cell.waitingContexts += 1 }
        let pending = PendingCommit(staged, changes: changes, extra: extra)
        state.queue.append(pending)
        return pending.completion
    }

    private func countFailures(of staged: [StagedModel], _ error: StateError) {
        for model in staged where model.isCommit { model.cell.metrics.countFailure(error) }
    }

    // MARK: Publication

    /// Publishes contexts that the writer had taken, and ends their waiting.
    func publish(_ contexts: [PendingCommit]) {
        for context in contexts {
            var actions = PostCommitActions(tracing: logger)
            state.withLock { state in
                for model in context.staged { model.cell.waitingContexts -= 1 }
                publish(context.changes, &state, &actions)
                state.inFlight.removeFirst()
            }
            actions.run()
        }
        for context in contexts { context.completion.end(nil) }
    }

    private func publish(_ changes: [StagedModel], _ state: inout CommitState, _ actions: inout PostCommitActions) {
        actions.trace(changes)
        for change in changes {
            if let stored = change.adoptedRevision { state.storedRevisions[change.cell.name] = stored }
        }
        guard changes.contains(where: { $0.isNewValue }) else {
            for change in changes { change.settle() }
            return
        }
        state.lastPublication += 1
        for change in changes {
            change.publication = state.lastPublication
            if change.isNewValue { change.outcome.publication = state.lastPublication }
        }
        show(changes[...], &actions)
        for joint in state.joints { joint.offer(changes, &actions) }
        guard !state.observers.isEmpty else { return }
        tell(
            changes.filter(\.isNewValue).map { DocumentSnapshot($0.cell, $0.outcome) },
            state
        )
    }

    /// Publishes the changes while the values of all of them are locked, so that readers see all or none.
    ///
    /// Nobody else holds the locks of two values at once, so their order does not matter.
    private func show(_ changes: ArraySlice<StagedModel>, _ actions: inout PostCommitActions) {
        changes.first?.publish(&actions) { show(changes.dropFirst(), &$0) }
    }

    /// Ends the waiting of contexts that have failed.
    func end(_ failed: [PendingCommit], _ error: StateError) {
        for context in failed {
            // Whoever looks at the page then finds it there.
            context.completion.end(error) { countFailures(of: context.staged, error) }
        }
    }

    /// Writes what is queued, then ends the writer and closes the store; may be called more than once.
    func close() {
        state.withLock { $0.isClosing = true }
        state.notifyAll()
        writer.withLock { $0 }?.waitForEnd()
        // The writer refers to this queue, too.
        writer.withLock { $0 = nil }
    }
}
