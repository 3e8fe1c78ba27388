import Primitives
import TestSupport
import Testing

@Suite struct MonitorTests {
    @Test func aThreadThatWaitsGoesOnWhenTheValueSaysGo() throws {
        let steps = Monitor<[String]>([])
        let thread = try WorkerThread {
            _ = steps.wait { $0.contains("go") ? true : nil }
            steps.withLock { $0.append("gone") }
            steps.notifyAll()
        }
        steps.withLock { $0.append("go") }
        steps.notifyAll()
        #expect(steps.wait { $0.contains("gone") ? $0 : nil } == ["go", "gone"])
        thread.join()
    }

    @Test func aWaitThatIsFulfilledAlreadyReturnsAtOnce() {
        let monitor = Monitor(3)
        #expect(monitor.wait(upTo: .zero) { $0 == 3 ? $0 : nil } == 3)
        #expect(monitor.wait { $0 == 3 ? $0 : nil } == 3)
    }

    @Test(arguments: [Duration.milliseconds(-1_500), .zero, .nanoseconds(1), .milliseconds(5)])
    func aBoundedWaitEndsWithNil(_ duration: Duration) {
        let monitor = Monitor(0)
        let start = ContinuousClock.now
        let result: Bool? = monitor.wait(upTo: duration) { _ in nil }
        #expect(result == nil)
        #expect(start.duration(to: .now) >= duration)
    }

    @Test func aNotificationThatSaysNothingLetsTheWaitGoOn() throws {
        let looks = Monitor((count: 0, isOpen: false))
        let results = Lock<[Int]>([])
        let waiting = try WorkerThread {
            let count = looks.wait { state in
                state.count += 1
                return state.isOpen ? state.count : nil
            }
            results.withLock { $0.append(count ?? -1) }
        }
        // Each look is seen before the next notification, so the waiting thread has looked three times in vain.
        for expected in 1...3 {
            try waitUntil {
                looks.notifyAll()
                return looks.withLock { $0.count } >= expected
            }
        }
        looks.withLock { $0.isOpen = true }
        looks.notifyAll()
        waiting.join()
        #expect(results.withLock { $0 }.allSatisfy { $0 > 3 })
        #expect(results.withLock { $0 }.count == 1)
    }

    @Test func everyWaitingThreadIsWoken() throws {
        let gate = Monitor((looks: 0, isOpen: false))
        let passed = Monitor(0)
        for _ in 0..<8 {
            _ = try WorkerThread {
                _ = gate.wait { gate -> Bool? in
                    gate.looks += 1
                    return gate.isOpen ? true : nil
                }
                passed.withLock { $0 += 1 }
                passed.notifyAll()
            }
        }
        // A thread that has looked holds the lock until it waits, so all wait once this one sees eight looks.
        try waitUntil { gate.withLock { $0.looks } >= 8 }
        gate.withLock { $0.isOpen = true }
        gate.notifyAll()
        #expect(passed.wait(upTo: patience) { $0 == 8 ? true : nil } == true)
    }

    @Test func valuesPassedFromThreadToThreadAllArrive() throws {
        let queue = Monitor<[Int]>([])
        let producer = try WorkerThread {
            for number in 0..<1_000 {
                _ = queue.wait { waiting -> Bool? in
                    guard waiting.count < 4 else { return nil }
                    waiting.append(number)
                    return true
                }
                queue.notifyAll()
            }
        }
        var received: [Int] = []
        while received.count < 1_000 {
            received +=
                queue.wait { waiting -> [Int]? in
                    defer { waiting = [] }
                    return waiting.isEmpty ? nil : waiting
                } ?? []
            queue.notifyAll()
        }
        producer.join()
        #expect(received == Array(0..<1_000))
    }

    @Test func aThrowReleasesTheMonitor() {
        struct Failure: Error {}
        let monitor = Monitor("before")
        #expect(throws: Failure.self) {
            try monitor.withLock { value in
                value = "after"
                throw Failure()
            }
        }
        #expect(monitor.withLock { $0 } == "after")
    }
}
