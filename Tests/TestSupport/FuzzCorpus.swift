internal import Foundation

/// The inputs that a fuzzer has found worth keeping, each for a way through the code that no other takes.
package enum FuzzCorpus {
    /// Runs a target on each input.
    ///
    /// - Parameters:
    ///   - name: a directory in `Tests/Fuzzing`.
    ///   - run: the target.
    /// - Returns: how many inputs there are.
    /// - Throws: when an input cannot be read.
    package static func forEachInput(in name: String, _ run: (UnsafeBufferPointer<UInt8>) -> Void) throws -> Int {
        let directory = "\(repository)/Tests/Fuzzing/\(name)"
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        for file in files {
            let bytes = Array(try Data(contentsOf: URL(filePath: "\(directory)/\(file)")))
            bytes.withUnsafeBufferPointer(run)
        }
        return files.count
    }
}
