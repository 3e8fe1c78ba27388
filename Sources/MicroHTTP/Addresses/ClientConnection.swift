internal import CLinux
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A connection to a server, all of whose calls end by one deadline.
package final class ClientConnection {
    /// Why a call has failed.
    package enum Failure: Error {
        /// The system's error number.
        case system(Int32)
        /// The deadline has passed.
        case late
    }

    private let descriptor: Descriptor
    private let deadline: ContinuousClock.Instant
    /// How long to pause where nothing reports that a Unix socket takes connections again.
    private static let pauseMilliseconds: Int32 = 20

    /// Connects to a server.
    ///
    /// - Parameters:
    ///   - address: the server's; not the address that stands for all of the machine.
    ///   - deadline: when all that is done with the connection must be over.
    /// - Throws: ``Failure``.
    package init(to address: BoundAddress, by deadline: ContinuousClock.Instant) throws(Failure) {
        self.deadline = deadline
        guard let target = Self.socketAddress(address) else { throw .system(ENAMETOOLONG) }
        let number = ListeningSocket.makeSocketNumber(target.family)
        guard number >= 0 else { throw .system(errno) }
        descriptor = Descriptor(number)
        while target.connect(number) != 0 {
            switch errno {
            case EINTR: continue
            case EISCONN: return
            case EINPROGRESS, EALREADY:
                try wait(for: POLLOUT)
                let code = Self.pendingError(of: number)
                if code != 0 { throw .system(code) }
                return
            case EAGAIN:
                // Too many connections wait to be accepted.
                if ContinuousClock.now >= deadline { throw .late }
                poll(nil, 0, Self.pauseMilliseconds)
            default: throw .system(errno)
            }
        }
    }

    /// Sends all of some bytes.
    ///
    /// - Parameter bytes: the bytes.
    /// - Throws: ``Failure``.
    package func write(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                try wait(for: POLLOUT)
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
    }

    /// Receives what has come, or waits for it.
    ///
    /// - Returns: up to 4 KiB; nothing when the server has closed the connection.
    /// - Throws: ``Failure``.
    package func read() throws(Failure) -> ArraySlice<UInt8> {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            // A server that sends byte after byte is late too.
            if ContinuousClock.now >= deadline { throw .late }
            try wait(for: POLLIN)
            let count = recv(descriptor.number, &buffer, buffer.count, 0)
            if count >= 0 { return buffer[..<count] }
            if errno != EINTR, errno != EAGAIN { throw .system(errno) }
        }
    }

    private func wait(for events: Int32) throws(Failure) {
        while true {
            let rest = max(deadline - .now, .zero)
            var polled = pollfd(fd: descriptor.number, events: Int16(events), revents: 0)
            let count = poll(&polled, 1, Int32(clamping: Int((rest / .milliseconds(1)).rounded(.up))))
            if count > 0 { return }
            if count == 0, rest == .zero { throw .late }
            if count < 0, errno != EINTR { throw .system(errno) }
        }
    }

    private static func socketAddress(_ address: BoundAddress) -> SocketAddress? {
        guard let host = address.host, let port = address.port else {
            return address.path.flatMap { $0.utf8.count <= UnixSocketAddress.maxPathBytes ? .unix($0) : nil }
        }
        return host.contains(":") ? .ipv6(host, port) : .ipv4(host, port)
    }

    private static func pendingError(of number: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_ERROR, &value, &length) == 0 ? value : errno
    }
}

extension ListenAddress {
    /// The address at which a client of this machine reaches a server that listens here: a loopback address in the place of all.
    ///
    /// It is nil where the text does not say it, for port 0 and a descriptor.
    package var clientAddress: BoundAddress? {
        switch kind {
        case .ipv4(_, 0), .ipv6(_, 0), .localhost(0), .everywhere(0), .descriptor: nil
        case .ipv4(let host, let port): BoundAddress(host: host == "0.0.0.0" ? "127.0.0.1" : host, port: port)
        case .ipv6(let host, let port): BoundAddress(host: host == "::" ? "::1" : host, port: port)
        case .localhost(let port), .everywhere(let port): BoundAddress(host: "127.0.0.1", port: port)
        case .unix(let unix): BoundAddress(path: unix.path)
        }
    }

    /// The descriptor that it names, if it names one.
    package var descriptorNumber: Int32? {
        if case .descriptor(let number) = kind { number } else { nil }
    }
}
