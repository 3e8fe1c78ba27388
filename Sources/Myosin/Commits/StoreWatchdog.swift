internal import Primitives

/// Notices that a call of the store does not return, on a thread of its own.
///
/// While calls follow each other it looks once in a while and is not woken by them.
final class StoreWatchdog: Sendable {
    private enum Sign { case call, end }

    private enum Finding { case late, nothing, callSince(SuspendingClock.Instant) }

    private let limits: EngineLimits
    private let state: Monitor<CommitState>
    private let sign = Monitor<Sign?>(nil)

    /// Makes a watchdog that does not watch yet.
    ///
    /// - Parameters:
    ///   - state: says since when the store has been called.
    ///   - limits: how long a call may take, and by which clock.
    init(_ state: Monitor<CommitState>, limits: EngineLimits) { (self.state, self.limits) = (state, limits) }

    /// Starts the thread.
    ///
    /// - Parameter whenLate: called with the lock held, once for each call that takes too long; what it gives is run
    ///   without the lock.
    /// - Throws: when the system has no thread to give.
    func start(_ whenLate: @escaping @Sendable (inout CommitState) -> @Sendable () -> Void) throws {
        _ = try WorkerThread { [self] in
            while true {
                var deadline: SuspendingClock.Instant?
                switch look() {
                case .nothing: break
                case .callSince(let start): deadline = start + limits.storeWait
                case .late:
                    // Looks once more, since the call may have returned meanwhile.
                    let action: (@Sendable () -> Void)? = state.withLock { state in
                        isLate(state) ? whenLate(&state) : nil
                    }
                    action?()
                    continue
                }
                let sign: Sign? = limits.clock.wait(for: sign, until: deadline) { sign in
                    defer { if sign == .call { sign = nil } }
                    return sign
                }
                if sign == .end { return }
            }
        }
    }

    /// Wakes the thread that has found no call; to be called when one begins and the state says that it is idle.
    func wake() {
        sign.withLock { if $0 == nil { $0 = .call } }
        sign.notifyAll()
    }

    /// Ends the thread.
    func close() {
        sign.withLock { $0 = .end }
        sign.notifyAll()
    }

    private func isLate(_ state: CommitState) -> Bool {
        !state.isLate && state.callStart.map { $0 + limits.storeWait <= limits.clock.now } ?? false
    }

    private func look() -> Finding {
        state.withLock { state in
            if isLate(state) { return .late }
            guard !state.isLate, let start = state.callStart else {
                state.isWatchdogIdle = true
                return .nothing
            }
            return .callSince(start)
        }
    }
}
