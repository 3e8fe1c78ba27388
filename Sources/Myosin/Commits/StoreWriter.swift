internal import Exposition
internal import Logging
internal import Primitives

/// Writes to the store what waits in ``CommitQueue``, on a thread of its own, and opens a store anew that has failed.
///
/// After an error with an unknown outcome, such as that of a flush, a crash right then may keep what was being written. So
/// nothing durable is accepted until the store was opened anew, has checked its content and has written all published
/// values: then what the store has is known again. The pause before each try is twice the one before, up to a limit.
final class StoreWriter: Sendable {
    private let store: any StateStore
    private let commits: CommitQueue
    private let state: Monitor<CommitState>
    private let limits: EngineLimits
    private let logger: Logger
    private let watchdog: StoreWatchdog
    private let hasEnded = Monitor(false)
    /// Gets what somebody else has stored; set once when the state is made.
    private let adopt = Lock<@Sendable ([StoredDocument]) -> Void>({ _ in })

    /// Starts the thread.
    ///
    /// - Throws: when the system has no thread to give.
    init(
        _ store: any StateStore,
        _ commits: CommitQueue,
        state: Monitor<CommitState>,
        limits: EngineLimits,
        logger: Logger
    ) throws {
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
        let deadline = limits.now() + (isLate ? .zero : limits.storeWait)
        var end: Bool?
        // Repeated, because the monitor waits by the system's clock and the limit may be by another.
        repeat {
            end = hasEnded.wait(upTo: deadline - limits.now()) { $0 ? true : nil }
        } while end == nil && limits.now() < deadline
        if end == nil { logger.error("The store does not respond, so it was not closed") }
    }

    // MARK: The writer's thread

    private enum Work {
        case commit([PendingCommit], StoreBatch)
        case write(StoreBatch, CommitCompletion)
        case recover
    }

    private func run() {
        var pause = limits.reopeningPause
        while let work = nextWork(pause: pause) {
            switch work {
            case .commit(let contexts, let batch): commit(contexts, batch)
            case .write(let batch, let completion): write(batch, completion)
            case .recover:
                pause = recover() ? limits.reopeningPause : min(pause * 2, limits.maxReopeningPause)
            }
        }
        store.close(numbersUsed: state.withLock { $0.numbersUsed })
        watchdog.close()
        hasEnded.withLock { $0 = true }
        hasEnded.notifyAll()
    }

    /// Waits for work; nil when the queue was closed and everything is done.
    private func nextWork(pause: Duration) -> Work? {
        let isRecovering = state.withLock { $0.isRecovering }
        var wakesWatchdog = false
        let work: Work?? = state.wait(upTo: isRecovering ? pause : nil) { state -> Work?? in
            if state.isRecovering {
                // Only what needs no store can be waiting now.
                let contexts = state.takeFront()
                if !contexts.isEmpty { return .commit(contexts, StoreBatch()) }
                return state.isClosing ? .some(nil) : nil
            }
            if !state.writes.isEmpty {
                let write = state.writes.removeFirst()
                state.writing = write.completion
                wakesWatchdog = state.beginCall(at: limits.now())
                return .write(write.batch, write.completion)
            }
            if state.queue.isEmpty && !state.isReserving { return state.isClosing ? .some(nil) : nil }
            let contexts = state.takeFront()
            let reservation = state.isReserving ? state.numbersUsed + limits.numbersReserved : nil
            let batch = state.batch(of: contexts, reserving: reservation)
            if !batch.isEmpty { wakesWatchdog = state.beginCall(at: limits.now()) }
            return .commit(contexts, batch)
        }
        if wakesWatchdog { watchdog.wake() }
        return work ?? .recover
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
        for cell in Set(contexts.flatMap { $0.changes.filter(\.isDurable).map(\.cell) }) {
            cell.metrics.cache.observe(seconds: seconds)
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

    private func succeed(_ batch: StoreBatch) {
        if batch.isEmpty { return }
        state.withLock { state in
            state.endCall()
            state.hasStored(batch)
        }
        state.notifyAll()
    }

    private func fail(_ contexts: [PendingCommit], _ batch: StoreBatch, _ error: StateError) {
        let refusal = error.code.leavesStoreUsable ? nil : StateError.recovering(from: error)
        let (failed, refused, writes) = state.withLock { state in
            state.endCall()
            (state.storeError, state.refusal) = (error, refusal)
            let failed = state.fail(contexts, error)
            guard let refusal else { return (failed, [PendingCommit](), [CommitCompletion]()) }
            state.isRecovering = true
            state.hasAttempted(batch)
            for cell in state.cells { cell.forgetStored() }
            defer { state.writes = [] }
            return (failed, state.fail(state.queue.filter(\.needsStore), refusal), state.writes.map(\.completion))
        }
        // Whoever waits for a number hears of it too.
        state.notifyAll()
        commits.end(failed, error)
        guard let refusal else { return }
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

    // MARK: A store that has failed

    /// Opens the store anew and writes what is published.
    ///
    /// - Returns: whether the store works again.
    private func recover() -> Bool {
        do {
            let content = try store.load()
            let (batch, news) = state.withLock { state in
                let recovery = state.recovery(of: content, reservation: limits.numbersReserved)
                state.hasAttempted(recovery.batch)
                return recovery
            }
            try store.commit(batch)
            state.withLock { $0.endRecovery(with: batch, over: content) }
            state.notifyAll()
            if !news.isEmpty { adopt.withLock { $0 }(news) }
            logger.notice("The store works again")
            return true
        } catch {
            let error = StateError(wrapping: error)
            let isNews = state.withLock { state in
                defer { (state.storeError, state.refusal) = (error, .recovering(from: error)) }
                return state.storeError?.code != error.code
            }
            // A store may be gone for days.
            if isNews { logger.error("The store could not be opened anew", metadata: ["error": "\(error)"]) }
            return false
        }
    }

    /// Tells everybody who waits for a store that does not answer; what is in flight may still succeed.
    private func storeDoesNotRespond(_ state: inout CommitState) -> @Sendable () -> Void {
        let error = StateError.notResponding(for: limits.storeWait)
        (state.storeError, state.refusal, state.isLate) = (error, error, true)
        let contexts = state.inFlight + state.fail(state.queue, error)
        let completions = state.writes.map(\.completion) + (state.writing.map { [$0] } ?? [])
        state.writes = []
        return { [self] in
            self.state.notifyAll()
            commits.end(contexts, error)
            for completion in completions { completion.end(error) }
            logger.error("The store does not respond")
        }
    }
}
