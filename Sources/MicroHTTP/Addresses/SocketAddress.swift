internal import CMicrohttpd
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A `sockaddr` of any family, in the form that the socket calls take.
struct SocketAddress {
    let family: Int32
    private var storage = sockaddr_storage()
    private var length: socklen_t = 0

    private init<Specific>(family: Int32, _ specific: Specific) {
        self.family = family
        length = socklen_t(MemoryLayout<Specific>.size)
        withUnsafePointer(to: specific) { specific in
            let bytes = UnsafeRawBufferPointer(start: specific, count: Int(length))
            withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: bytes) }
        }
    }

    /// An IPv4 address; the host was checked by ``ListenAddress``.
    static func ipv4(_ host: String, _ port: UInt16) -> SocketAddress {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = IPAddress.ipv4(host) ?? in_addr()
        return SocketAddress(family: AF_INET, address)
    }

    /// An IPv6 address; the host was checked by ``ListenAddress``.
    static func ipv6(_ host: String, _ port: UInt16) -> SocketAddress {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = IPAddress.ipv6(host) ?? in6_addr()
        return SocketAddress(family: AF_INET6, address)
    }

    /// A Unix socket; the path was checked by ``ListenAddress`` to fit.
    static func unix(_ path: String) -> SocketAddress {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return SocketAddress(family: AF_UNIX, address)
    }

    func bind(_ descriptor: Descriptor) -> Int32 {
        withPointer { call(bind: descriptor.number, $0, $1) }
    }

    func connect(_ number: Int32) -> Int32 {
        withPointer { call(connect: number, $0, $1) }
    }

    /// The address that a socket is bound to, with the port that the system picked; nil if it is of no known family.
    static func boundAddress(of number: Int32) -> BoundAddress? { address(of: number, getsockname) }

    private static func address(
        of number: Int32,
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> BoundAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(number, $0, &length) }
        }
        guard result == 0 else { return nil }
        return withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let address = bytes.loadUnaligned(as: sockaddr_in.self)
                return IPAddress.text(of: address.sin_addr)
                    .map { BoundAddress(host: $0, port: UInt16(bigEndian: address.sin_port)) }
            case AF_INET6:
                let address = bytes.loadUnaligned(as: sockaddr_in6.self)
                return IPAddress.text(of: address.sin6_addr)
                    .map { BoundAddress(host: $0, port: UInt16(bigEndian: address.sin6_port)) }
            case AF_UNIX:
                // The path ends with NUL, or with the address.
                let path = bytes.prefix(Int(length)).dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }
                return BoundAddress(path: String(decoding: path, as: UTF8.self))
            default: return nil
            }
        }
    }

    private func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}

// The members above hide the C functions of the same name.
private func call(bind number: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(number, address, length)
}

private func call(connect number: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(number, address, length)
}
