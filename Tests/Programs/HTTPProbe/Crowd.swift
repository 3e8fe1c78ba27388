internal import Glibc
internal import MicroHTTP
internal import TestSupport

/// Many connections of clients in one thread.
struct Crowd {
    struct Failure: Error {
        let what: String
    }

    /// The open connections; -1 is a closed one.
    private(set) var sockets: [Int32] = []
    private let address: sockaddr_storage
    private let addressBytes: socklen_t

    /// Makes a crowd without connections to `127.0.0.1:8000` or `unix:/path`.
    init(_ text: String) throws {
        var storage = sockaddr_storage()
        if text.hasPrefix("unix:") {
            var unix = sockaddr_un()
            unix.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: text.dropFirst(5).utf8.prefix(107)) }
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: unix, as: sockaddr_un.self) }
            addressBytes = socklen_t(MemoryLayout<sockaddr_un>.size)
        } else {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let port = UInt16(parts[1]) else { throw Failure(what: "no address: \(text)") }
            var internet = sockaddr_in()
            internet.sin_family = sa_family_t(AF_INET)
            internet.sin_port = port.bigEndian
            inet_pton(AF_INET, String(parts[0]), &internet.sin_addr)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: internet, as: sockaddr_in.self) }
            addressBytes = socklen_t(MemoryLayout<sockaddr_in>.size)
        }
        address = storage
    }

    /// Opens so many connections, with a receive buffer of another size than the system's if one is given; reading waits as long
    /// as `patience`.
    mutating func connect(_ count: Int, receiveBytes: Int32? = nil) throws {
        for _ in 0..<count { sockets.append(try makeSocket(receiveBytes)) }
    }

    /// Opens a connection in the place of another.
    mutating func reconnect(_ index: Int) throws {
        close(index)
        sockets[index] = try makeSocket(nil)
    }

    private func makeSocket(_ receiveBytes: Int32?) throws -> Int32 {
        let number = socket(Int32(address.ss_family), Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw Failure(what: "socket failed with \(errno)") }
        var limit = timeval(tv_sec: Int(patience.components.seconds), tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBytes {
            setsockopt(number, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(number, $0, addressBytes) }
        }
        guard result == 0 else {
            let code = errno
            Glibc.close(number)
            throw Failure(what: "connect failed with \(code)")
        }
        return number
    }

    /// Sends text on a connection; false if it is closed.
    @discardableResult
    func send(_ text: String, on index: Int) -> Bool { send(Array(text.utf8), on: index) }

    /// Sends bytes on a connection; false if it is closed.
    @discardableResult
    func send(_ bytes: [UInt8], on index: Int) -> Bool {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.send(sockets[index], $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }

    /// Reads what is there, or waits for it; empty when the server has closed or nothing comes.
    func read(on index: Int, most: Int = 64 << 10, waits: Bool = true) -> [UInt8] {
        let flags = waits ? 0 : Int32(MSG_DONTWAIT)
        return Array(unsafeUninitializedCapacity: most) { buffer, count in
            repeat { count = recv(sockets[index], buffer.baseAddress, most, flags) } while count < 0 && errno == EINTR
            count = max(0, count)
        }
    }

    /// An answer with Content-Length.
    struct Answer {
        let status: Int
        var body: String
        /// The lines of its head, in lower case.
        let lines: [Substring]

        /// Whether the server says that it closes the connection.
        var isLast: Bool { lines.contains("connection: close") }

        /// The value of a field, whose name is in lower case.
        func field(_ name: String) -> Substring? {
            lines.first { $0.hasPrefix("\(name): ") }?.dropFirst(name.count + 2)
        }
    }

    /// Reads one answer.
    ///
    /// - Returns: the answer; nil if the server has closed the connection before its end.
    func readAnswer(on index: Int) -> Answer? {
        var bytes: [UInt8] = []
        while true {
            let piece = read(on: index)
            if piece.isEmpty { return nil }
            bytes += piece
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = text[..<end.lowerBound]
            let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            var answer = Answer(status: status, body: "", lines: head.lowercased().split(separator: "\r\n"))
            var body = Array(text[end.upperBound...].utf8)
            let count = answer.field("content-length").flatMap { Int($0) } ?? 0
            while body.count < count {
                let piece = read(on: index)
                if piece.isEmpty { return nil }
                body += piece
            }
            answer.body = String(decoding: body, as: UTF8.self)
            return answer
        }
    }

    /// Whether the server has said something, if only that it closes the connection.
    func hasNews(_ index: Int) -> Bool {
        var polled = pollfd(fd: sockets[index], events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) > 0
    }

    mutating func close(_ index: Int) {
        Glibc.close(sockets[index])
        sockets[index] = -1
    }

    mutating func closeAll() {
        for index in sockets.indices where sockets[index] >= 0 { close(index) }
    }
}

extension StringProtocol {
    /// The first place of a text in this one.
    func range(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].utf8.starts(with: other.utf8) {
                return start..<utf8.index(start, offsetBy: other.utf8.count)
            }
            start = utf8.index(after: start)
        }
        return nil
    }
}

/// The request line and Host of a request with further fields.
func requestText(_ line: String, _ fields: String...) -> String {
    (["\(line) HTTP/1.1", "Host: localhost"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
}
