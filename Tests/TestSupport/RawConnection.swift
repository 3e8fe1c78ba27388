internal import Glibc
package import MicroHTTP

/// A connection to a server on which tests write the bytes of a request as they are and read those of the response.
package final class RawConnection {
    /// Why reading or writing has failed.
    package struct Failure: Error {
        /// What has failed, and the system's error number.
        package let what: String

        /// Makes a failure.
        package init(what: String) { self.what = what }
    }

    private let number: Int32
    private var buffer: [UInt8] = []

    /// Connects; reading and writing wait at most ``patience`` for each piece.
    ///
    /// - Parameters:
    ///   - address: the server's.
    ///   - receiveBytes: about how much the system receives before it is read, where that is not left to the system.
    /// - Throws: ``Failure`` when there is no connection.
    package init(_ address: BoundAddress, receiveBytes: Int32? = nil) throws {
        if let path = address.path {
            var unix = sockaddr_un()
            unix.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: path.utf8) }
            number = try Self.connected(AF_UNIX, unix, receiveBytes)
        } else if address.host?.contains(":") == true {
            var internet = sockaddr_in6()
            internet.sin6_family = sa_family_t(AF_INET6)
            internet.sin6_port = (address.port ?? 0).bigEndian
            inet_pton(AF_INET6, address.host == "::" ? "::1" : address.host ?? "", &internet.sin6_addr)
            number = try Self.connected(AF_INET6, internet, receiveBytes)
        } else {
            var internet = sockaddr_in()
            internet.sin_family = sa_family_t(AF_INET)
            internet.sin_port = (address.port ?? 0).bigEndian
            inet_pton(AF_INET, address.host ?? "", &internet.sin_addr)
            number = try Self.connected(AF_INET, internet, receiveBytes)
        }
    }

    /// Connects to an address such as `127.0.0.1:8000`.
    package convenience init(_ text: String) throws {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { throw Failure(what: "no address: \(text)") }
        try self.init(BoundAddress(host: String(parts[0]), port: port))
    }

    deinit { close(number) }

    /// Writes all of the bytes.
    package func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { throw Failure(what: "send failed with \(errno)") }
            rest = rest.dropFirst(sent)
        }
    }

    /// Ends the client's side: the server reads what was written, and then the end.
    package func finishSending() { shutdown(number, Int32(SHUT_WR)) }

    /// Reads the lines up to the first empty one.
    package func readHead() throws -> [Substring] {
        let separator = Array("\r\n\r\n".utf8)
        while true {
            if let end = buffer.indices.first(where: { buffer[$0...].starts(with: separator) }) {
                defer { buffer.removeFirst(end + separator.count) }
                return String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
            }
            try readMore()
        }
    }

    /// Reads so many bytes.
    package func read(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try readMore() }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// Reads all that comes until the server closes the connection, properly or not.
    package func readToEnd() throws -> [UInt8] {
        while true {
            do {
                try readMore()
            } catch let failure as Failure {
                guard failure.what == "closed" || failure.what == "recv failed with \(ECONNRESET)" else {
                    throw failure
                }
                defer { buffer = [] }
                return buffer
            }
        }
    }

    /// Whether anything has come that was not read.
    package var hasMore: Bool {
        var polled = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return !buffer.isEmpty || poll(&polled, 1, 0) > 0
    }

    /// Whether the server has not read all that was sent; known of Unix sockets only.
    package var hasUnread: Bool {
        var count: Int32 = 0
        return ioctl(number, UInt(TIOCOUTQ), &count) == 0 && count > 0
    }

    /// Whether the server closes the connection, properly or not, with nothing more said.
    package func isClosedByServer() -> Bool {
        var byte: UInt8 = 0
        guard buffer.isEmpty else { return false }
        let count = receive(&byte, 1)
        // A Unix socket is reset when the server closes it without reading all that was sent, however much later that is.
        return count == 0 || (count < 0 && errno == ECONNRESET)
    }

    private func readMore() throws {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let count = receive(&piece, piece.count)
        guard count > 0 else { throw Failure(what: count == 0 ? "closed" : "recv failed with \(errno)") }
        buffer += piece[..<count]
    }

    /// Waits for bytes; a signal does not end the wait, as it else does where the wait has an end.
    private func receive(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
        while true {
            let received = recv(number, bytes, count, 0)
            if received >= 0 || errno != EINTR { return received }
        }
    }

    private static func connected<Address>(
        _ family: Int32,
        _ address: Address,
        _ receiveBytes: Int32?
    ) throws -> Int32 {
        let number = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var receiveBytes {
            setsockopt(number, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        let result = withUnsafePointer(to: address) { pointer in
            connect(
                number,
                UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<Address>.size)
            )
        }
        guard result == 0 else {
            close(number)
            throw Failure(what: "connect failed with \(errno)")
        }
        // Set only now: with a limit, a process that is stopped and continued would find its `connect` interrupted.
        var limit = timeval(tv_sec: Int(patience.components.seconds), tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return number
    }
}
