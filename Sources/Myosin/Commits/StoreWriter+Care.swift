internal import Exposition
internal import Logging
internal import Primitives

/// What the writer's thread does beside writing commits: it looks after the store, and mends one that has failed.
extension StoreWriter {
    /// The size above which a log causes a warning.
    ///
    /// Only a program that keeps reading lets it grow that long.
    private static let longLogBytes = 64 * 1_024 * 1_024

    // MARK: Looking after the store

    /// Runs the store's upkeep, and warns of a long log.
    func upkeep(_ isLogLong: inout Bool) {
        let wakesWatchdog = state.withLock { state -> Bool? in
            state.hasBegunUpkeep = true
            // A store that has failed is opened or tried first.
            if state.isRecovering || state.isProbing { return nil }
            return state.beginCall(at: limits.clock.now)
        }
        guard let wakesWatchdog else { return }
        if wakesWatchdog { watchdog.wake() }
        do {
            let upkeep = try store.upkeep()
            let now = limits.clock.now
            state.withLock { state in
                state.endCall()
                state.upkeepTime = upkeep.nextCall.map { now + $0 }
            }
            metrics?.show(upkeep)
            guard let bytes = upkeep.logBytes else { return }
            if isLogLong == (bytes > Self.longLogBytes) { return }
            isLogLong.toggle()
            logger.warning(
                isLogLong
                    ? "The log of the store is long, since a program that reads the database keeps it from being shortened"
                    : "The log of the store is short again",
                metadata: ["store.logBytes": .stringConvertible(bytes)]
            )
        } catch {
            fail([], StoreBatch(), StateError(wrapping: error))
        }
    }

    /// Has the store report changes of its content from now on, unless it just has.
    ///
    /// Then the next check comes after a pause, so that a program which changes files all the time does not keep this one busy.
    ///
    /// - Returns: ends the watch; nil where there is none.
    func watchContent() -> (@Sendable () -> Void)? {
        let wasDisturbed = state.withLock { state in
            defer { state.isDisturbed = false }
            return state.isDisturbed
        }
        if wasDisturbed { return nil }
        return (store as? any WatchfulStore)?
            .watchContent { [weak self] in
                self?.state.withLock { $0.isDisturbed = true }
                self?.state.notifyAll()
            }
    }

    /// Checks that the committed documents are still there, and stores the times of changes again after the wall clock was set.
    func check() {
        beginCall()
        do {
            try store.check()
        } catch {
            return fail([], StoreBatch(), StateError(wrapping: error))
        }
        let batch = state.withLock { state in
            state.endCall()
            return state.takeMovedDocuments()
        }
        if !batch.isEmpty { _ = write(batch) }
    }

    /// Writes the published values again if the store has lost them, before the process ends and they are gone.
    func finish() {
        if !state.withLock({ $0.isRecovering }) { check() }
        if state.withLock({ $0.isRecovering }), !recover() {
            logger.error("The store is closed although it has failed, so it may lack what was published last")
        }
    }

    /// Writes what the store has already.
    ///
    /// - Returns: whether the store has taken it.
    func probe() -> Bool {
        write(state.withLock { StoreBatch(numbersReserved: $0.numbersReserved) })
    }

    private func write(_ batch: StoreBatch) -> Bool {
        beginCall()
        do {
            try store.commit(batch)
            succeed(batch)
            return true
        } catch {
            fail([], batch, StateError(wrapping: error))
            return false
        }
    }

    /// Notes that the store is being called, without a lock that the call would need.
    private func beginCall() {
        if state.withLock({ $0.beginCall(at: limits.clock.now) }) { watchdog.wake() }
    }

    // MARK: A store that has failed

    /// Opens the store anew and writes what is published.
    ///
    /// - Returns: whether the store works again.
    func recover() -> Bool {
        do {
            let content = try store.load()
            let unloaded = unloaded()
            let (batch, news) = state.withLock { state in
                let recovery = state.recovery(of: content, unloaded: unloaded, reservation: limits.numbersReserved)
                state.hasAttempted(recovery.batch)
                return recovery
            }
            try store.commit(batch)
            state.withLock { $0.endRecovery(with: batch, over: content) }
            state.notifyAll()
            if !news.isEmpty { adopt.withLock { $0 }(news) }
            hasToldFailure.withLock { $0 = false }
            tellRecovery()
            return true
        } catch {
            let error = StateError(wrapping: error)
            let isOther = state.withLock { state in
                defer { (state.storeError, state.refusal) = (error, .recovering(from: error)) }
                return state.storeError?.code != error.code
            }
            let isFirst = hasToldFailure.withLock { hasTold in
                defer { hasTold = true }
                return !hasTold
            }
            let isNews = isOther || isFirst
            // A store may be gone for days.
            if isNews { logger.error("The store could not be opened anew", metadata: ["error": "\(error)"]) }
            return false
        }
    }

    /// Tells everybody who waits for a store that does not answer; what is in flight may still succeed.
    func storeDoesNotRespond(_ state: inout CommitState) -> @Sendable () -> Void {
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
