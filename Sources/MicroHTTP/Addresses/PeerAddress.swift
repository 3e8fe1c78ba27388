internal import CMicrohttpd
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Where a connection comes from.
///
/// It is kept, as the system forgets the address of a client that has reset its connection.
struct PeerAddress {
    /// As far as connections are counted by it.
    enum Network: Hashable {
        /// This machine: loopback addresses and Unix sockets, which are not limited.
        case local
        case ipv4(UInt32)
        /// The upper half of an IPv6 address: a single host may have all of a /64 network.
        case ipv6(UInt64)
    }

    let network: Network
    /// In network byte order, an IPv4 address in its IPv6 form, `::ffff:a.b.c.d`; nil on a Unix socket.
    private let address: in6_addr?

    init(_ address: sockaddr_storage) {
        let (upper, lower): (UInt64, UInt64)
        switch Int32(address.ss_family) {
        case AF_INET:
            let address = withUnsafeBytes(of: address) { $0.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr }
            (upper, lower) = (0, Self.mappedPrefix << 32 | UInt64(UInt32(bigEndian: address)))
        case AF_INET6:
            (upper, lower) = Self.halves(
                of: withUnsafeBytes(of: address) { $0.loadUnaligned(as: sockaddr_in6.self).sin6_addr }
            )
        default:
            (network, self.address) = (.local, nil)
            return
        }
        network = Self.network(upper, lower)
        self.address = withUnsafeBytes(of: (upper.bigEndian, lower.bigEndian)) { $0.loadUnaligned(as: in6_addr.self) }
    }

    /// The text of the internet address, an IPv4 address in its own form; nil for a Unix socket.
    var text: String? {
        guard let address else { return nil }
        let (upper, lower) = Self.halves(of: address)
        guard Self.isMapped(upper, lower) else { return IPAddress.text(of: address) }
        return IPAddress.text(of: in_addr(s_addr: UInt32(truncatingIfNeeded: lower).bigEndian))
    }

    /// Above the lower 32 bits of an IPv4 address in its IPv6 form.
    private static let mappedPrefix: UInt64 = 0xffff

    private static func halves(of address: in6_addr) -> (upper: UInt64, lower: UInt64) {
        withUnsafeBytes(of: address) {
            (
                UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    /// Whether it is an IPv4 address in its IPv6 form.
    private static func isMapped(_ upper: UInt64, _ lower: UInt64) -> Bool { upper == 0 && lower >> 32 == mappedPrefix }

    private static func network(_ upper: UInt64, _ lower: UInt64) -> Network {
        if upper == 0, lower == 1 { return .local }
        guard isMapped(upper, lower) else { return .ipv6(upper) }
        return lower >> 24 & 0xff == 127 ? .local : .ipv4(UInt32(truncatingIfNeeded: lower))
    }
}
