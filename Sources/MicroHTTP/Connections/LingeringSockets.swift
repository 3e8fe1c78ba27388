internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The sockets of clients that were answered before they had sent everything, and are disconnected.
///
/// The system throws an answer away if the socket is closed while its client still sends: the client then gets a reset. So the server
/// sends no more and discards its input. It closes the socket when the client does, or at a limit.
///
/// Not Sendable: the thread that starts the server makes it, then only the loop's thread touches it.
final class LingeringSockets {
    private struct Lingering {
        let descriptor: Descriptor
        /// Its number among all.
        let order: UInt64
        /// How much is still read.
        var bytesLeft = maxBytes
        /// When it is closed whatever comes.
        let end: Int64
        /// When it is closed unless more comes.
        var silence: Int64

        var deadline: Int64 { min(end, silence) }
    }

    /// Readable as long as ``read(at:)`` has something to read; -1, which poll ignores, before ``open()``.
    var number: Int32 { epoll.number }
    /// As many as are read in a row, so that the open connections get their turn.
    private let epoll = EpollSet(maxEvents: 16)
    private var sockets: [Int32: Lingering] = [:]
    private var count: UInt64 = 0
    /// No later than the first deadline.
    private(set) var nextDeadline = LoopClock.never
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: roomBytes, alignment: 1)

    /// Further ones take the place of the oldest.
    private static let maxSockets = 256
    private static let maxBytes = 64 << 20
    private static let endMilliseconds: Int64 = 30_000
    private static let silenceMilliseconds: Int64 = 5_000
    private static let roomBytes = 64 << 10

    deinit { room.deallocate() }

    func open() throws(ServerError) { try epoll.open() }

    /// Sends an answer, and takes the descriptor over.
    func add(_ number: Int32, answering answer: [UInt8], at now: Int64) {
        let descriptor = Descriptor(number)
        RawResponse.send(answer, to: number)
        shutdown(number, Int32(SHUT_WR))
        if sockets.count >= Self.maxSockets { removeOldest() }
        guard epoll.add(number, EPOLLIN.rawValue | EPOLLRDHUP.rawValue) else { return discard(descriptor) }
        let lingering = Lingering(
            descriptor: descriptor,
            order: count,
            end: now + Self.endMilliseconds,
            silence: now + Self.silenceMilliseconds
        )
        sockets[number] = lingering
        count += 1
        nextDeadline = min(nextDeadline, lingering.deadline)
    }

    /// Closes the oldest socket, so that its descriptor is free.
    func removeOldest() {
        if let oldest = sockets.min(by: { $0.value.order < $1.value.order }) { remove(oldest.key) }
    }

    /// Closes a socket, so that its descriptor is free.
    ///
    /// What has come is read before, so that the system need not throw the answer away.
    func remove(_ number: Int32) {
        if let lingering = sockets.removeValue(forKey: number) { discard(lingering.descriptor) }
    }

    private func discard(_ descriptor: Descriptor) {
        // A client that sends without end is not listened to for ever.
        for _ in 0..<16 where recv(descriptor.number, room.baseAddress, room.count, Int32(MSG_DONTWAIT)) < room.count {
            break
        }
    }

    /// Reads some of what has come, and closes those whose time is over.
    func read(at now: Int64) {
        for event in epoll.takeEvents() { read(event.descriptor, at: now) }
        guard nextDeadline <= now else { return }
        for (number, lingering) in sockets where lingering.deadline <= now { remove(number) }
        nextDeadline = sockets.values.map(\.deadline).min() ?? LoopClock.never
    }

    private func read(_ number: Int32, at now: Int64) {
        guard let bytesLeft = sockets[number]?.bytesLeft else { return }
        let count = recv(number, room.baseAddress, min(room.count, bytesLeft), Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        // The client has closed, or sends without end.
        guard count > 0, count < bytesLeft else { return remove(number) }
        sockets[number]?.bytesLeft -= count
        sockets[number]?.silence = now + Self.silenceMilliseconds
    }

    /// Closes all.
    func close() {
        for number in sockets.keys { remove(number) }
    }
}
