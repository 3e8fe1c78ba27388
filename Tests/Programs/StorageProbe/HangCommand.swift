internal import Glibc
internal import Myosin
internal import Primitives
internal import TestSupport

/// Commits while no flush returns, says what came of it, and ends when commits on disk work.
///
/// It waits for two lines of its standard input: one that comes once flushes hang, one when they return again. It ends with status
/// 3 when a promise is broken, as ``FaultsCommand`` does.
struct HangCommand {
    private let state: State
    private let clock: ManualClock

    init(directory: String) throws {
        let clock = ManualClock()
        let limits = EngineLimits(
            storeWait: .milliseconds(10),
            storeLockWait: patience,
            reopeningPause: .zero,
            maxReopeningPause: .zero,
            clock: clock
        )
        (state, self.clock) = (try Storm.open(directory, limits: limits), clock)
    }

    func run() throws {
        var run = CommitRun(state)
        for _ in 0..<4 {
            run.commitSingle()
            run.commitPair()
            run.commitInMemory()
        }
        wait(after: "waiting for flushes to hang")
        // The next commit can end only when the engine gives it up, for which the time goes on until it does.
        let isOver = Lock(false)
        let time = try WorkerThread { [clock] in
            while !isOver.withLock({ $0 }) {
                clock.advance(by: .seconds(1))
                usleep(1_000)
            }
        }
        run.commitSingle()
        isOver.withLock { $0 = true }
        time.join()
        run.commitPair()
        run.commitInMemory()
        wait(after: "waiting for flushes to return")
        run.commitUntilItWorks(by: SuspendingClock.now + patience)
        state.close()
        run.look()
        Output.write("ended")
    }

    private func wait(after line: String) {
        Output.write(line)
        if readLine() == nil { exit(1) }
    }
}
