import Primitives
import Testing

@Suite struct LockTests {
    @Test func incrementsFromManyTasksAreAllCounted() async {
        let counter = Lock(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 { counter.withLock { $0 += 1 } }
                }
            }
        }
        #expect(counter.withLock { $0 } == 80_000)
    }

    @Test func aThrowReleasesTheLock() {
        struct Failure: Error {}
        let lock = Lock("before")
        #expect(throws: Failure.self) {
            try lock.withLock { value in
                value = "after"
                throw Failure()
            }
        }
        #expect(lock.withLock { $0 } == "after")
    }
}
