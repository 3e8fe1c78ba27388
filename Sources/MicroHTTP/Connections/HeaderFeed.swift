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
    /// The one that libmicrohttpd reads.
    private var end: Descriptor?
    /// Its other end: open, since libmicrohttpd ends a connection whose client has closed.
    private let source: Descriptor

    /// Prepares the socket, and changes nothing; nil where the system has no memory or no descriptors for it.
    ///
    /// - Parameters:
    ///   - number: the descriptor of the client's socket.
    ///   - bytes: what libmicrohttpd is to read.
    init?(at number: Int32, _ bytes: [UInt8]) {
        var ends: [Int32] = [-1, -1]
        guard clinux_socketpair(&ends) == 0 else { return nil }
        (end, source) = (Descriptor(ends[0]), Descriptor(ends[1]))
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return nil }
        client = Descriptor(copy)
        guard send(source.number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
    }

    /// Has a descriptor refer to the socket that is read instead of the client's.
    ///
    /// Only while libmicrohttpd does not have it in its epoll instance.
    ///
    /// - Returns: false if the system refuses, and then nothing has changed.
    func begin(at number: Int32) -> Bool {
        defer { end = nil }
        return end.map { clinux_replace($0.number, number) >= 0 } ?? false
    }

    /// Has a descriptor refer to the client's socket again; as for ``begin(at:)``.
    func end(at number: Int32) -> Bool { clinux_replace(client.number, number) >= 0 }
}
