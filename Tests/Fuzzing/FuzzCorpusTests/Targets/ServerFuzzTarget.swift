import Glibc
import HTTPTypes

@testable import MicroHTTP
@testable import Primitives

/// Fuzzes a running server with the bytes of a connection.
///
/// Its handler and its client must see the requests that ``StrictRequests`` reads from the same bytes.
final class ServerFuzzTarget: Sendable {
    private let server: Server
    private let path: String
    /// Where requests are only answered, to see that the server goes on.
    private let otherPath: String
    /// The milliseconds of the server's clock, which stands still until ``advance()``.
    ///
    /// Some inputs make the server wait for more bytes; by its clock, no time passes meanwhile.
    private let milliseconds: Lock<Int64>
    private let calls: Lock<[StrictRequests.Request]>

    /// Starts a server on Unix sockets, which stops when the last reference goes.
    init() throws(ServerError) {
        let calls = Lock<[StrictRequests.Request]>([])
        let milliseconds = Lock<Int64>(1)
        let name = "/tmp/microhttp-fuzz-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let otherPath = "\(name)-other.sock"
        (self.calls, self.milliseconds, self.otherPath, path) = (calls, milliseconds, otherPath, "\(name).sock")
        let configuration = ServerConfiguration(
            addresses: [try ListenAddress("unix:\(path)"), try ListenAddress("unix:\(otherPath)")]
        )
        server = Server(configuration: configuration, clock: { milliseconds.withLock { $0 } }) { request in
            if request.listener.path == otherPath { return .now(Response(status: .noContent)) }
            let call = Self.call(request.owned(), host: request.host)
            let number = calls.withLock { calls in
                calls.append(call)
                return calls.count
            }
            return .now(
                Response(status: .ok, fields: [Self.number: "\(number)"], body: .bytes(Array("\(number)\n".utf8)))
            )
        }
        try server.start()
    }

    /// Sends the bytes after the first one, which says in how many pieces, and checks what comes of it.
    func run(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let first = bytes.first else { return }
        let sent = Array(bytes.dropFirst())
        calls.withLock { $0 = [] }
        let requests = StrictRequests.all(in: sent)
        guard let answer = exchange(sent, pieces: Int(first % 4) + 1, requests) else {
            violated("requests are answered, and the connection is closed, in time", sent, calls.withLock { $0 }, [])
        }
        let calls = calls.withLock { $0 }
        func expect(_ isMet: Bool, _ what: String) { if !isMet { violated(what, sent, calls, answer) } }
        expect(calls.count <= requests.count, "the handler is called for requests only")
        for (call, request) in zip(calls, requests) {
            expect(call == request, "the handler sees the request as it came")
        }
        guard let rest = restOfAnswer(answer, to: calls) else {
            violated("each call is answered, in order", sent, calls, answer)
        }
        let isRefused = !rest.isEmpty && !rest.starts(with: Array("HTTP/1.1 408".utf8))
        expect(
            calls.count == requests.count || isRefused || !Self.isPlain(sent),
            "each request is answered or refused"
        )
        // Its own refusals speak of HTTP/1.1 in their bodies.
        let others = rest.ranges(of: Array("HTTP/1.1 ".utf8))
            .count { rest[$0.upperBound...].first.map(isDigit) ?? true }
        expect(others <= 1, "one refusal goes out at most")
        expect(rest.isEmpty || rest.starts(with: Array("HTTP/1.1 ".utf8)), "nothing but responses goes out")
    }

    /// Whether libmicrohttpd need not wait for more nor close without a word: no NUL, no CR or LF alone, and no more than one empty
    /// line before a request, which is what it must take.
    private static func isPlain(_ sent: [UInt8]) -> Bool {
        let lineEnd = Array("\r\n".utf8)
        let lines = sent.ranges(of: lineEnd).count
        return !sent.contains(0) && sent.count { $0 == 0x0d } == lines && sent.count { $0 == 0x0a } == lines
            && !sent.starts(with: lineEnd + lineEnd) && sent.ranges(of: lineEnd + lineEnd + lineEnd).isEmpty
    }

    private static let number = HTTPField.Name("X-Call") ?? .server

    private static func call(_ request: OwnedRequest, host: String?) -> StrictRequests.Request {
        StrictRequests.Request(
            method: request.method.rawValue,
            path: request.path,
            host: host,
            query: request.query.filter { !$0.name.isEmpty }
                .map { StrictRequests.Pair(name: $0.name, value: $0.value.map { Array($0.utf8) }) },
            fields: request.headers.map { field in
                let value = field.withUnsafeBytesOfValue { Array($0) }
                return StrictRequests.Pair(name: field.name.rawName, value: Array(StrictRequests.trimmed(value[...])))
            },
            body: request.body
        )
    }

