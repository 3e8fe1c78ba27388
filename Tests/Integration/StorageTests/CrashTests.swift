import Foundation
import TestSupport
import Testing

@Suite struct CrashTests {
    /// How many storms are killed: `MYOSIN_CRASHES`, which `make crash-test` sets, or 200.
    private static let kills = ProcessInfo.processInfo.environment["MYOSIN_CRASHES"].flatMap { Int($0) } ?? 200
    /// How many of them follow each other on one directory.
    private static let killsInOneDirectory = 50
    /// Storms mostly wait for the disk, so two at a time share the processors well.
    private static let seriesAtOnce = 2

    @Test func whatWasAcknowledgedSurvivesAKillAndNoNumberComesAgain() async throws {
        let sizes = stride(from: 0, to: Self.kills, by: Self.killsInOneDirectory)
            .map {
                min(Self.killsInOneDirectory, Self.kills - $0)
            }
        let series = try await withThrowingTaskGroup(of: CrashSeries.self) { group in
            var finished: [CrashSeries] = []
            for (index, size) in sizes.enumerated() {
                if index >= Self.seriesAtOnce, let series = try await group.next() { finished.append(series) }
                group.addTask {
                    try await onThread {
                        var series = try CrashSeries(seed: UInt64(index))
                        try series.run(size)
                        return series
                    }
                }
            }
            return try await group.reduce(into: finished) { $0.append($1) }
        }
        for fault in series.flatMap(\.ledger.faults) { Issue.record("\(fault)") }
        func sum(_ count: (CrashSeries) -> Int) -> Int { series.reduce(0) { $0 + count($1) } }
        let (kills, commits, killsAfterCommit) = (sum(\.kills), sum(\.ledger.commits), sum(\.killsAfterCommit))
        let highest = series.map(\.ledger.highest).max() ?? 0
        print(
            "\(kills) kills, \(killsAfterCommit) of them after the first commit; "
                + "\(commits) acknowledged commits on disk; highest number \(highest)"
        )
        // A storm that is killed before it has said anything proves nothing.
        #expect(commits >= 5 * kills, "Void: fewer than 5 commits per kill were acknowledged.")
        #expect(2 * killsAfterCommit >= kills, "Void: fewer than half of the kills hit a storm that had committed.")
    }
}
