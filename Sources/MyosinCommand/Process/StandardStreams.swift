#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Standard input, output and error of the process.
enum StandardStreams {
    /// Makes them safe to write to; to be called before anything is opened.
    ///
    /// A process may be started without them. The next socket or database would get the number of a missing one, and the log
    /// would be written into it.
    static func prepare() {
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) < 0 {
            // The system gives the lowest number that is free. Where there is no such device, a directory takes the place,
            // to which nothing can be written.
            if open("/dev/null", O_RDWR) < 0 { _ = open("/", O_RDONLY | O_DIRECTORY) }
        }
        // A reader that has gone is an error of the write, and no reason to end; so is a file that has reached the limit of the
        // process (ulimit -f).
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    }
}

/// What a program says on standard output beside its log.
public enum StandardOutput {
    /// Has a text written, without waiting for its reader; more than a mebibyte that nobody reads is dropped.
    ///
    /// - Parameter text: the text with its last line's end.
    public static func write(_ text: String) { LogWriter.output.write(Array(text.utf8)) }
}
