internal import Glibc

/// An address with a free port, for a peer that picks none by itself; no other program gets it while this process runs.
///
/// A socket of this process is bound to the address and does not listen, so the system picks the port for no one else. The peer
/// binds another socket to it, for which it must set `SO_REUSEADDR`, as servers do.
package func freeAddress(on host: String) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var isReusable: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReusable, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr(host)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
    }
    guard isBound else {
        let number = errno
        close(descriptor)
        throw NoFreeAddress(host: host, number: number)
    }
    // The descriptor stays open for as long as the process runs, because the peer may be started again.
    return "\(host):\(UInt16(bigEndian: address.sin_port))"
}

/// There is no free port, or the host is not of this machine.
package struct NoFreeAddress: Error {
    let host: String
    /// The system's error number.
    let number: Int32
}
