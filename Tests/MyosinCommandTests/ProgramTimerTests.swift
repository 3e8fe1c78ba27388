import TestSupport
import Testing

@testable import MyosinCommand

/// Tasks that wait without libdispatch.
@Suite struct ProgramTimerTests {
    @Test func tasksGoOnAtTheirTime() async {
        let timer = ProgramTimer()
        let start = SuspendingClock.now
        await withTaskGroup(of: Void.self) { group in
            for number in 1...20 {
                group.addTask {
                    let end = start + .milliseconds(21 - number)
                    let pause = timer.makePause(until: end)
                    #expect(await pause.wait())
                    #expect(SuspendingClock.now >= end)
                }
            }
        }
    }

    @Test func aCancelledTaskGoesOnAtOnce() async {
        let timer = ProgramTimer()
        for _ in 0..<50 {
            let task = Task { await timer.makePause(until: .now + .seconds(1_000_000)).wait() }
            // Before it waits, or while it does.
            task.cancel()
            #expect(await task.value == false)
        }
    }

    @Test func aPauseThatIsEndedIsOverAtOnce() async {
        let timer = ProgramTimer()
        let before = timer.makePause(until: .now + .seconds(1_000_000))
        before.end()
        #expect(await before.wait() == false)
        let later = timer.makePause(until: .now + .seconds(1_000_000))
        async let hasPassed = later.wait()
        // One that comes later and is due earlier does not wait for the others.
        #expect(await timer.makePause(until: .now + .milliseconds(1)).wait())
        later.end()
        #expect(await hasPassed == false)
    }
}
