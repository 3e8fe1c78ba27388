internal import CLinux
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Where other threads leave answers and the wish to stop for the loop's thread, and the eventfd that wakes it.
///
/// Responders and the server hold the mailbox, never a C pointer: every call into libmicrohttpd is made by the loop's
/// thread. The eventfd is closed when the last holder lets go, so a late responder writes to no descriptor of a stranger.
final class Mailbox: Sendable {
    enum Message: Sendable {
        /// The answer to a request that was set aside; without a response nobody will answer it.
        case answer(Suspension, Response?)
        /// A stream that was set aside has something to send.
        case wake(Suspension)
        /// An action for when the client of a suspended request closes its side.
        case watch(Suspension, @Sendable () -> Void)
        /// An action for when a request has been suspended for that many more milliseconds; nil removes it.
        case limit(Suspension, Int64?, @Sendable () -> Void)
        /// An action for the loop's thread, which shows by it that it goes on.
        case call(@Sendable () -> Void)
    }

    // Sendable: shared state is in the lock, the rest is immutable.
    private struct State {
        /// Few for each connection: a suspension is answered once, and a handler sets few actions for it.
        var messages: [Message] = []
        var isClosed = false
        /// On the loop's clock.
        var stopBy = LoopClock.never
        /// Whether the loop sleeps, or is about to and has found nothing: who leaves mail then must wake it.
        var loopSleeps = false
    }

    private let state = Lock(State())
    private let event: Descriptor

    /// - Throws: ``ServerError`` if the process has no descriptor left.
    init() throws(ServerError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else { throw .systemError("making an eventfd", errno: errno) }
        event = Descriptor(number)
    }

    /// What the loop polls to be woken.
    var eventNumber: Int32 { event.number }

    /// Leaves a message; called from any thread.
    ///
    /// - Returns: false if the server has stopped.
    func post(_ message: Message) -> Bool {
        let (isTaken, mustWake) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.messages.append(message)
            return (true, Self.takeWakeUp(&state))
        }
        if mustWake { wake() }
        return isTaken
    }

    /// Asks the loop to stop; the earliest of several deadlines counts; called from any thread.
    func postStop(by deadline: Int64) {
        let mustWake = state.withLock { state in
            state.stopBy = min(state.stopBy, deadline)
            return Self.takeWakeUp(&state)
        }
        if mustWake { wake() }
    }

    /// Takes what was left; called by the loop.
    func takeMail() -> (messages: [Message], stopBy: Int64) {
        state.withLock { state in
            state.loopSleeps = false
            guard !state.messages.isEmpty else { return ([], state.stopBy) }
            let messages = state.messages
            state.messages = []
            return (messages, state.stopBy)
        }
    }

    /// Announces that the loop will sleep, unless there is mail; called by the loop.
    ///
    /// Look and announcement are one step under the lock, so a message comes either before it, and the loop does not sleep,
    /// or after it, and its sender wakes the loop. A batch of messages costs one write.
    ///
    /// - Parameter knownStop: the deadline that the loop already heeds.
    /// - Returns: whether the loop may sleep.
    func prepareToSleep(knownStop: Int64) -> Bool {
        state.withLock { state in
            state.loopSleeps = state.messages.isEmpty && state.stopBy == knownStop
            return state.loopSleeps
        }
    }

    /// Takes no message any more; called by the loop when it ends.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Makes the eventfd quiet again; called by the loop.
    func clearEvent() {
        var count: UInt64 = 0
        // Nothing to read is fine: the wake-up may be on its way, and the loop looks into the mailbox anyway.
        _ = read(event.number, &count, MemoryLayout<UInt64>.size)
    }

    private static func takeWakeUp(_ state: inout State) -> Bool {
        defer { state.loopSleeps = false }
        return state.loopSleeps
    }

    private func wake() {
        var one: UInt64 = 1
        // It can only fail when the counter is full, and then the loop is awake.
        _ = write(event.number, &one, MemoryLayout<UInt64>.size)
    }
}
