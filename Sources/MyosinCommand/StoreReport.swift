internal import ArgumentParser
internal import Myosin

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What a command has done with the files of the state.
public struct StoreReport: Sendable, Hashable {
    /// Says what was done.
    public let sentence: String
    /// Says which models are damaged; nil if all are intact.
    public let warning: String?

    /// The status of a command that has done its work and found damaged models.
    public static let damagedStatus: Int32 = 2

    init(_ sentence: String, damaged models: [String], in place: String, advice: String) {
        self.sentence = sentence
        warning =
            models.isEmpty
            ? nil
            : "Damaged in \(place), as their checksums do not fit: \(models.joined(separator: ", ")). All else is intact. \(advice)"
    }

    /// Prints the sentence, and the warning to standard error.
    ///
    /// - Throws: `ExitCode` with ``damagedStatus`` after a warning.
    public func print() throws {
        Swift.print(sentence)
        guard let warning else { return }
        // Nobody listens where it cannot be written; the status says it too.
        _ = SystemCall.writeAll(Array("Warning: \(warning)\n".utf8), to: STDERR_FILENO)
        throw ExitCode(Self.damagedStatus)
    }
}
