internal import Exposition
internal import Myosin
internal import Primitives
internal import TestSupport

/// Threads that make durable commits at the same time.
struct Committers {
    /// Where they commit.
    let state: State
    private let models: [any Counter.Type]
    /// Nil where the threads meet as chance has it.
    private let meeting: MeetingStore?

    /// How far the threads are.
    private struct Progress {
        /// The round in which one thread may begin a flush.
        var opened: Int
        /// The round in which all others may commit.
        var joined: Int
        /// The commits that were acknowledged.
        var ended = 0
    }

    /// Opens the directory and loads the models, which the threads share out among them.
    ///
    /// - Parameters:
    ///   - directory: where.
    ///   - models: the models.
    ///   - meets: whether all threads commit in one flush after the other, however busy the machine is.
    /// - Throws: ``StateError``.
    init(directory: String, models: [any Counter], meets: Bool) throws {
        let meeting = try meets ? MeetingStore(SQLiteStore(directory: directory)) : nil
        self.meeting = meeting
        let cache = meeting.map { State.Cache.store($0) } ?? .directory(directory)
        state = try State(cache: cache, limits: .patient)
        for model in models { try state.load(any: model) }
        self.models = models.map { type(of: $0) as any Counter.Type }
    }

    /// Starts the threads together and waits for all of them.
    ///
    /// Where they meet, one more thread begins a flush in each round, which is kept until all others have committed: so there
    /// are two flushes a round, its own and one of all others.
    ///
    /// - Parameters:
    ///   - count: how many commits each thread makes, one after the other.
    ///   - threadCount: how many threads there are.
    ///   - markers: what is written before the first commit and after the last.
    /// - Returns: how many commits were made.
    /// - Throws: when no thread can be started.
    @discardableResult
    func commit(_ count: Int, fromEachOf threadCount: Int, between markers: (String, String)) throws -> Int {
        let meeting = threadCount > 1 ? meeting : nil
        let progress = Monitor(Progress(opened: 0, joined: 0))
        let all = threadCount + (meeting == nil ? 0 : 1)
        let threads = try (0..<all)
            .map { index in
                try WorkerThread { [state, models] in
                    let opens = index == threadCount
                    Output.orExit {
                        for round in 1...count {
                            _ = progress.wait { (opens ? $0.opened : $0.joined) >= round ? true : nil }
                            try state.count(models[index % models.count])
                            progress.withLock { $0.ended += 1 }
                            progress.notifyAll()
                        }
                    }
                }
            }
        Output.write(markers.0)
        if let meeting {
            let before = Self.endedContexts(of: state)
            for round in 1...count {
                meeting.keepWrites { [state] in Self.endedContexts(of: state) >= before + round * all }
                progress.withLock { $0.opened = round }
                progress.notifyAll()
                meeting.waitForWrite()
                progress.withLock { $0.joined = round }
                progress.notifyAll()
                _ = progress.wait { $0.ended >= round * all ? true : nil }
            }
            meeting.keepWrites { true }
        } else {
            progress.withLock { $0.joined = count }
            progress.notifyAll()
        }
        for thread in threads { thread.join() }
        Output.write(markers.1)
        return count * all
    }

    /// How many contexts have ended, those that wait for the disk among them.
    private static func endedContexts(of state: State) -> Int {
        let name = "myosin_context_hold_seconds_count"
        let page = String(decoding: state.metrics.render(names: [name]), as: UTF8.self)
        return page.split(separator: "\n").filter { $0.hasPrefix(name) }
            .reduce(0) { $0 + ($1.split(separator: " ").last.flatMap { Int($0) } ?? 0) }
    }
}

/// Makes one commit while nobody else does anything.
func commitAlone(directory: String) throws {
    let committers = try Committers(directory: directory, models: Array(Numbers.all.prefix(1)), meets: false)
    // The first commit after opening also makes the file of the log.
    try committers.commit(1, fromEachOf: 1, between: ("warm-up begins", "warm-up ended"))
    try committers.commit(1, fromEachOf: 1, between: ("begin", "acknowledged"))
}
