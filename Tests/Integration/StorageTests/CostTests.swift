import TestSupport
import Testing

@Suite struct CostTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func commitsOfManyThreadsShareWhatIsWritten() async throws {
        let output = try await onThread { [directory] in
            let path = Program.path(of: "storage-probe")
            return try TracedProgram(path, ["measure", directory.path, "meeting"]).output
        }
        let costs = output.split(separator: "\n").compactMap { CommitCost($0) }
        let lone = try #require(costs.first { $0.way == "lone" })
        let grouped = try #require(costs.first { $0.way == "grouped" })
        let (loneBytes, groupedBytes) = (lone.bytesGiven / lone.commits, grouped.bytesGiven / grouped.commits)
        print("bytes given to write per commit: \(loneBytes) alone, \(groupedBytes) in groups of 64 threads")
        #expect(loneBytes > 0 && loneBytes < 8 << 10)
        #expect(groupedBytes > 0 && groupedBytes * 4 <= loneBytes)
    }
}
