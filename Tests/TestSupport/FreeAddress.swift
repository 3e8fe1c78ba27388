internal import Glibc

/// An address with a port that was free a moment ago, for a peer that picks none by itself.
///
/// Take a host of 127.0.0.0/8 that nothing else uses, and nothing else takes the port meanwhile.
package func freeAddress(on host: String) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr(host)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
    }
    guard isBound else { throw NoFreeAddress(host: host, number: errno) }
    return "\(host):\(UInt16(bigEndian: address.sin_port))"
}

/// There is no free port, or the host is not of this machine.
package struct NoFreeAddress: Error {
    let host: String
    /// The system's error number.
    let number: Int32
}
