#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The later header that was accepted last, since whoever keeps a connection mostly asks for the same again.
///
/// What ``HeaderMemory`` accepts depends on nothing but the limits and the bytes up to the header's end, so the same bytes at the
/// same moment are the same header. Not Sendable: only the loop's thread touches it.
final class LastHeader {
    private let room: UnsafeMutableRawPointer
    private let roomBytes: Int
    private var count = 0
    private var head: RequestHead?

    init(_ limits: ServerLimits) {
        roomBytes = limits.poolBytes
        room = .allocate(byteCount: roomBytes, alignment: 1)
    }

    deinit { room.deallocate() }

    /// What was accepted, if a connection's memory begins with the same bytes.
    func head(in memory: UnsafePointer<UInt8>) -> RequestHead? { memcmp(room, memory, count) == 0 ? head : nil }

    /// Keeps what was accepted; libmicrohttpd has not touched the fields yet.
    func keep(_ head: RequestHead, in memory: UnsafePointer<UInt8>) {
        let count = head.start + head.bytes
        guard count <= roomBytes else { return }
        (self.head, self.count) = (head, count)
        memcpy(room, memory, count)
    }
}
