internal import Glibc

/// Lines that are out when the call returns, whatever happens to the process afterwards.
enum Output {
    /// Writes a line with one system call, so that lines of several threads do not mix.
    ///
    /// When nobody reads any more there is nothing left to do, and the process ends.
    static func write(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        if Glibc.write(STDOUT_FILENO, bytes, bytes.count) != bytes.count { _exit(1) }
    }

    /// Writes a line to standard error.
    static func complain(_ line: String) {
        let bytes = Array("storage-probe: \(line)\n".utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Runs what must not fail in a thread; an error ends the process.
    static func orExit(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            complain("\(error)")
            _exit(1)
        }
    }
}
