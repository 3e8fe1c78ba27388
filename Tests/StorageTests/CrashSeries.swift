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
    /// How long the fastest storm took from opening the directory to its first acknowledged commit; a guess at first.
    private var openingDuration = Duration.milliseconds(20)

    init(seed: UInt64) throws {
        directory = try TemporaryDirectory()
        random = SeededRandom(seed: seed)
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

    private mutating func runStorm(isEarly: Bool) throws {
        let seed = random.next()
        let program = try PipedProgram(Program.path(of: "storage-probe"), ["storm", directory.path, "\(seed)"])
        var (lines, splitter): ([StormLine], LineSplitter) = ([], LineSplitter())
        var (openingStart, commitStart): (SuspendingClock.Instant?, SuspendingClock.Instant?)
        var killMoment = SuspendingClock.now + .seconds(60)
        while let piece = program.read(upTo: killMoment - .now) {
            lines += storm(splitter.lines(adding: piece))
            let now = SuspendingClock.now
            if openingStart == nil, !lines.isEmpty {
                openingStart = now
                if isEarly { killMoment = now + openingDuration * Double.random(in: 0..<1, using: &random) }
            }
            if let openingStart, commitStart == nil, lines.contains(where: \.isDurable) {
                commitStart = now
                if !isEarly {
                    openingDuration = min(openingDuration, now - openingStart)
                    killMoment = now + .microseconds(Int.random(in: 0...40_000, using: &random))
                }
            }
            if SuspendingClock.now >= killMoment { break }
        }
        let signal = program.end(with: SIGKILL)
        if signal != SIGKILL { ledger.take(fault: "The storm has ended by itself, with \(signal).") }
        while let piece = program.read(upTo: .seconds(60)), !piece.isEmpty {
            lines += storm(splitter.lines(adding: piece))
        }
        kills += 1
        let hasCommitted = lines.contains(where: \.isDurable)
        if hasCommitted { killsAfterCommit += 1 }
        if !hasCommitted && !isEarly { ledger.take(fault: "The storm has acknowledged nothing within a minute.") }
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
