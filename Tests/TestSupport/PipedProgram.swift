internal import Glibc
internal import Primitives

/// A program whose standard output a test reads as it comes, whose input it may write, and which it may kill at any moment.
///
/// It is started by `posix_spawn`, in a fraction of the time that Foundation's `Process` takes. It ends with the test:
/// when the last reference goes, and at the latest when it writes something that nobody can read any more.
package final class PipedProgram: Sendable {
    /// Why a program has not been started.
    package struct Failure: Error {
        /// What has failed, and the system's error number.
        package let what: String
    }

    private let number: pid_t
    private let pipe: Int32
    /// How it ended, once somebody has waited for that.
    private let status = Lock<Int32?>(nil)

    /// Starts a program with the environment of this process.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - arguments: what to tell it.
    ///   - hasInput: whether ``write(_:)`` writes to its standard input, which else is that of this process.
    /// - Throws: ``Failure`` when the system does not start it.
    package init(_ path: String, _ arguments: [String], hasInput: Bool = false) throws {
        var ends: [Int32] = [-1, -1]
        // No other child may inherit an end, or the pipe would stay open after this one's death. Swift has no `pipe2`,
        // and between `pipe` and `fcntl` another thread may start a program; a pair of sockets has no such gap.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Failure(what: "socketpair failed with \(errno)") }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        if hasInput { posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO) }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var number = pid_t()
        let code = posix_spawn(&number, path, &actions, nil, &words, environ)
        guard code == 0 else {
            close(ends[0])
            throw Failure(what: "\(path) cannot be started: \(code)")
        }
        (self.number, pipe) = (number, ends[0])
    }

    /// The number by which the system knows the process.
    package var processNumber: Int { Int(number) }

    deinit {
        end(with: SIGKILL)
        close(pipe)
    }

    /// Writes to its standard input; a program that has ended gets nothing.
    package func write(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { send(pipe, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Reads what has been written.
    ///
    /// - Parameter duration: how long to wait for it.
    /// - Returns: some bytes; none when the time is over; nil when the program has ended and everything is read.
    package func read(upTo duration: Duration) -> [UInt8]? {
        let microseconds = Int32(clamping: Int(max(duration, .zero) / .microseconds(1)))
        // What is left of a millisecond is too short for `poll`, and nothing is lost by looking after it.
        if microseconds < 1_000 { usleep(UInt32(microseconds)) }
        var polled = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        let end = SuspendingClock.now + duration
        var result = poll(&polled, 1, microseconds / 1_000)
        // A signal that has a handler ends the wait early.
        while result < 0, errno == EINTR {
            let rest = Int32(clamping: Int(max(end - .now, .zero) / .milliseconds(1)))
            result = poll(&polled, 1, rest)
        }
        guard result > 0 else { return [] }
        return Array(unsafeUninitializedCapacity: 64 << 10) { buffer, count in
            count = max(0, Glibc.read(pipe, buffer.baseAddress, buffer.count))
        }
        .nonEmpty
    }

    /// Sends a signal, if the program has not ended, and waits for the end.
    ///
    /// - Returns: the signal that has ended it; 0 when it ended by itself.
    @discardableResult
    package func end(with signal: Int32) -> Int32 {
        // Under the lock on purpose: whoever comes second needs the result, and no number is signalled after its end.
        status.withLock { status in
            if let status { return status & 0x7F }
            kill(number, signal)
            var ending: Int32 = 0
            while waitpid(number, &ending, 0) < 0, errno == EINTR {}
            status = ending
            return ending & 0x7F
        }
    }
}

extension Array {
    fileprivate var nonEmpty: [Element]? { isEmpty ? nil : self }
}
