internal import Glibc
internal import TestSupport

/// Clients that send or read a byte now and then, until the server has closed all of them.
struct SlowCommand {
    enum Kind: String {
        case head
        case body
        case read
    }

    let address: String
    let count: Int
    let kind: Kind
    let periodMilliseconds: Int
    /// What is asked for; nil for what `serve` has for each kind.
    var path: String?

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(count, receiveBytes: kind == .read ? 4 << 10 : nil)
        for index in 0..<count {
            switch kind {
            case .head: crowd.send("GET \(path ?? "/hello") HTTP/1.1\r\nHost: probe\r\nX-Slow: ", on: index)
            case .body: crowd.send(requestText("PUT \(path ?? "/echo")", "Content-Length: 1000"), on: index)
            case .read: crowd.send(requestText("GET \(path ?? "/big")"), on: index)
            }
        }
        let start = ContinuousClock.now
        HTTPProbe.say("ready")
        var closings: [Duration] = []
        var told = 0
        while closings.count < count, ContinuousClock.now - start < patience {
            usleep(UInt32(periodMilliseconds) * 1_000)
            for index in crowd.sockets.indices where crowd.sockets[index] >= 0 {
                switch kind {
                case .head, .body: crowd.send("a", on: index)
                case .read: _ = crowd.read(on: index, most: 1, waits: false)
                }
                // A reader cannot know: what it has not read comes before the end. The server's figures tell.
                if kind != .read, crowd.hasNews(index) {
                    if crowd.read(on: index).starts(with: Array("HTTP/1.1 408 ".utf8)) { told += 1 }
                    closings.append(.now - start)
                    crowd.close(index)
                }
            }
            if kind == .read, try openConnections() <= 1 {
                closings += Array(repeating: .now - start, count: count - closings.count)
            }
        }
        crowd.closeAll()
        closings.sort()
        func milliseconds(_ duration: Duration?) -> Int { Int((duration ?? .zero) / .milliseconds(1)) }
        HTTPProbe.say(
            "closed=\(closings.count) told=\(told) first=\(milliseconds(closings.first)) last=\(milliseconds(closings.last))"
        )
    }

    private func openConnections() throws -> Int {
        var other = try Crowd(address)
        try other.connect(1)
        other.send(requestText("GET /figures"), on: 0)
        defer { other.closeAll() }
        // A server that has no room for this one has not closed the others.
        guard let answer = other.readAnswer(on: 0), answer.status == 200 else { return .max }
        return Figures(answer.body)["connections"]
    }
}
