internal import Logging
internal import Primitives

/// Writes to the store what waits in ``CommitQueue``, on a thread of its own, and opens a store anew that has failed.
///
/// After an error with an unknown outcome, such as that of a flush, a crash right then may keep what was being written. So
/// nothing durable is accepted until the store was opened anew, has checked its content and has written all published
/// values: then what the store has is known again. The pause before each try is twice the one before, up to a limit.
final class StoreWriter: Sendable {
    let store: any StateStore
    let commits: CommitQueue
    let state: Monitor<CommitState>
    let limits: EngineLimits
    let logger: Logger
    let metrics: StoreMetrics?
    let unloaded: @Sendable () -> [StoredDocument]
    let watchdog: StoreWatchdog
    private let hasEnded = Monitor(false)
    /// Gets what somebody else has stored; set once when the state is made.
    let adopt = Lock<@Sendable ([StoredDocument]) -> Void>({ _ in })
    /// Whether the log has the failure to open the store again.
    let hasToldFailure = Lock(false)
    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - store: where batches go.
    ///   - commits: publishes what is written.
    ///   - state: what waits.
    ///   - limits: how long the store may take, and how long to wait before it is tried again.
    ///   - logger: told when the store fails and when it works again.
    ///   - metrics: shows the sizes of the store.
    ///   - unloaded: the store's documents of models that are not loaded.
    /// - Throws: when the system has no thread to give.
    init(
        _ store: any StateStore,
        _ commits: CommitQueue,
        state: Monitor<CommitState>,
        limits: EngineLimits,
        logger: Logger,
        metrics: StoreMetrics?,
        unloaded: @escaping @Sendable () -> [StoredDocument]
    ) throws {
        (self.metrics, self.unloaded) = (metrics, unloaded)
        (self.store, self.commits, self.state) = (store, commits, state)
        (self.limits, self.logger) = (limits, logger)
        watchdog = StoreWatchdog(state, limits: limits)
        try watchdog.start { [self] in storeDoesNotRespond(&$0) }
        do {
            _ = try WorkerThread { [self] in run() }
        } catch {
            watchdog.close()
            throw error
        }
    }

    /// Hands on what somebody else stores, from now on.
    func watch(_ adopt: @escaping @Sendable ([StoredDocument]) -> Void) {
        self.adopt.withLock { $0 = adopt }
        store.watch(adopt)
    }

    /// Waits until the store is closed, unless it does not respond.
    func waitForEnd() {
        let isLate = state.withLock { $0.isLate }
        let deadline = limits.clock.now + (isLate ? .zero : limits.storeWait)
        let end: Bool? = limits.clock.wait(for: hasEnded, until: deadline) { $0 ? true : nil }
        if end == nil { logger.error("The store does not respond, so it was not closed") }
    }

    // MARK: The writer's thread

    private enum Work {
        case commit([PendingCommit], StoreBatch)
        case write(StoreBatch, CommitCompletion)
        case recover
        /// Write something without need, to see whether the store takes it again.
        case probe
        case upkeep
        /// Check that the committed documents are still in their place, with their times.
        case check
    }

    private func run() {
        var pause = limits.reopeningPause
        var isLogLong = false
        var endWatch: (@Sendable () -> Void)?
        while let work = nextWork(pause: pause, isWatched: endWatch != nil) {
            endWatch?()
            endWatch = nil
            switch work {
            case .commit(let contexts, let batch):
                commit(contexts, batch)
                if !batch.isEmpty { upkeep(&isLogLong) }
            case .write(let batch, let completion):
                write(batch, completion)
                upkeep(&isLogLong)
            case .recover:
                pause = recover() ? limits.reopeningPause : min(pause * 2, limits.maxReopeningPause)
            case .probe:
                pause = probe() ? limits.reopeningPause : min(pause * 2, limits.maxReopeningPause)
            case .upkeep: upkeep(&isLogLong)
            case .check:
                // Before the check, so that no change comes between.
                endWatch = watchContent()
                check()
                // Another program may have emptied the quarantine, which nothing else would show before the next commit.
                upkeep(&isLogLong)
            }
        }
        endWatch?()
        finish()
        OpenStores.close(store, numbersUsed: state.withLock { $0.numbersUsed })
        watchdog.close()
        hasEnded.withLock { $0 = true }
        hasEnded.notifyAll()
    }

