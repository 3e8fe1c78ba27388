internal import Myosin
internal import TestSupport

/// Measures what commits write, one after the other and in groups.
///
/// It prints a line for each way; between the markers `begin` and `end` a tracer finds the flushes.
struct MeasureCommand {
    private let committers: Committers

    /// Opens the directory.
    ///
    /// - Parameters:
    ///   - directory: where it commits.
    ///   - meets: whether the threads of a group commit in one flush, or as chance has it.
    /// - Throws: ``StateError``.
    init(directory: String, meets: Bool) throws {
        committers = try Committers(directory: directory, models: Numbers.all, meets: meets)
    }

    func run() throws {
        // The first commit of each model makes its row.
        try committers.commit(1, fromEachOf: 64, between: ("warm-up begins", "warm-up ended"))
        try measure("lone", commits: 256, fromEachOf: 1)
        try measure("grouped", commits: 16, fromEachOf: 64)
    }

    private func measure(_ way: String, commits: Int, fromEachOf threadCount: Int) throws {
        let before = try WrittenBytes()
        let count = try committers.commit(commits, fromEachOf: threadCount, between: ("begin \(way)", "end \(way)"))
        let after = try WrittenBytes()
        let cost = CommitCost(
            way: way,
            commits: count,
            bytesGiven: after.given - before.given,
            bytesToDisk: after.toDisk - before.toDisk
        )
        Output.write(cost.text)
    }
}
