import Foundation
import Myosin
import Primitives
import TestSupport
import Testing

@Suite struct HotCopyTests {
    let directory: TemporaryDirectory
    private var storm: String { directory.path + "/storm" }

    init() throws { directory = try TemporaryDirectory() }

    @Test func aCopyMadeWhileStateIsCommittedHasWhatWasAcknowledgedBefore() async throws {
        let ledgers = try await onThread { try copies(4) }
        #expect(ledgers.count == 12)
        for fault in ledgers.flatMap(\.faults) { Issue.record("\(fault)") }
    }

    /// Makes copies in each way during one storm and checks their content.
    private func copies(_ rounds: Int) throws -> [Ledger] {
        let program = try PipedProgram(Program.path(of: "storage-probe"), ["storm", storm, "0"])
        let told = Monitor(Ledger())
        let reader = try WorkerThread {
            var splitter = LineSplitter()
            while let piece = program.read(upTo: patience) {
                let lines = splitter.lines(adding: piece).compactMap { StormLine($0) }
                told.withLock { $0.acknowledge(lines) }
                told.notifyAll()
            }
        }
        // The reader sees the end, and the program cannot outlive the test.
        defer {
            program.end(with: SIGKILL)
            reader.join()
        }
        var (ledgers, commits): ([Ledger], Int) = ([], 0)
        for round in 0..<rounds {
            for (way, command) in [("backup", ".backup '%'"), ("vacuum", "VACUUM INTO '%'"), ("own", "")] {
                let before: Ledger? = told.wait(upTo: patience) { $0.commits > commits + 50 ? $0 : nil }
                var ledger = try #require(before, "the storm has come to a halt")
                commits = ledger.commits
                let copy = "\(directory.path)/\(way)-\(round)"
                try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
                if command.isEmpty {
                    let damaged = try SQLiteStore.backUp(storm, to: copy + "/state.sqlite").damaged
                    if damaged != [] { ledger.take(fault: "\(damaged) are damaged in the copy \(way)-\(round)") }
                } else {
                    try Program.sqlite(command.replacing("%", with: copy + "/state.sqlite"), in: storm)
                }
                let check = try Program.sqlite("PRAGMA integrity_check", in: copy)
                if check != "ok\n" { ledger.take(fault: "SQLite finds the copy \(way)-\(round) damaged: \(check)") }
                let state = try State(cache: .directory(copy), limits: .patient)
                defer { state.close() }
                ledger.take(found: try Storm.load(into: state))
                ledgers.append(ledger)
            }
        }
        return ledgers
    }
}
