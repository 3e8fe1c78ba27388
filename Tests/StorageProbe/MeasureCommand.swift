internal import Myosin
internal import TestSupport

/// Measures what commits write, one after the other and in groups.
///
/// It prints a line for each way; between the markers `begin` and `end` a tracer finds the flushes.
struct MeasureCommand {
    private let committers: Committers

    init(directory: String) throws { committers = try Committers(directory: directory, models: Numbers.all) }

    func run() throws {
        // The first commit of each model makes its row.
        try committers.commit(1, fromEachOf: 64, between: ("warm-up begins", "warm-up ended"))
        try measure("lone", commits: 256, fromEachOf: 1)
        try measure("grouped", commits: 16, fromEachOf: 64)
    }

    private func measure(_ way: String, commits: Int, fromEachOf threadCount: Int) throws {
        let before = try WrittenBytes()
        try committers.commit(commits, fromEachOf: threadCount, between: ("begin \(way)", "end \(way)"))
        let after = try WrittenBytes()
        let cost = CommitCost(
            way: way,
            commits: commits * threadCount,
            bytesGiven: after.given - before.given,
            bytesToDisk: after.toDisk - before.toDisk
        )
        Output.write(cost.text)
    }
}
