internal import Foundation

/// The inputs that a fuzzer has kept, each for a way through the code that no other takes.
package enum FuzzCorpus {
    /// Runs a fuzz target on each input of its corpus, which `.ci/fuzz` describes.
    ///
    /// - Parameters:
    ///   - name: the target, which has a file in `Tests/Fuzzing/Corpora`.
    ///   - run: its function.
    /// - Returns: the number of inputs.
    /// - Throws: when the file cannot be read.
    package static func forEachInput(of name: String, _ run: (UnsafeBufferPointer<UInt8>) -> Void) throws -> Int {
        let file = try Data(contentsOf: URL(filePath: "\(repository)/Tests/Fuzzing/Corpora/\(name).corpus"))
        let lines = file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        for line in lines { Array(unescaping: line).withUnsafeBufferPointer(run) }
        return lines.count
    }
}
