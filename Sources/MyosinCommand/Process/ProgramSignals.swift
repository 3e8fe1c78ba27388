internal import CProcess
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The signals that stop a program or have it reload, as a thread of its own reads them.
///
/// The thread is there from the start, so that a stop needs none that the system might not give. A signal that the process ignored
/// when it was started stays ignored, as `nohup` wants. One that was blocked is taken all the same: nothing else could stop the
/// program but SIGKILL.
final class ProgramSignals: Sendable {
    /// The signals that are taken; set once in `init`.
    let trapped: [Int32]
    /// Who gets them.
    private let receiver = Lock<AsyncStream<Int32>.Continuation?>(nil)

    /// Takes the signals from now on.
    ///
    /// - Throws: ``ProgramError`` when the system has no thread or descriptor to give.
    private init() throws {
        trapped = [SIGTERM, SIGINT, SIGHUP].filter { !cprocess_ignores($0) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ProgramError.system("making a pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // The handler must not wait.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let (input, trapped, receiver) = (ends[0], trapped, receiver)
        do {
            _ = try WorkerThread {
                var unblocked = sigset_t()
                sigemptyset(&unblocked)
                for number in trapped { sigaddset(&unblocked, number) }
                pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
                while true {
                    var number: UInt8 = 0
                    if read(input, &number, 1) == 1 { receiver.withLock { $0 }?.yield(Int32(number)) }
                }
            }
        } catch {
            for end in ends { close(end) }
            throw ProgramError.noThread(error)
        }
        for number in trapped { _ = cprocess_forward(number, ends[1]) }
    }

    /// Those of the process, which there is one of: the handlers are the process's.
    private static let shared = Lock<ProgramSignals?>(nil)

    /// Takes the signals from now on, and keeps them until the stream is read.
    static func trap() throws -> AsyncStream<Int32> {
        let signals: ProgramSignals = try shared.withLock { shared in
            // Under the lock on purpose: it happens once, and two must not install handlers.
            let signals = try shared ?? ProgramSignals()
            shared = signals
            return signals
        }
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(64))
        signals.receiver.withLock { $0 = continuation }
        return stream
    }
}
