internal import Primitives

/// The body of an answer that is made while it is sent, for as long as the client stays: server-sent events, say.
///
/// The server pulls: it asks for the next part once the client has taken the one before, so that a slow client costs no
/// memory but the part that it is taking. A stream that has nothing to send costs no thread and no timer; it is woken by
/// ``wake()``. Make one for each answer.
///
/// The server notices at once that a client closes its connection. It notices any other departure when it sends something, so send
/// something now and then.
public final class ResponseStream: Sendable {
    /// What comes next.
    public enum Part: Sendable {
        /// Bytes for this client alone; no bytes are taken as ``wait``.
        case bytes([UInt8])
        /// Bytes that several clients get.
        case shared(SharedBody)
        /// Nothing until ``ResponseStream/wake()`` is called.
        case wait
        /// Nothing any more: the answer is complete.
        case end
    }

    private enum State {
        /// The server is busy with it, or has not begun.
        case awake(isWoken: Bool)
        case asleep(Mailbox, Suspension)
    }

    private let makeNext: @Sendable () -> Part
    private let didEnd: @Sendable () -> Void
    private let didClose: @Sendable () -> Void
    private let state = Lock(State.awake(isWoken: false))
    private let note = Lock<(@Sendable (_ sentBytes: Int) -> Void)?>(nil)
    /// Taken by the answer that it serves.
    let hasBegun = OnceFlag()

    /// Makes a stream.
    ///
    /// The closures are called on the server's thread, so they must not wait for anything.
    ///
    /// - Parameters:
    ///   - next: makes the next part.
    ///   - ended: is called once when the answer is over, whether it was sent to its end or the client has left.
    ///   - clientClosed: is called when the client has closed its side, before `next` is called again. Most clients have left then,
    ///     which shows when something is sent.
    public init(
        next: @escaping @Sendable () -> Part,
        ended: @escaping @Sendable () -> Void = {},
        clientClosed: @escaping @Sendable () -> Void = {}
    ) {
        makeNext = next
        didEnd = ended
        didClose = clientClosed
    }

    /// The client has closed its side: asks for something to send.
    func noteClosedClient() {
        didClose()
        wake()
    }

    /// The next part, as the server asks for it; tests may ask as well.
    ///
    /// - Returns: the part.
    public func next() -> Part { makeNext() }

    /// Has the server ask for the next part again after a ``Part/wait``; called from any thread, as often as one likes.
    public func wake() {
        let asleep: (Mailbox, Suspension)? = state.withLock { state in
            guard case .asleep(let mailbox, let suspension) = state else {
                state = .awake(isWoken: true)
                return nil
            }
            state = .awake(isWoken: false)
            return (mailbox, suspension)
        }
        // It is false once the server has stopped, and then nobody asks any more.
        if let (mailbox, suspension) = asleep { _ = mailbox.post(.wake(suspension)) }
    }

    /// Forgets earlier calls of ``wake()``; called by the loop before it asks, so that what asks sees what came before.
    func prepareToAsk() {
        state.withLock { $0 = .awake(isWoken: false) }
    }

    /// Lets ``wake()`` wake the loop; false if it was called since ``prepareToAsk()``.
    ///
    /// Look and change are one step under the lock, so that no call is lost between the two.
    func fallAsleep(_ mailbox: Mailbox, _ suspension: Suspension) -> Bool {
        state.withLock { state in
            if case .awake(isWoken: true) = state { return false }
            state = .asleep(mailbox, suspension)
            return true
        }
    }

    /// Has a closure called when the answer is over, with the bytes of the body that were sent; the first call counts.
    package func notingEnd(_ note: @escaping @Sendable (_ sentBytes: Int) -> Void) {
        self.note.withLock { $0 = $0 ?? note }
    }

    /// Tells that the answer is over, and lets go of the server.
    package func end(sentBytes: Int = 0) {
        state.withLock { $0 = .awake(isWoken: false) }
        didEnd()
        let note = note.withLock { note in
            defer { note = nil }
            return note
        }
        note?(sentBytes)
    }
}

/// The loop's side of a stream: what of the last part is left to be sent.
///
/// Not Sendable: only the loop's thread touches it. The connection's exchange owns it, and libmicrohttpd's response.
final class StreamSending {
    // The loop owns libmicrohttpd's daemon, which calls for parts, and stops it before it goes.
    unowned let loop: EventLoop
    unowned let connection: Connection
    let stream: ResponseStream
    private var part = ResponseBody.empty
    private var sent = 0
    /// Whether the client takes nothing any more.
    var isClientGone = false
    /// The bytes of all parts so far.
    private(set) var sentBytes = 0

    init(_ stream: ResponseStream, to connection: Connection, loop: EventLoop) {
        self.stream = stream
        self.connection = connection
        self.loop = loop
    }

    /// Begins a part.
    ///
    /// - Returns: false if it has no bytes.
    func begin(_ part: ResponseBody) -> Bool {
        self.part = part
        sent = 0
        return !part.bytes.isEmpty
    }

    /// Copies what is left of the part, as much as there is room for.
    ///
    /// - Returns: how many bytes were copied.
    func copy(into room: UnsafeMutableRawBufferPointer) -> Int {
        let bytes = part.bytes
        let count = min(bytes.count - sent, room.count)
        guard count > 0 else { return 0 }
        bytes.withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<(sent + count)])) }
        sent += count
        sentBytes += count
        // An idle stream keeps no part.
        if sent == bytes.count { _ = begin(.empty) }
        return count
    }
}
