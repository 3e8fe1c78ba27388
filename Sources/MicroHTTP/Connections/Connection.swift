/// An open connection and the request on it.
///
/// Not Sendable: only the loop's thread touches it. A ``Suspension`` lets other threads hold on to it without looking.
/// libmicrohttpd keeps it in the connection's socket context, and in the context of each of its requests.
final class Connection {
    enum Phase {
        /// The first header is waited for, nothing of it has come.
        case new
        /// A request is over, the next header is waited for.
        case idle
        /// A header has begun, or was accepted and is read by libmicrohttpd.
        case head
        case body
        /// The handler will answer later, or a stream has nothing to send.
        case suspended
        /// A response is queued.
        case writing
    }

    /// Closed by libmicrohttpd, once it was given the connection.
    let descriptor: Int32
    let peer: PeerAddress
    let listener: BoundAddress
    /// The number of the listening address in the configuration.
    let listenerIndex: Int
    var phase = Phase.new
    /// When it is shut down, on the loop's clock; ``LoopClock/never`` while nobody is waited for.
    var deadline: Int64
    /// When it has been idle for too long; its ``deadline`` may be earlier, to look whether the client has left.
    var idleDeadline: Int64 = 0
    /// While its header is waited for without libmicrohttpd.
    var pendingHeader: PendingHeader?
    /// The header that libmicrohttpd is reading, or has.
    var head: RequestHead?
    /// Its header, where libmicrohttpd reads a substitute.
    var detachedHeader: DetachedHeader?
    /// Where libmicrohttpd receives its requests; nil before the first one.
    var memory: UnsafeMutablePointer<UInt8>?
    /// libmicrohttpd's name of it, once it was given the connection.
    var mhdConnection: OpaquePointer?
    /// Whether its request was refused, and it is closed.
    var isRefused = false
    /// The bytes of the body that is being sent.
    var answerBytes = 0
    /// What the client had taken when a sweep has last looked, if ``isProgressKnown``.
    var bytesTaken: UInt64 = 0
    var isProgressKnown = false
    /// What the request needs beyond its header; nil for most.
    var exchange: Exchange?
    /// Whether ``ClientWatch`` has it.
    var isWatched = false
    /// Whether its first request is over.
    var isUsed = false
    /// Whether its client sends nothing after what libmicrohttpd has read.
    var hasLeft = false
    /// Whether the header of a request was read that is not over yet.
    var hasRequest = false
    /// Counts the suspensions, so that an answer that comes late meets no later request.
    var suspensions: UInt64 = 0
    /// Its place in the table; -1 when it is closed.
    var index = -1

    init(descriptor: Int32, peer: PeerAddress, listener: BoundAddress, listenerIndex: Int = 0, deadline: Int64) {
        self.descriptor = descriptor
        self.peer = peer
        (self.listener, self.listenerIndex) = (listener, listenerIndex)
        self.deadline = deadline
    }

    /// A response is queued, or goes on.
    func beginAnswer(bytes: Int, deadline: Int64) {
        phase = .writing
        answerBytes = bytes
        isProgressKnown = false
        self.deadline = deadline
    }

    /// It is set aside, and nobody waits for its client.
    func suspend() -> Suspension {
        phase = .suspended
        deadline = LoopClock.never
        suspensions += 1
        return Suspension(connection: self, number: suspensions)
    }

    /// The request is over, and the next one may come.
    func endRequest(deadline: Int64, idle: Int64) {
        idleDeadline = idle
        phase = .idle
        hasRequest = false
        (head, detachedHeader) = (nil, nil)
        exchange = nil
        self.deadline = deadline
    }
}

/// One time that a connection is set aside, for those who will wake it.
struct Suspension: Sendable {
    // Only the loop's thread looks into it. Others hold, copy and let go of the reference, whose count is atomic. If the last
    // one goes on another thread, the connection was closed before: its exchange was taken from it then, so that nothing
    // but numbers and strings goes with it.
    nonisolated(unsafe) let connection: Connection
    let number: UInt64
}

/// What a request needs that has a body, is answered later or streams.
///
/// Not Sendable, like the connection that owns it.
final class Exchange {
    /// libmicrohttpd's name of the connection.
    let mhdConnection: OpaquePointer
    private(set) var body: [UInt8] = []
    /// The bytes of the body that have come, with those that were discarded.
    private(set) var receivedBytes = 0
    /// Whether further bytes of the body are dropped, because the answer is known.
    private(set) var isDiscarding = false
    private let bodyBytes: Int
    /// When the header was complete, on the loop's clock; 0 for a request without a body.
    let begin: Int64
    /// What answers the request when the body has come; nil for the server's handler.
    var handler: Server.Handler?
    /// The answer to queue when the connection has been resumed, or when the body has come.
    var answer: Response?
    var stream: StreamSending?
    /// In place of the socket of a client that has closed its side: libmicrohttpd reads before it asks for the answer, and would close
    /// the connection at the end of the input.
    var standIn: StandInSocket?
    /// Called when the client closes its side before the answer.
    var clientClosed: (@Sendable () -> Void)?
    /// Called when the connection was set aside for too long.
    var timeIsUp: (@Sendable () -> Void)?
    /// The most room that is made for a body before any of it has come.
    private static let untrustedBytes = 16 << 10

    /// - Parameters:
    ///   - mhdConnection: libmicrohttpd's name of the connection, which outlives the exchange.
    ///   - bodyBytes: the announced length of the body.
    ///   - begin: when the header was complete, on the loop's clock.
    init(mhdConnection: OpaquePointer, bodyBytes: Int = 0, begin: Int64 = 0) {
        (self.mhdConnection, self.bodyBytes, self.begin) = (mhdConnection, bodyBytes, begin)
    }

    /// Counts a piece of the body; false if it exceeds what was announced, and so what was allowed.
    func count(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard receivedBytes + piece.count <= bodyBytes else { return false }
        receivedBytes += piece.count
        return true
    }

    /// Keeps a piece that was counted.
    func keep(_ piece: UnsafeRawBufferPointer) {
        let count = body.count + piece.count
        if count > body.capacity {
            // In few steps, and never much more than has come.
            body.reserveCapacity(min(bodyBytes, max(Self.untrustedBytes, 4 * count)))
        }
        body.append(contentsOf: piece)
    }

    /// Answers when the body has come, which is forgotten.
    ///
    /// - Returns: how many bytes were kept of it.
    func discard(answering response: Response) -> Int {
        (answer, isDiscarding) = (response, true)
        return forgetBody()
    }

    /// Drops the bytes of the body.
    ///
    /// - Returns: how many bytes were kept of it.
    func forgetBody() -> Int {
        defer { body = [] }
        return body.count
    }
}

/// The open connections, and how many each network has.
///
/// Not Sendable: only the loop's thread touches it.
struct ConnectionTable {
    private(set) var connections: [Connection] = []
    private var counts: [PeerAddress.Network: Int] = [:]

    var count: Int { connections.count }

    /// How many connections a network has.
    func count(from network: PeerAddress.Network) -> Int { counts[network] ?? 0 }

    mutating func insert(_ connection: Connection) {
        connection.index = connections.count
        connections.append(connection)
        let network = connection.peer.network
        if network != .local { counts[network, default: 0] += 1 }
    }

    mutating func remove(_ connection: Connection) {
        guard connection.index >= 0, let last = connections.popLast() else { return }
        if last !== connection {
            connections[connection.index] = last
            last.index = connection.index
        }
        connection.index = -1
        let network = connection.peer.network
        guard network != .local, let count = counts[network] else { return }
        counts[network] = count > 1 ? count - 1 : nil
    }
}
