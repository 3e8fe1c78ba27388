#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// How much of what was sent a client has taken.
enum ConnectionProgress {
    /// Less than this in a write timeout is no progress: a client that takes single bytes is as good as gone.
    static let stepBytes: UInt64 = 1 << 10
    /// `tcpi_bytes_acked` in Linux's `struct tcp_info` (linux/tcp.h), which glibc's own declaration ends before.
    private static let offset = 120

    /// The bytes that the client's system has acknowledged; nil where that is not told.
    static func bytesTaken(by descriptor: Int32) -> UInt64? {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { information in
            var count = socklen_t(information.count)
            let code = getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, information.baseAddress, &count)
            guard code == 0, Int(count) >= offset + 8 else { return nil }
            return UnsafeRawBufferPointer(information).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
    }
}
