import Primitives
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite struct WorkerThreadTests {
    @Test func joinWaitsUntilTheClosureHasReturned() throws {
        let gate = Monitor(false)
        let steps = Lock<[String]>([])
        let thread = try WorkerThread {
            _ = gate.wait { $0 ? true : nil }
            steps.withLock { $0.append("thread") }
        }
        steps.withLock { $0.append("before") }
        gate.withLock { $0 = true }
        gate.notifyAll()
        thread.join()
        steps.withLock { $0.append("after") }
        #expect(steps.withLock { $0 } == ["before", "thread", "after"])
    }

    @Test func joiningTwiceReturnsAtOnce() throws {
        let thread = try WorkerThread {}
        thread.join()
        thread.join()
    }

    @Test func aThreadKnowsItselfAndDoesNotWaitForItself() throws {
        let handed = Monitor<WorkerThread?>(nil)
        let answers = Lock<[Bool]>([])
        let thread = try WorkerThread {
            guard let own = handed.wait(until: { $0 }) else { return }
            answers.withLock { $0.append(own.isCurrent) }
            own.join()
            answers.withLock { $0.append(true) }
        }
        #expect(!thread.isCurrent)
        handed.withLock { $0 = thread }
        handed.notifyAll()
        thread.join()
        #expect(answers.withLock { $0 } == [true, true])
    }

    @Test func theClosureIsReleasedWhenTheThreadHasEnded() throws {
        final class Token: Sendable {}
        weak var released: Token?
        do {
            let token = Token()
            released = token
            try WorkerThread { withExtendedLifetime(token) {} }.join()
        }
        #expect(released == nil)
    }

    @Test func aThreadThatNobodyHoldsRunsToItsEnd() throws {
        let isDone = Monitor(false)
        _ = try WorkerThread {
            isDone.withLock { $0 = true }
            isDone.notifyAll()
        }
        #expect(isDone.wait { $0 ? true : nil } == true)
    }

    @Test func signalsAreBlockedInTheThreadAndNotInTheCaller() throws {
        @Sendable func isBlocked(_ signal: Int32) -> Bool {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            return sigismember(&mask, signal) == 1
        }
        let before = isBlocked(SIGUSR2)
        let blocked = Lock<[Bool]>([])
        let thread = try WorkerThread { blocked.withLock { $0 = [SIGINT, SIGTERM, SIGHUP, SIGUSR2].map(isBlocked) } }
        thread.join()
        #expect(blocked.withLock { $0 } == [true, true, true, true])
        #expect(isBlocked(SIGUSR2) == before)
    }
}
