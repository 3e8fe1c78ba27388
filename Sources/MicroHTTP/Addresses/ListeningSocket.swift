internal import CMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A bound socket that accepts connections; closing it removes the path of a Unix socket.
///
/// Bound here and not by libmicrohttpd, so that a failure has an error number and a sentence, port 0 can be reported, and
/// graceful stop owns the descriptor.
final class ListeningSocket: Sendable {
    let descriptor: Descriptor
    let address: BoundAddress
    /// That of a Unix socket, which goes with it.
    private let file: SocketFile?
    /// Connections that the kernel holds until they are accepted.
    private static let backlog: Int32 = 1024

    /// Binds an address and listens on it.
    ///
    /// - Parameter wanted: the address, perhaps with port 0.
    /// - Throws: ``ServerError`` that says what is wrong with the address.
    init(_ wanted: ListenAddress) throws(ServerError) {
        switch wanted.kind {
        case .ipv4(let host, let port):
            (descriptor, address) = try Self.internet(.ipv4(host, port), host: host, wanted)
        case .localhost(let port):
            (descriptor, address) = try Self.internet(.ipv4("127.0.0.1", port), host: "127.0.0.1", wanted)
        case .ipv6(let host, let port):
            (descriptor, address) = try Self.internet(.ipv6(host, port), host: host, wanted, onlyIPv6: true)
        case .everywhere(let port):
            do throws(ServerError) {
                (descriptor, address) = try Self.internet(.ipv6("::", port), host: "::", wanted)
            } catch  where error.underlyingErrno == EAFNOSUPPORT {
                // A kernel without IPv6: all addresses are the IPv4 ones.
                (descriptor, address) = try Self.internet(.ipv4("0.0.0.0", port), host: "0.0.0.0", wanted)
            }
        case .unix(let unix):
            (descriptor, address) = (try Self.makeSocket(AF_UNIX, wanted), BoundAddress(path: unix.path))
            file = try SocketFile(binding: descriptor, to: unix, backlog: Self.backlog)
            return
        case .descriptor(let number):
            (descriptor, address) = try Self.inherited(number)
        }
        file = nil
    }

    // The descriptor is closed after this.
    deinit { file?.remove() }

    /// A duplicate of a socket that listens already.
    private static func inherited(_ number: Int32) throws(ServerError) -> (Descriptor, BoundAddress) {
        let isListening = option(SO_ACCEPTCONN, of: number) == 1 && option(SO_TYPE, of: number) == streamType
        let copy = isListening ? fcntl(number, F_DUPFD_CLOEXEC, 0) : -1
        guard copy >= 0, fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK) == 0,
            let address = SocketAddress.boundAddress(of: copy)
        else {
            throw ServerError(
                .badAddress,
                "descriptor \(number) is not a stream socket that listens; hand one over, or listen on an address instead",
                errno: errno
            )
        }
        return (Descriptor(copy), address)
    }

    private static func option(_ name: Int32, of number: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }

    private static func internet(
        _ socketAddress: SocketAddress,
        host: String,
        _ wanted: ListenAddress,
        onlyIPv6: Bool = false
    ) throws(ServerError) -> (Descriptor, BoundAddress) {
        let descriptor = try makeSocket(socketAddress.family, wanted)
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if socketAddress.family == AF_INET6 {
            setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, onlyIPv6 ? 1 : 0)
        }
        guard socketAddress.bind(descriptor) == 0, listen(descriptor.number, backlog) == 0 else {
            throw .binding(wanted, errno: errno)
        }
        guard let port = SocketAddress.boundAddress(of: descriptor.number)?.port else {
            throw .systemError("reading the port of \(wanted)", errno: errno)
        }
        return (descriptor, BoundAddress(host: host, port: port))
    }

    private static func makeSocket(_ family: Int32, _ wanted: ListenAddress) throws(ServerError) -> Descriptor {
        let number = makeSocketNumber(family)
        guard number >= 0 else { throw .binding(wanted, errno: errno) }
        return Descriptor(number)
    }

    /// A stream socket that does not block; -1 with an error number where the system has none.
    static func makeSocketNumber(_ family: Int32) -> Int32 { socket(family, streamSocket, 0) }

    private static func setOption(_ descriptor: Descriptor, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        // Best effort: without the option the bind that follows reports what is wrong, if anything is.
        _ = setsockopt(descriptor.number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static var streamType: Int32 {
        #if canImport(Glibc)
        Int32(SOCK_STREAM.rawValue)
        #else
        SOCK_STREAM
        #endif
    }

    private static var streamSocket: Int32 {
        #if canImport(Glibc)
        streamType | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        #else
        streamType | SOCK_CLOEXEC | SOCK_NONBLOCK
        #endif
    }
}
