internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The socket options of connections, and the bytes that their clients have acknowledged.
enum ConnectionSocket {
    /// `TCP_NOTSENT_LOWAT` of Linux (linux/tcp.h).
    private static let unsentBytesOption: Int32 = 25
    /// More of an answer is handed to the system when less than this waits there.
    private static let maxUnsentBytes: Int32 = 128 << 10

    /// Keeps a client that reads slowly from filling the system's memory with its answer, which may take megabytes else.
    static func limitUnsent(_ descriptor: Int32) {
        set(maxUnsentBytes, for: unsentBytesOption, at: Int32(IPPROTO_TCP), on: descriptor)
    }

    /// Has the system forget what is not sent when the connection is closed, instead of trying for minutes.
    static func discardUnsent(_ descriptor: Int32) {
        set(linger(l_onoff: 1, l_linger: 0), for: SO_LINGER, at: SOL_SOCKET, on: descriptor)
    }

    /// Takes a socket away from libmicrohttpd, and leaves it another one.
    ///
    /// Only while the connection is suspended: libmicrohttpd then does not have the descriptor in its epoll instance.
    ///
    /// - Parameters:
    ///   - number: libmicrohttpd's descriptor.
    ///   - other: the socket to leave.
    /// - Returns: another descriptor of the socket; nil where the system has none, and then nothing has changed.
    static func take(_ number: Int32, leaving other: Descriptor) -> Int32? {
        let taken = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard taken >= 0 else { return nil }
        if clinux_replace(other.number, number) >= 0 { return taken }
        close(taken)
        return nil
    }

    /// Whether the client has closed its side, and all that it has sent was read.
    static func isAtEnd(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
    }

    /// Makes a socket whose other end is closed: reading ends, and writing fails; nil where the system has no descriptors left.
    static func makeDeadEnd() -> Descriptor? { makePair()?.0 }

    /// Makes two sockets that are connected; nil where the system has no descriptors left.
    static func makePair() -> (Descriptor, Descriptor)? {
        var ends: [Int32] = [-1, -1]
        return clinux_socketpair(&ends) == 0 ? (Descriptor(ends[0]), Descriptor(ends[1])) : nil
    }

    private static func set<Value: BitwiseCopyable>(
        _ value: Value,
        for option: Int32,
        at level: Int32,
        on descriptor: Int32
    ) {
        var value = value
        // Best effort: a Unix socket does not know the first, and a connection works without either.
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Value>.size))
    }

    /// Less than this in a write timeout is no progress: a client that takes single bytes is as good as gone.
    static let progressBytes: UInt64 = 1 << 10
    /// `tcpi_bytes_acked` in Linux's `struct tcp_info` (linux/tcp.h), which glibc's own declaration ends before.
    private static let acknowledgedOffset = 120

    /// A number that changes when a client takes something: the bytes it has acknowledged, or those that it has not read yet.
    static func bytesMoved(on descriptor: Int32) -> UInt64 {
        bytesTaken(by: descriptor) ?? UInt64(clamping: clinux_unread_bytes(descriptor))
    }

    /// The bytes that the client's system has acknowledged; nil for a socket that does not count them.
    static func bytesTaken(by descriptor: Int32) -> UInt64? {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { information in
            var count = socklen_t(information.count)
            let code = getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, information.baseAddress, &count)
            guard code == 0, Int(count) >= acknowledgedOffset + 8 else { return nil }
            return UnsafeRawBufferPointer(information)
                .loadUnaligned(fromByteOffset: acknowledgedOffset, as: UInt64.self)
        }
    }
}
