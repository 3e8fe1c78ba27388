internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A socket in place of the client's, which libmicrohttpd reads: a header that the client did not send, or nothing instead of its end.
///
/// Not Sendable: only the loop's thread touches it.
final class StandInSocket {
    /// The client's socket.
    private let client: Descriptor
    /// The other end, which stays open: libmicrohttpd ends a connection at the end of its input.
    private let source: Descriptor

    /// Replaces the client's socket at a descriptor; nil, and nothing changes, if the system has no memory or no descriptors.
    ///
    /// Only while the descriptor is in no epoll instance.
    ///
    /// - Parameters:
    ///   - number: the descriptor of the client's socket.
    ///   - bytes: what libmicrohttpd is to read.
    init?(at number: Int32, _ bytes: [UInt8]) {
        guard let (end, source) = ConnectionSocket.makePair() else { return nil }
        self.source = source
        guard send(source.number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count,
            let client = ConnectionSocket.take(number, leaving: end)
        else { return nil }
        self.client = Descriptor(client)
    }

    /// Puts the client's socket back; false if the system refuses.
    ///
    /// Only while the descriptor is in no epoll instance.
    func end(at number: Int32) -> Bool { clinux_replace(client.number, number) >= 0 }
}
