#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// System calls that a signal may interrupt, or that do only part of what was asked for.
package enum SystemCall {
    /// Repeats a call that says that a signal has interrupted it, a thousand times at most.
    package static func retry<Result: SignedInteger>(_ call: () -> Result) -> Result {
        for _ in 1..<1_000 {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
        return call()
    }

    /// Reads an open file to its end.
    ///
    /// - Parameters:
    ///   - descriptor: the file.
    ///   - take: gets piece after piece.
    /// - Returns: whether it could be read; `errno` says why not.
    package static func readPieces(of descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = retry { read(descriptor, &buffer, buffer.count) }
            if count <= 0 { return count == 0 }
            take(buffer[..<count])
        }
    }
}
