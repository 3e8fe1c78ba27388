internal import CMicrohttpd

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
        inet_pton(AF_INET, host, &address.sin_addr)
        return SocketAddress(family: AF_INET, address)
    }

    /// An IPv6 address; the host was checked by ``ListenAddress``.
    static func ipv6(_ host: String, _ port: UInt16) -> SocketAddress {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        inet_pton(AF_INET6, host, &address.sin6_addr)
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

    /// The port that the kernel picked, or that was asked for.
    static func boundPort(of descriptor: Descriptor) -> UInt16? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor.number, $0, &length) }
        }
        guard result == 0 else { return nil }
        return withUnsafeBytes(of: &storage) { bytes in
            // `sin_port` and `sin6_port` are at the same offset.
            UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
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
