import Foundation
import TestSupport
import Testing

/// What the fuzzer has found worth keeping, each for a way through the code that no other takes.
@Suite struct FuzzCorpusTests {
    @Test func theReadersPass() throws {
        try forEachInput(in: "Corpus") { FuzzTargets.run($0) }
    }

    @Test func theServerPasses() throws {
        let target = try ServerFuzzTarget()
        try forEachInput(in: "ServerCorpus") { target.run($0) }
        target.stop()
    }

    private func forEachInput(in name: String, _ run: (UnsafeBufferPointer<UInt8>) -> Void) throws {
        let directory = "\(repository)/Tests/Fuzzing/\(name)"
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(files.count > 100)
        for file in files {
            let bytes = Array(try Data(contentsOf: URL(filePath: "\(directory)/\(file)")))
            bytes.withUnsafeBufferPointer(run)
        }
    }
}
