internal import Myosin
internal import Primitives
internal import TestSupport

/// Commits from several threads until the process is killed, and says what was acknowledged.
struct StormCommand {
    private let state: State
    private let seed: UInt64
    /// How many commits on disk each thread makes.
    private let durableCommits: Int
    /// Few, so that a storm can use them up.
    private static let numbersReserved: UInt64 = 20_000

    init(directory: String, seed: UInt64) throws {
        (self.seed, durableCommits) = (seed, Storm.durableCommitsOfAThread(seed: seed) ?? .max)
        let limits = EngineLimits(
            numbersReserved: Self.numbersReserved,
            storeWait: .beyondPatience,
            storeLockWait: patience
        )
        state = try Storm.open(directory, limits: limits)
    }

    /// Does not return.
    func run() throws {
        // Now and then more numbers are used up than are reserved at a time.
        if seed % 25 == 24 {
            for _ in 0...Self.numbersReserved { try state.update(Storm.Passing.self) { $0.value += 1 } }
        }
        var threads = try Storm.singles.enumerated()
            .map { index, model in
                try WorkerThread { [self] in
                    var random = SeededRandom(seed: seed &* 64 &+ UInt64(index))
                    Output.orExit { for _ in 0..<durableCommits { try commitSingle(model, &random) } }
                }
            }
        threads.append(
            try WorkerThread { [self] in
                var random = SeededRandom(seed: seed &* 64 &+ 63)
                Output.orExit {
                    for _ in 0..<durableCommits { try commitPair(&random) }
                    while true { try commitPassing(&random) }
                }
            }
        )
        for thread in threads { thread.join() }
    }

    private func commitSingle<Model: StormModel>(_ model: Model.Type, _ random: inout SeededRandom) throws {
        let note = Self.makeNote(&random)
        try state.update(model, cache: true) { model in
            model.value += 1
            model.note = note
        }
        // Nobody else commits this model.
        let checkout = try state.checkout(model)
        let line = StormLine.durable(
            Model.modelName,
            value: checkout.value,
            revision: checkout.checkedOutRevision
        )
        Output.write(line.text)
    }

    private func commitPair(_ random: inout SeededRandom) throws {
        let note = Self.makeNote(&random)
        try state.update(Storm.Left.self, Storm.Right.self, cache: true) { pair in
            pair.0.value += 1
            pair.1.value += 1
            pair.0.note = note
        }
        let left = try state.checkout(Storm.Left.self)
        Output.write(StormLine.durable("Left+Right", value: left.value, revision: left.checkedOutRevision).text)
        // Commits in memory take no time, and would fill the pipe if they did not wait for those on disk.
        for _ in 0..<Int.random(in: 0...4, using: &random) { try commitPassing(&random) }
    }

    private func commitPassing(_ random: inout SeededRandom) throws {
        try state.update(Storm.Passing.self) { $0.value += 1 }
        let passing = try state.checkout(Storm.Passing.self)
        let line = StormLine.passing("Passing", value: passing.value, revision: passing.checkedOutRevision)
        Output.write(line.text)
        if random.chance(10) { Output.write(StormLine.publication(state.snapshots().publication).text) }
    }

    /// Mostly short, sometimes longer than a page.
    private static func makeNote(_ random: inout SeededRandom) -> String {
        let length =
            random.chance(10) ? Int.random(in: 1_000...4_000, using: &random) : Int.random(in: 0...40, using: &random)
        return String(repeating: "x", count: length)
    }
}
