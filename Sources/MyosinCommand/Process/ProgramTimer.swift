internal import Primitives
internal import ServiceLifecycle

extension ServiceProgram {
    /// Waits for a while, or until the program stops or the task is cancelled.
    ///
    /// A worker that repeats something uses it as the condition of its loop. `Task.sleep` and `cancelWhenGracefulShutdown` need threads
    /// of libdispatch instead: a stop waits for them where the system has none to give, and without `/proc` they end the process.
    ///
    /// - Parameter duration: how long to wait.
    /// - Returns: whether the time has passed and the program goes on.
    public static func pause(for duration: Duration) async -> Bool {
        let pause = ProgramTimer.shared.makePause(until: .now + duration)
        return await withGracefulShutdownHandler {
            await pause.wait()
        } onGracefulShutdown: {
            pause.end()
        }
    }
}

/// Wakes tasks at their time, from one thread that is there as long as tasks wait.
final class ProgramTimer: Sendable {
    static let shared = ProgramTimer()

    /// The wait of one task.
    struct Pause: Sendable {
        fileprivate let timer: ProgramTimer
        fileprivate let deadline: SuspendingClock.Instant
        fileprivate let number: UInt64

        /// Waits until the time is over, the task is cancelled or ``end()`` is called.
        ///
        /// - Returns: whether the time is over.
        func wait() async -> Bool {
            let hasPassed = await withTaskCancellationHandler {
                await withCheckedContinuation { timer.add(Sleeper(end: deadline, continuation: $0), number) }
            } onCancel: {
                end()
            }
            timer.schedule.withLock { schedule in _ = schedule.ended.remove(number) }
            return hasPassed
        }

        /// Ends the wait early, also one that has not begun.
        func end() {
            let sleeper = timer.schedule.withLock { schedule in
                schedule.ended.insert(number)
                return schedule.sleepers.removeValue(forKey: number)
            }
            sleeper?.continuation.resume(returning: false)
        }
    }

    fileprivate struct Sleeper {
        let end: SuspendingClock.Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    fileprivate struct Schedule {
        var sleepers: [UInt64: Sleeper] = [:]
        /// Those that were ended early, perhaps before they waited.
        var ended: Set<UInt64> = []
        var count: UInt64 = 0
        var hasThread = false

        mutating func takeDue() -> [Sleeper] {
            let due = sleepers.filter { $0.value.end <= .now }
            for key in due.keys { sleepers[key] = nil }
            return Array(due.values)
        }
    }

    fileprivate let schedule = Monitor(Schedule())

    /// Makes a pause that has not begun.
    func makePause(until end: SuspendingClock.Instant) -> Pause {
        let number = schedule.withLock { schedule in
            schedule.count += 1
            return schedule.count
        }
        return Pause(timer: self, deadline: end, number: number)
    }

    fileprivate func add(_ sleeper: Sleeper, _ number: UInt64) {
        let (hasEnded, needsThread) = schedule.withLock { schedule in
            if schedule.ended.contains(number) { return (true, false) }
            schedule.sleepers[number] = sleeper
            defer { schedule.hasThread = true }
            return (false, !schedule.hasThread)
        }
        if hasEnded { return sleeper.continuation.resume(returning: false) }
        guard needsThread else { return schedule.notifyAll() }
        do {
            _ = try WorkerThread { [self] in run() }
        } catch {
            // Without a thread this one has to do, until those who wait have been woken.
            run()
        }
    }

    private func run() {
        while true {
            let (due, next) = schedule.withLock { schedule in
                let due = schedule.takeDue()
                let next = schedule.sleepers.values.map(\.end).min()
                if next == nil { schedule.hasThread = false }
                return (due, next)
            }
            for sleeper in due { sleeper.continuation.resume(returning: true) }
            guard let next else { return }
            // A sleeper that comes meanwhile wakes the thread, and may have to be woken earlier.
            _ = schedule.wait(upTo: next - .now) { schedule -> Bool? in
                schedule.sleepers.values.contains { $0.end < next } || schedule.sleepers.isEmpty ? true : nil
            }
        }
    }
}