    /// What comes after the answers to the calls; nil if one of them is missing.
    private func restOfAnswer(_ answer: [UInt8], to calls: [StrictRequests.Request]) -> [UInt8]? {
        var rest = answer[...]
        for (index, call) in calls.enumerated() {
            rest = Self.withoutContinue(rest)
            guard rest.starts(with: Array("HTTP/1.1 200 OK\r\n".utf8)),
                let end = rest.firstRange(of: Array("\r\n\r\n".utf8))
            else { return nil }
            let body = Array("\(index + 1)\n".utf8)
            guard rest[..<end.upperBound].contains(Array("X-Call: \(index + 1)\r\n".utf8)) else { return nil }
            rest = rest[end.upperBound...]
            guard call.method != "HEAD" else { continue }
            guard rest.starts(with: body) else { return nil }
            rest = rest.dropFirst(body.count)
        }
        return Array(Self.withoutContinue(rest))
    }

    private static func withoutContinue(_ answer: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        return answer.starts(with: interim) ? answer.dropFirst(interim.count) : answer
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private func violated(
        _ what: String,
        _ sent: [UInt8],
        _ calls: [StrictRequests.Request],
        _ answer: [UInt8]
    ) -> Never {
        let (sent, answer) = (String(decoding: sent, as: UTF8.self), String(decoding: answer, as: UTF8.self))
        fatalError(
            "violated: \(what)\nsent: \(sent.debugDescription)\ncalls: \(calls)\nanswer: \(answer.debugDescription)"
        )
    }
}

extension ServerFuzzTarget {
    /// Everything that the server answers until it closes the connection; nil if it does not in time.
    ///
    /// The client's side is closed only when the requests are answered: libmicrohttpd may not answer after that.
    private func exchange(_ sent: [UInt8], pieces: Int, _ requests: [StrictRequests.Request]) -> [UInt8]? {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(number) }
        guard isConnected(number, to: path) else { return nil }
        let pieceBytes = max(1, (sent.count + pieces - 1) / pieces)
        var rest = sent[...]
        while !rest.isEmpty {
            let piece = rest.prefix(pieceBytes)
            // It fails when the server has refused and closed before.
            let count = piece.withUnsafeBytes { send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { break }
            rest = rest.dropFirst(count)
            sched_yield()
        }
        var answer: [UInt8] = []
        while restOfAnswer(answer, to: requests) == nil {
            guard let isOpen = readMore(number, &answer) else { return nil }
            if !isOpen { return answer }
        }
        shutdown(number, Int32(SHUT_WR))
        while true {
            guard let isOpen = readMore(number, &answer) else { return nil }
            if !isOpen { return answer }
        }
    }

    private func isConnected(_ number: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: address) {
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            return connect(number, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), size) == 0
        }
    }

    /// Whether the server has not closed yet; nil if it says nothing for long.
    private func readMore(_ number: Int32, _ answer: inout [UInt8]) -> Bool? {
        guard hasNews(number) else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { room in
            while true {
                let count = recv(number, room.baseAddress, room.count, 0)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno != ECONNRESET { return nil }
                if count <= 0 { return false }
                answer += room[..<count]
                return true
            }
        }
    }

    /// Waits for the server to answer or to close, and has its time pass where it does neither, because it waits for more.
    private func hasNews(_ number: Int32) -> Bool {
        let end = SuspendingClock.now + .seconds(300)
        repeat {
            if isReadable(number, upTo: 20) { return true }
            // It may also have had no turn on the processors. So it reads all that it was sent before time passes.
            guard look(Self.maxRounds), advance() else { return false }
        } while SuspendingClock.now < end
        return false
    }

    private func isReadable(_ number: Int32, upTo milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        while true {
            let count = poll(&polled, 1, milliseconds)
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }

    /// The server has read the longest input after so many rounds of its loop, each of which reads some bytes.
    private static let maxRounds = 64

    /// Has all deadlines be over, and the server see it.
    private func advance() -> Bool {
        milliseconds.withLock { $0 += 600_000 }
        return look(1)
    }

    /// Exchanges so many requests with the server on another connection: for each, its loop makes a round at least.
    ///
    /// - Returns: false if it does not answer.
    private func look(_ count: Int) -> Bool {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(number) }
        guard isConnected(number, to: otherPath) else { return false }
        let request = Array("GET / HTTP/1.1\r\nHost: test\r\n\r\n".utf8)
        for _ in 0..<count {
            guard send(number, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return false }
            var answer: [UInt8] = []
            while !answer.suffix(4).elementsEqual([0x0d, 0x0a, 0x0d, 0x0a]) {
                guard isReadable(number, upTo: 300_000) else { return false }
                var room = [UInt8](repeating: 0, count: 1_024)
                let received = recv(number, &room, room.count, 0)
                guard received > 0 else { return false }
                answer += room[..<received]
            }
        }
        return true
    }
}
