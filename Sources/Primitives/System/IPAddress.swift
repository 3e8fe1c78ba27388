#if canImport(Glibc)
package import Glibc
#elseif canImport(Musl)
package import Musl
#endif

/// IPv4 and IPv6 addresses as text, as `inet_pton` reads and `inet_ntop` writes them (RFC 2673, section 3.2; RFC 4291, section 2.2).
package enum IPAddress {
    /// Reads an IPv4 address, `192.0.2.1`; nil for any other text.
    package static func ipv4(_ text: String) -> in_addr? { parse(text, AF_INET, in_addr()) }

    /// Reads an IPv6 address, `2001:db8::1`; nil for any other text.
    package static func ipv6(_ text: String) -> in6_addr? { parse(text, AF_INET6, in6_addr()) }

    /// The text of an IPv4 address.
    package static func text(of address: in_addr) -> String? { write(address, AF_INET) }

    /// The text of an IPv6 address, in the one form that all its spellings share.
    package static func text(of address: in6_addr) -> String? { write(address, AF_INET6) }

    private static func parse<Address>(_ text: String, _ family: Int32, _ empty: Address) -> Address? {
        // C reads no further than a NUL.
        if text.utf8.contains(0) { return nil }
        var address = empty
        let code = withUnsafeMutableBytes(of: &address) { inet_pton(family, text, $0.baseAddress) }
        return code == 1 ? address : nil
    }

    private static func write<Address>(_ address: Address, _ family: Int32) -> String? {
        withUnsafeBytes(of: address) { address in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                inet_ntop(family, address.baseAddress, buffer.baseAddress, socklen_t(buffer.count))
                    .map { String(cString: $0) }
            }
        }
    }
}
