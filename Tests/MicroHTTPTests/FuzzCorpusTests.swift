import Foundation
import TestSupport
import Testing

@Suite struct FuzzCorpusTests {
    /// What the fuzzer has found worth keeping, each for a way through the code that no other takes.
    @Test func theCorpusPasses() throws {
        let directory = "\(repository)/Tests/Fuzzing/Corpus"
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(files.count > 100)
        for file in files {
            let bytes = Array(try Data(contentsOf: URL(filePath: "\(directory)/\(file)")))
            bytes.withUnsafeBufferPointer { FuzzTargets.run($0) }
        }
    }
}
