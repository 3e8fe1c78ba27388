import Foundation
import TestSupport

/// Storms on one directory, one after the other, each ended by a kill at a random moment.
struct CrashSeries {
    /// What was acknowledged and found.
    private(set) var ledger = Ledger()
    /// How many storms were killed.
    private(set) var kills = 0
    /// How many of them had acknowledged something.
    private(set) var killsAfterCommit = 0

    private let directory: TemporaryDirectory
    private var random: SeededRandom
    /// How long the fastest storm took from opening the directory to its first acknowledged commit.
    private var openingDuration: Duration

    init(seed: UInt64) throws {
        directory = try TemporaryDirectory()
        random = SeededRandom(seed: seed)
        openingDuration = try Self.measureOpening()
    }

    /// How long a storm takes from opening a new directory to its first acknowledged commit.
    private static func measureOpening() throws -> Duration {
        let directory = try TemporaryDirectory()
        let program = try PipedProgram(Program.path(of: "storage-probe"), ["storm", directory.path, "0"])
        var (splitter, start): (LineSplitter, SuspendingClock.Instant?) = (LineSplitter(), nil)
        while let piece = program.read(upTo: patience), !piece.isEmpty {
            let lines = splitter.lines(adding: piece).compactMap { StormLine($0) }
            let now = SuspendingClock.now
            if start == nil, !lines.isEmpty { start = now }
            if let start, lines.contains(where: \.isDurable) { return now - start }
        }
        return .zero
    }

    /// Runs and kills so many storms, and checks after each what it has left; stops early where much is wrong.
    mutating func run(_ count: Int) throws {
        for round in 0..<count where ledger.faults.count < 5 {
            // The first ones are killed while they make the database.
            try runStorm(isEarly: round < 3 || random.chance(10))
            // Otherwise the next storm is the first to see what this one has left, and its recovery the only one.
            if random.chance(50) || round == count - 1 { try verify() }
        }
    }

    /// Opens the directory in this process and closes it properly.
    private mutating func verify() throws {
        ledger.take(found: try Storm.found(in: directory.path))
    }

    /// Runs a storm and kills it.
    ///
    /// - Parameter isEarly: whether it is killed while it opens the directory, as far as that can be guessed; else some time after
    ///   it has acknowledged some commits.
    /// - Throws: when it cannot be started.
    private mutating func runStorm(isEarly: Bool) throws {
        let seed = random.next()
        let maxCommits = Storm.durableCommitsOfAThread(seed: seed).map { $0 * Storm.threadCount } ?? .max
        let commitsBeforeKill = min(Int.random(in: 1...20, using: &random), maxCommits)
        let pause = isEarly ? openingDuration : .milliseconds(40)
        let killDelay = pause * Double.random(in: 0..<1, using: &random)
        let program = try PipedProgram(Program.path(of: "storage-probe"), ["storm", directory.path, "\(seed)"])
        var (lines, splitter): ([StormLine], LineSplitter) = ([], LineSplitter())
        var (openingStart, commitCount): (SuspendingClock.Instant?, Int) = (nil, 0)
        var (killMoment, isKillSet) = (SuspendingClock.now + patience, false)
        while let piece = program.read(upTo: killMoment - .now) {
            let news = storm(splitter.lines(adding: piece))
            let now = SuspendingClock.now
            if openingStart == nil, !news.isEmpty { openingStart = now }
            if let openingStart, commitCount == 0, news.contains(where: \.isDurable) {
                openingDuration = min(openingDuration, now - openingStart)
            }
            lines += news
            commitCount += news.count(where: \.isDurable)
            if !isKillSet, isEarly ? !lines.isEmpty : commitCount >= commitsBeforeKill {
                (killMoment, isKillSet) = (now + killDelay, true)
            }
            if SuspendingClock.now >= killMoment { break }
        }
        let signal = program.end(with: SIGKILL)
        if signal != SIGKILL { ledger.take(fault: "The storm has ended by itself, with \(signal).") }
        while let piece = program.read(upTo: patience), !piece.isEmpty {
            lines += storm(splitter.lines(adding: piece))
        }
        kills += 1
        if lines.contains(where: \.isDurable) { killsAfterCommit += 1 }
        if !isKillSet {
            ledger.take(fault: "The storm has not acknowledged \(commitsBeforeKill) commits within \(patience).")
        }
        ledger.take(lines)
    }

    private mutating func storm(_ texts: [String]) -> [StormLine] {
        texts.compactMap { text in
            let line = StormLine(text)
            if line == nil { ledger.take(fault: "This is no line of a storm: \(text)") }
            return line
        }
    }
}
