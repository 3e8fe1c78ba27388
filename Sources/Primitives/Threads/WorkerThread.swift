#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A thread of our own that runs one closure to its end.
///
/// Signals to the process are blocked in it, so they reach the threads that the program meant for them.
package final class WorkerThread: @unchecked Sendable {
    // Sendable: `handle` is written once in `init`; whether somebody has joined is under a lock.
    private var handle = pthread_t()
    private let isJoined = Lock(false)

    /// Why a thread could not be started.
    package struct StartError: Error, CustomStringConvertible {
        /// The system's error number, mostly EAGAIN: too many threads.
        package let errno: Int32
        /// What the system says.
        package var description: String { "no thread could be started: \(String(cString: strerror(errno)))" }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread.
    ///
    /// - Parameter body: what it does; the thread ends when the closure returns.
    /// - Throws: ``StartError`` when the system has no thread to give.
    package init(_ body: @escaping @Sendable () -> Void) throws(StartError) {
        var (blocked, before) = (sigset_t(), sigset_t())
        sigfillset(&blocked)
        // Those that the thread's own code raises must reach it, as must a profiler's.
        for signal in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF] {
            sigdelset(&blocked, signal)
        }
        pthread_sigmask(SIG_SETMASK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        // Released by takeRetainedValue in `runBody`, or below when no thread was started.
        let retained = Unmanaged.passRetained(Body(body))
        let code = pthread_create(&handle, nil, runBody, retained.toOpaque())
        guard code == 0 else {
            retained.release()
            throw StartError(errno: code)
        }
    }

    /// Does blocking work on a separate thread, and suspends the task until it is done.
    ///
    /// If the system has no thread to give, the work runs on the task's own thread.
    ///
    /// - Parameter work: the work.
    package static func perform(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let workAndResume = { @Sendable () -> Void in
                work()
                continuation.resume()
            }
            do {
                _ = try WorkerThread(workAndResume)
            } catch {
                workAndResume()
            }
        }
    }

    deinit {
        if !isJoined.withLock({ $0 }) { pthread_detach(handle) }
    }

    /// Whether the caller runs on this thread.
    package var isCurrent: Bool { pthread_equal(pthread_self(), handle) != 0 }

    /// Waits until the thread has ended; returns at once when called again or on the thread itself.
    package func join() {
        if isCurrent { return }
        let isFirst = isJoined.withLock { isJoined in
            defer { isJoined = true }
            return !isJoined
        }
        if isFirst { pthread_join(handle, nil) }
    }

    fileprivate static func run(_ context: UnsafeMutableRawPointer) {
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
    }
}

/// The thread's entry: unwraps the closure and runs it.
private func runBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { WorkerThread.run(context) }
    return nil
}
