internal import CMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Where a connection comes from, as far as connections are counted by it.
enum PeerAddress: Hashable {
    /// This machine: loopback addresses and Unix sockets, which are not limited.
    case local
    case ipv4(UInt32)
    /// The upper half of an IPv6 address: a single host may have all of a /64 network.
    case ipv6(UInt64)

    init(_ address: sockaddr_storage) {
        self = withUnsafeBytes(of: address) { bytes in
            switch Int32(address.ss_family) {
            case AF_INET:
                return .make(ipv4: bytes.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr.bigEndian)
            case AF_INET6:
                let address = bytes.loadUnaligned(as: sockaddr_in6.self).sin6_addr
                return withUnsafeBytes(of: address) { bytes in
                    let upper = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
                    let lower = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                    if upper == 0, lower == 1 { return .local }
                    // ::ffff:a.b.c.d, IPv4 on a socket for both.
                    if upper == 0, lower >> 32 == 0xffff { return .make(ipv4: UInt32(truncatingIfNeeded: lower)) }
                    return .ipv6(upper)
                }
            default:
                return .local
            }
        }
    }

    private static func make(ipv4 address: UInt32) -> PeerAddress { address >> 24 == 127 ? .local : .ipv4(address) }
}
