internal import Locking
internal import Myosin
internal import TestSupport

/// Threads that make durable commits at the same time.
struct Committers {
    /// Where they commit.
    let state: State
    private let models: [any Counter.Type]

    /// Opens the directory and loads the models, which the threads share out among them.
    init(directory: String, models: [any Counter]) throws {
        state = try State(cache: .directory(directory))
        for model in models { try state.load(any: model) }
        self.models = models.map { type(of: $0) as any Counter.Type }
    }

    /// Starts the threads together and waits for all of them.
    ///
    /// - Parameters:
    ///   - count: how many commits each thread makes, one after the other.
    ///   - threadCount: how many threads there are.
    ///   - markers: what is written before the first commit and after the last.
    /// - Throws: when no thread can be started.
    func commit(_ count: Int, fromEachOf threadCount: Int, between markers: (String, String)) throws {
        let start = Gate()
        let threads = try (0..<threadCount)
            .map { index in
                try WorkerThread { [state, models] in
                    start.wait()
                    Output.orExit {
                        for _ in 0..<count { try state.count(models[index % models.count]) }
                    }
                }
            }
        Output.write(markers.0)
        start.open()
        for thread in threads { thread.join() }
        Output.write(markers.1)
    }
}

/// Makes one commit while nobody else does anything.
func commitAlone(directory: String) throws {
    let committers = try Committers(directory: directory, models: Array(Numbers.all.prefix(1)))
    // The first commit after opening also makes the file of the log.
    try committers.commit(1, fromEachOf: 1, between: ("warm-up begins", "warm-up ended"))
    try committers.commit(1, fromEachOf: 1, between: ("begin", "acknowledged"))
}
