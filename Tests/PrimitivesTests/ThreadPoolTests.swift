import Primitives
import TestSupport
import Testing

@Suite struct ThreadPoolTests {
    @Test func jobsOfOneThreadRunInOrder() throws {
        let pool = ThreadPool(maxThreads: 1)
        try pool.start()
        let order = Lock<[Int]>([])
        for number in 0..<1_000 { pool.run { order.withLock { $0.append(number) } } }
        pool.close()
        #expect(order.withLock { $0 } == Array(0..<1_000))
    }

    @Test func aBusyThreadKeepsNobodyWaitingUntilAllAreBusy() throws {
        let pool = ThreadPool(maxThreads: 3)
        try pool.start()
        let (running, mayEnd) = (Monitor(0), Monitor(false))
        for _ in 0..<5 {
            pool.run {
                running.withLock { $0 += 1 }
                running.notifyAll()
                _ = mayEnd.wait { $0 ? true : nil }
            }
        }
        #expect(running.wait(upTo: patience) { $0 == 3 ? true : nil } == true)
        #expect(pool.threadCount == 3)
        mayEnd.withLock { $0 = true }
        mayEnd.notifyAll()
        pool.close()
        #expect(running.withLock { $0 } == 5)
        #expect(pool.threadCount == 0)
    }

    @Test func idleThreadsEndButForTheLast() throws {
        let pool = ThreadPool(maxThreads: 4, maxIdle: .milliseconds(1))
        try pool.start()
        let (arrived, mayEnd) = (Monitor(0), Monitor(false))
        for _ in 0..<4 {
            pool.run {
                arrived.withLock { $0 += 1 }
                arrived.notifyAll()
                _ = mayEnd.wait { $0 ? true : nil }
            }
        }
        #expect(arrived.wait(upTo: patience) { $0 == 4 ? true : nil } == true)
        mayEnd.withLock { $0 = true }
        mayEnd.notifyAll()
        try waitUntil { pool.threadCount == 1 }
        let done = Monitor(false)
        pool.run {
            done.withLock { $0 = true }
            done.notifyAll()
        }
        #expect(done.wait(upTo: patience) { $0 ? true : nil } == true)
        pool.close()
    }

    @Test func aThreadRunsWhatItsJobHandsOn() throws {
        let pool = ThreadPool(maxThreads: 4)
        try pool.start()
        let (order, isDone) = (Lock<[Int]>([]), Monitor(false))
        @Sendable func step(_ number: Int) {
            guard number < 1_000 else {
                isDone.withLock { $0 = true }
                return isDone.notifyAll()
            }
            pool.runNext { step(number + 1) }
            order.withLock { $0.append(number) }
        }
        pool.run { step(0) }
        #expect(isDone.wait(upTo: patience) { $0 ? true : nil } == true)
        #expect(order.withLock { $0 } == Array(0..<1_000), "none ran before the job that had handed it on was over")
        #expect(pool.threadCount == 1)
        pool.close()
    }

    @Test func ofTwoJobsThatAreHandedOnAnotherThreadRunsOne() throws {
        let pool = ThreadPool(maxThreads: 2)
        try pool.start()
        let running = Monitor(0)
        pool.run {
            for _ in 0..<2 {
                pool.runNext {
                    running.withLock { $0 += 1 }
                    running.notifyAll()
                    // Each waits for the other.
                    #expect(running.wait(upTo: patience) { $0 == 2 ? true : nil } == true)
                }
            }
        }
        #expect(running.wait(upTo: patience) { $0 == 2 ? true : nil } == true)
        pool.close()
    }

    @Test func elsewhereHandingOnIsRunning() throws {
        let (pool, other) = (ThreadPool(maxThreads: 1), ThreadPool(maxThreads: 1))
        try pool.start()
        try other.start()
        let isDone = Monitor(false)
        // Here, and in a job of another pool, nobody follows.
        pool.runNext {
            other.runNext {
                isDone.withLock { $0 = true }; isDone.notifyAll()
            }
        }
        #expect(isDone.wait(upTo: patience) { $0 ? true : nil } == true)
        pool.close()
        other.close()
        #expect(!pool.runNext {})
    }

    @Test func aPoolThatIsNotOpenRefusesWork() throws {
        let pool = ThreadPool(maxThreads: 1)
        #expect(!pool.run {})
        try pool.start()
        pool.close()
        #expect(!pool.run {})
        try pool.start()
        #expect(!pool.run {}, "a closed pool stays closed")
    }

    @Test func aJobMayCloseItsPool() throws {
        let pool = ThreadPool(maxThreads: 2)
        try pool.start()
        let isClosed = Monitor(false)
        pool.run {
            pool.close()
            isClosed.withLock { $0 = true }
            isClosed.notifyAll()
        }
        #expect(isClosed.wait(upTo: patience) { $0 ? true : nil } == true)
    }

    @Test func manyThreadsGiveWorkAtOnce() throws {
        let pool = ThreadPool(maxThreads: 4, maxIdle: .milliseconds(1))
        try pool.start()
        let count = Lock(0)
        let givers = try (0..<4)
            .map { _ in
                try WorkerThread { for _ in 0..<2_000 { pool.run { count.withLock { $0 += 1 } } } }
            }
        for giver in givers { giver.join() }
        pool.close()
        #expect(count.withLock { $0 } == 8_000)
    }
}
