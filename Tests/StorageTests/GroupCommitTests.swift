import TestSupport
import Testing

@Suite struct GroupCommitTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Traces the probe with slow flushes, so that commits meet however fast the disk and however busy the processors are.
    private func trace(_ arguments: String...) async throws -> SystemTrace {
        try await onThread {
            let path = Program.path(of: "storage-probe")
            return try TracedProgram(path, arguments, flushDelay: .milliseconds(5)).trace
        }
    }

    /// The median of three runs counts, since other programs may take the processors from the threads for a while.
    @Test(arguments: ["one", "many"])
    func commitsOfManyThreadsShareFlushes(_ models: String) async throws {
        let (threads, commits) = (64, 10)
        var flushes: [Int] = []
        for run in 1...3 {
            let place = "\(directory.path)/\(run)"
            let trace = try await trace("group", place, "\(threads)", "\(commits)", models)
            flushes.append(trace.calls(from: "begin", to: "end").filter { $0.isFlush(in: place) }.count)
        }
        print("\(threads * commits) commits of \(threads) threads on \(models): \(flushes) flushes of 5 ms")
        #expect(flushes.allSatisfy { $0 > 0 })
        #expect(flushes.sorted()[1] * 16 <= threads * commits)
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