    /// Waits for work; nil when the queue was closed and everything is done.
    ///
    /// - Parameters:
    ///   - pause: how long to wait before a store that has failed is tried again.
    ///   - isWatched: whether changes of the content are reported, so that it need not be checked.
    /// - Returns: the work.
    private func nextWork(pause: Duration, isWatched: Bool) -> Work? {
        let (idleWork, wait) = state.withLock { state -> (Work, Duration?) in
            if state.isRecovering { return (.recover, pause) }
            if state.isProbing { return (.probe, pause) }
            let untilUpkeep = state.upkeepTime.map { max(.zero, $0 - limits.clock.now) }
            if let untilUpkeep, untilUpkeep < limits.storeCheckPause { return (.upkeep, untilUpkeep) }
            return (.check, isWatched && untilUpkeep == nil ? nil : limits.storeCheckPause)
        }
        var wakesWatchdog = false
        let work: Work?? = limits.clock.wait(for: state, upTo: wait) { state -> Work?? in
            if state.isRecovering {
                // Only what needs no store can be waiting now.
                let contexts = state.takeFront()
                if !contexts.isEmpty { return .commit(contexts, StoreBatch()) }
                return state.isClosing ? .some(nil) : nil
            }
            if !state.writes.isEmpty {
                let write = state.writes.removeFirst()
                state.writing = write.completion
                wakesWatchdog = state.beginCall(at: limits.clock.now)
                return .write(write.batch, write.completion)
            }
            if state.queue.isEmpty && !state.isReserving {
                if state.isClosing { return .some(nil) }
                if state.isDisturbed { return .check }
                return state.hasBegunUpkeep || state.cells.isEmpty ? nil : .upkeep
            }
            let contexts = state.takeFront()
            let reservation = state.isReserving ? state.numbersUsed + limits.numbersReserved : nil
            let batch = state.batch(of: contexts, reserving: reservation)
            if !batch.isEmpty { wakesWatchdog = state.beginCall(at: limits.clock.now) }
            return .commit(contexts, batch)
        }
        if wakesWatchdog { watchdog.wake() }
        return work ?? idleWork
    }

    private func commit(_ contexts: [PendingCommit], _ batch: StoreBatch) {
        do {
            // Before anybody who waits goes on, so that whoever looks at the page then finds it there.
            let stopwatch = Stopwatch()
            defer { observe(stopwatch, contexts) }
            if !batch.isEmpty { try store.commit(batch) }
        } catch {
            fail(contexts, batch, StateError(wrapping: error))
            if contexts.isEmpty { pauseAfterFailedReservation() }
            return
        }
        succeed(batch)
        commits.publish(contexts)
    }

    private func observe(_ stopwatch: Stopwatch, _ contexts: [PendingCommit]) {
        let seconds = stopwatch.seconds
        var cells: Set<ModelCell> = []
        for context in contexts {
            for change in context.changes where change.isDurable {
                // One context has each model once.
                if contexts.count > 1, !cells.insert(change.cell).inserted { continue }
                change.cell.metrics.cache.observe(seconds: seconds)
            }
        }
    }

    private func write(_ batch: StoreBatch, _ completion: CommitCompletion) {
        do {
            try store.commit(batch)
            // Whoever has not waited so long tries again, and must find what was written.
            if completion.hasEnded { adopt.withLock { $0 }(batch.documents) }
            succeed(batch)
            completion.end(nil)
        } catch {
            let error = StateError(wrapping: error)
            fail([], batch, error)
            completion.end(error)
        }
    }

    func succeed(_ batch: StoreBatch) {
        if batch.isEmpty { return }
        let former = state.withLock { state in
            defer { state.hasStored(batch) }
            state.endCall()
            return state.storeError
        }
        state.notifyAll()
        if former != nil { tellRecovery() }
    }

    func tellRecovery() { logger.warning("The store works again") }

    func fail(_ contexts: [PendingCommit], _ batch: StoreBatch, _ error: StateError) {
        let refusal = error.code.leavesStoreUsable ? nil : StateError.recovering(from: error)
        let (isNews, failed, refused, writes) = state.withLock { state in
            state.endCall()
            let isNews = state.storeError?.code != error.code
            (state.storeError, state.refusal) = (error, refusal)
            let failed = state.fail(contexts, error)
            guard let refusal else { return (isNews, failed, [PendingCommit](), [CommitCompletion]()) }
            state.isRecovering = true
            state.hasAttempted(batch)
            for cell in state.cells { cell.forgetStored() }
            defer { state.writes = [] }
            return (
                isNews, failed, state.fail(state.queue.filter(\.needsStore), refusal), state.writes.map(\.completion)
            )
        }
        // Whoever waits for a number hears of it too.
        state.notifyAll()
        commits.end(failed, error)
        guard let refusal else {
            if isNews { logger.warning("The store refuses commits", metadata: ["error": "\(error)"]) }
            return
        }
        commits.end(refused, refusal)
        for completion in writes { completion.end(refusal) }
        logger.error("The store has failed and is going to be opened anew", metadata: ["error": "\(error)"])
    }

    /// Keeps a store that refuses to reserve numbers from being asked without end.
    private func pauseAfterFailedReservation() {
        _ = state.wait(upTo: .milliseconds(200)) { state -> Bool? in
            !state.isReserving || state.isRecovering || state.isClosing || !state.queue.isEmpty || !state.writes.isEmpty
                ? true : nil
        }
        state.withLock { state in
            if state.isClosing { state.isReserving = false }
        }
    }
}
