import TestSupport
import Testing

@Suite struct GroupCommitTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func trace(_ arguments: String...) async throws -> SystemTrace {
        try await onThread { try TracedProgram(Program.path(of: "storage-probe"), arguments).trace }
    }

    /// In each round the probe keeps the flush of one more thread until all others have committed, which then share the next one.
    @Test(arguments: ["one", "many"])
    func commitsOfManyThreadsShareFlushes(_ models: String) async throws {
        let (threads, rounds) = (64, 10)
        let trace = try await trace("group", directory.path, "\(threads)", "\(rounds)", models)
        let flushes = trace.calls(from: "begin", to: "end").filter { $0.isFlush(in: directory.path) }.count
        print("\(rounds * (threads + 1)) commits of \(threads + 1) threads on \(models): \(flushes) flushes")
        #expect(flushes > 0 && flushes <= 2 * rounds)
    }

    @Test func aLoneCommitIsFlushedOnceBeforeItIsAcknowledged() async throws {
        let trace = try await trace("alone", directory.path)
        let acknowledgement = try #require(trace.write(of: "acknowledged"))
        let calls = trace.calls(from: "begin", to: "acknowledged")
        let flushes = calls.filter { $0.isFlush(in: directory.path) }
        #expect(flushes.map(\.name) == ["fdatasync"])
        let flush = try #require(flushes.first)
        #expect(flush.text.contains("/state.sqlite-wal>"))
        let log = calls.filter { $0.name == "pwrite64" && $0.text.contains("/state.sqlite-wal>") }
        #expect(!log.isEmpty && log.allSatisfy { $0.end < flush.begin })
        #expect(flush.end < acknowledgement.begin)
    }
}
