internal import Primitives

/// Reports to the service manager at intervals that the process is alive, as long as its parts answer.
///
/// A part that is stuck answers no more, the manager misses the report, and starts the process again.
final class ServiceWatchdog: Sendable {
    private enum Phase: Sendable, Equatable { case pausing, asking, answered, ended }

    private let phase = Monitor(Phase.pausing)
    private let thread: WorkerThread

    /// Starts the watchdog.
    ///
    /// - Parameters:
    ///   - period: how long the manager waits for a report.
    ///   - report: sends one.
    ///   - ask: asks all parts, and calls its argument when they have answered; it must not wait itself.
    /// - Throws: `WorkerThread.StartError`.
    init(
        period: Duration,
        report: @escaping @Sendable () -> Void,
        ask: @escaping @Sendable (_ answered: @escaping @Sendable () -> Void) -> Void
    ) throws {
        let phase = phase
        thread = try WorkerThread {
            while true {
                // Half of the time, as sd_watchdog_enabled(3) has it. A clock that is set does not matter.
                let isOver: Bool? = phase.wait(upTo: period / 2) { $0 == .ended ? true : nil }
                if isOver != nil { return }
                phase.withLock { if $0 == .pausing { $0 = .asking } }
                ask {
                    phase.withLock { if $0 == .asking { $0 = .answered } }
                    phase.notifyAll()
                }
                let hasAnswer: Bool? = phase.wait { phase in
                    switch phase {
                    case .answered:
                        phase = .pausing
                        return true
                    case .ended: return false
                    case .pausing, .asking: return nil
                    }
                }
                guard hasAnswer == true else { return }
                report()
            }
        }
    }

    /// Ends it.
    func end() {
        phase.withLock { $0 = .ended }
        phase.notifyAll()
        thread.join()
    }
}
