internal import Logging

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The journal of systemd where standard error leads to it: each line then begins with its priority, `<3>` for an error (sd-daemon(3)).
enum JournalStream {
    /// Whether standard error is the stream that systemd has made for this process; `JOURNAL_STREAM` names it by device and inode.
    static let isStandardError: Bool = {
        var file = stat()
        guard let name = ProgramEnvironment.own["JOURNAL_STREAM"], fstat(STDERR_FILENO, &file) == 0 else {
            return false
        }
        return name == "\(file.st_dev):\(file.st_ino)"
    }()

    /// The beginning of a line.
    ///
    /// - Parameter level: the level of the log.
    /// - Returns: the priority of syslog(3) in brackets.
    static func prefix(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "<7>"
        case .info: "<6>"
        case .notice: "<5>"
        case .warning: "<4>"
        case .error: "<3>"
        case .critical: "<2>"
        }
    }
}
