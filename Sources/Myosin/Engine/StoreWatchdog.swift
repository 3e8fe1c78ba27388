internal import Locking

/// Notices that a call of the store does not return, on a thread of its own.
///
/// While calls follow each other it looks once in a while and is not woken by them.
final class StoreWatchdog: Sendable {
    private enum Sign { case call, end }

    private enum Finding { case late, nothing, callSince(SuspendingClock.Instant) }

    private let limits: EngineLimits
    private let core: Monitor<CommitCore>
    private let sign = Monitor<Sign?>(nil)

    /// Makes a watchdog that does not watch yet.
    ///
    /// - Parameters:
    ///   - core: says since when the store has been called.
    ///   - limits: how long a call may take, and by which clock.
    init(_ core: Monitor<CommitCore>, limits: EngineLimits) { (self.core, self.limits) = (core, limits) }

    /// Starts the thread.
    ///
    /// - Parameter whenLate: called with the lock held, once for each call that takes too long; what it gives is run
    ///   without the lock.
    /// - Throws: when the system has no thread to give.
    func start(_ whenLate: @escaping @Sendable (inout CommitCore) -> @Sendable () -> Void) throws {
        _ = try WorkerThread { [self] in
            while true {
                var wait: Duration?
                switch look() {
                case .nothing: break
                case .callSince(let start): wait = max(.zero, start + limits.storeWait - limits.now())
                case .late:
                    // Looks once more, since the call may have returned meanwhile.
                    let action: (@Sendable () -> Void)? = core.withLock { core in isLate(core) ? whenLate(&core) : nil }
                    action?()
                    continue
                }
                let sign: Sign? = sign.wait(upTo: wait) { sign in
                    defer { if sign == .call { sign = nil } }
                    return sign
                }
                if sign == .end { return }
            }
        }
    }

    /// Wakes the thread that has found no call; to be called when one begins and the core says that it is idle.
    func wake() {
        sign.withLock { if $0 == nil { $0 = .call } }
        sign.notifyAll()
    }

    /// Ends the thread.
    func close() {
        sign.withLock { $0 = .end }
        sign.notifyAll()
    }

    private func isLate(_ core: CommitCore) -> Bool {
        !core.isLate && core.callStart.map { $0 + limits.storeWait <= limits.now() } ?? false
    }

    private func look() -> Finding {
        core.withLock { core in
            if isLate(core) { return .late }
            guard !core.isLate, let start = core.callStart else {
                core.isWatchdogIdle = true
                return .nothing
            }
            return .callSince(start)
        }
    }
}
