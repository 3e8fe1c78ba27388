internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A socket that stands in the place of the client's, until libmicrohttpd has read a header from it that the client did not send.
///
/// Not Sendable: only the loop's thread touches it.
final class HeaderFeed {
    /// The client's socket.
    private let client: Descriptor
    /// The other end: open, since libmicrohttpd ends a connection whose client has closed.
    private let source: Descriptor

    /// Has a descriptor refer to a socket that is read instead of the client's; nil where the system has no memory or no descriptors
    /// for it, and then nothing has changed.
    ///
    /// Only while the descriptor is in no epoll instance.
    ///
    /// - Parameters:
    ///   - number: the descriptor of the client's socket.
    ///   - bytes: what libmicrohttpd is to read.
    init?(at number: Int32, _ bytes: [UInt8]) {
        guard let (end, source) = ConnectionSocket.makePair() else { return nil }
        self.source = source
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return nil }
        client = Descriptor(copy)
        guard send(source.number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count,
            clinux_replace(end.number, number) >= 0
        else { return nil }
    }

    /// Has a descriptor refer to the client's socket again; false if the system refuses.
    ///
    /// Only while the descriptor is in no epoll instance.
    func end(at number: Int32) -> Bool { clinux_replace(client.number, number) >= 0 }
}
