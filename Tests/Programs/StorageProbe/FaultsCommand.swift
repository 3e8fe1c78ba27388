internal import Myosin
internal import TestSupport

/// Commits while the disk fails, says what came of it, and ends when commits on disk work.
///
/// It ends with status 3 when a promise is broken: reading and commits in memory go on whatever the store does, what has
/// failed is not visible, and commits on disk work again once nothing fails any more.
struct FaultsCommand {
    private let directory: String
    private let rounds: Int
    private let patience: Duration
    private let limits: EngineLimits

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - directory: where it commits.
    ///   - rounds: how often it commits everything.
    ///   - patience: for how long it tries what must work in the end; a fault may also last for ever.
    ///   - storeWait: how long a call of the store may take.
    init(directory: String, rounds: Int, patience: Duration, storeWait: Duration) {
        (self.directory, self.rounds, self.patience) = (directory, rounds, patience)
        limits = EngineLimits(
            storeWait: storeWait,
            storeLockWait: .milliseconds(10),
            reopeningPause: .milliseconds(2),
            maxReopeningPause: .milliseconds(4)
        )
    }

    func run() throws {
        let state: State
        do {
            state = try Storm.open(directory, limits: limits)
        } catch {
            return CommitRun.tell("open", error)
        }
        var run = CommitRun(state)
        let start = SuspendingClock.now
        for _ in 0..<rounds {
            run.commitSingle()
            run.commitPair()
            run.commitInMemory()
        }
        run.commitUntilItWorks(by: start + patience)
        state.close()
        run.look()
    }
}
