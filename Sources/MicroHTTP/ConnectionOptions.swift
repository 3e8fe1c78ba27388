#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What is set on the sockets of connections.
enum ConnectionOptions {
    /// `TCP_NOTSENT_LOWAT` of Linux (linux/tcp.h).
    private static let unsentBytesOption: Int32 = 25
    /// More of an answer is handed to the system when less than this waits there.
    private static let unsentBytesMax: Int32 = 128 << 10

    /// Keeps a client that reads slowly from filling the system's memory with its answer, which may take megabytes else.
    static func limitUnsent(_ descriptor: Int32) {
        set(unsentBytesMax, for: unsentBytesOption, at: Int32(IPPROTO_TCP), on: descriptor)
    }

    /// Has the system forget what is not sent when the connection is closed, instead of trying for minutes.
    static func discardUnsent(_ descriptor: Int32) {
        set(linger(l_onoff: 1, l_linger: 0), for: SO_LINGER, at: SOL_SOCKET, on: descriptor)
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
}
