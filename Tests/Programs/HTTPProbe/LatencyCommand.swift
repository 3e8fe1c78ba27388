internal import Glibc
internal import TestSupport

/// A normal client: one request after the other on one connection, with a pause of a millisecond between them; one at least.
struct LatencyCommand {
    /// What the client does with the path.
    enum Kind: String {
        case get
        /// Writes the number of the request.
        case put
        /// Writes the number of the request, and waits until another connection, which watches the model, has the change.
        case watch
    }

    let address: String
    let milliseconds: Int
    let path: String
    let kind: Kind

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(1)
        var watcher = try Crowd(address)
        if kind == .watch { try beginToWatch(&watcher) }
        var latencies: [Duration] = []
        var reconnects = 0
        let begin = ContinuousClock.now
        repeat {
            let start = ContinuousClock.now
            crowd.send(request(latencies.count + 1), on: 0)
            if kind == .watch { try readEvent(&watcher) }
            let eventTime = ContinuousClock.now
            let status = crowd.readAnswer(on: 0)?.status
            if status == nil, latencies.isEmpty, start - begin < patience {
                // The deadline for its first header can be over before a busy machine lets it send that.
                try crowd.reconnect(0)
                reconnects += 1
                continue
            }
            guard status == 200 else { throw Crowd.Failure(what: "no answer") }
            latencies.append((kind == .watch ? eventTime : .now) - start)
            usleep(1_000)
        } while latencies.isEmpty || ContinuousClock.now - begin < .milliseconds(milliseconds)
        latencies.sort()
        func microseconds(_ share: Double) -> Int {
            Int(latencies[Int(Double(latencies.count - 1) * share)] / .microseconds(1))
        }
        HTTPProbe.say(
            """
            requests=\(latencies.count) reconnects=\(reconnects) p50=\(microseconds(0.5)) p99=\(microseconds(0.99)) \
            max=\(microseconds(1))
            """
        )
        crowd.closeAll()
        watcher.closeAll()
    }

    private func request(_ number: Int) -> String {
        if kind == .get { return requestText("GET \(path)") }
        return requestText("PUT \(path)", "Content-Length: \("\(number)".utf8.count)") + "\(number)"
    }

    private func beginToWatch(_ watcher: inout Crowd) throws {
        try watcher.connect(1)
        let model = path.split(separator: "/").prefix(2).joined(separator: "/")
        watcher.send(requestText("GET /\(model)?watch"), on: 0)
        try readEvent(&watcher)
    }

    /// Reads to the end of the next event.
    private func readEvent(_ watcher: inout Crowd) throws {
        var text = ""
        while true {
            let piece = watcher.read(on: 0)
            if piece.isEmpty { throw Crowd.Failure(what: "no event") }
            text += String(decoding: piece, as: UTF8.self)
            // A comment may come before it or behind it.
            if let data = text.range(of: "\ndata: "), text[data.upperBound...].range(of: "\n\n") != nil { return }
        }
    }
}
