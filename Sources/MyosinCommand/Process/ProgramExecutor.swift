internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Runs the tasks of a program on threads of its own.
///
/// Swift's global pool waits without a word for a thread that the system does not give, and libdispatch, which it is made of,
/// ends the process where there is no `/proc`. Here the first thread is made at the start, or the start fails, and it stays.
enum ProgramExecutor {
    private static let pool = ThreadPool(maxThreads: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// The one of the process, which has a thread.
    ///
    /// - Throws: ``ProgramError`` when the system has no thread to give.
    static func shared() throws -> ThreadPool {
        do {
            try pool.start()
        } catch {
            throw ProgramError.noThread(error)
        }
        return pool
    }
}

/// The threads that a program is going to need.
enum ThreadReserve {
    /// Those of the store, the lock queue, the server, those who watch, large pages and the log.
    private static let count = 10

    /// Makes sure that the system gives them, by having all of them at once for a moment.
    ///
    /// - Throws: ``ProgramError`` with what to raise.
    static func check() throws {
        let mayEnd = Monitor(false)
        var threads: [WorkerThread] = []
        defer {
            mayEnd.withLock { $0 = true }
            mayEnd.notifyAll()
            for thread in threads { thread.join() }
        }
        do {
            for _ in 0..<count { threads.append(try WorkerThread { _ = mayEnd.wait { $0 ? true : nil } }) }
        } catch {
            throw ProgramError.noThread(error)
        }
    }
}

/// Why a program cannot start, with a sentence that says what to do about it.
struct ProgramError: Error, CustomStringConvertible {
    let description: String

    /// The system has given no thread.
    static func noThread(_ error: WorkerThread.StartError) -> ProgramError {
        ProgramError(
            description:
                "The program has too few threads (\(String(cString: strerror(error.errno)))). Raise the limit of "
                + "processes of its user (ulimit -u), of the systemd unit (TasksMax=, LimitNPROC=) or of the container "
                + "(pids limit), or its memory."
        )
    }

    /// A system call has failed.
    static func system(_ what: String, _ number: Int32) -> ProgramError {
        ProgramError(
            description:
                "\(what) failed: \(String(cString: strerror(number))). Free some of that resource or raise its limit."
        )
    }
}
