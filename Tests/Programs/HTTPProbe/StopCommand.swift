internal import Glibc
internal import HTTPTypes
internal import MicroHTTP
internal import Primitives
internal import TestSupport

/// Stops a server under load, again and again: each request that reached a handler must be answered completely.
struct StopCommand {
    let rounds: Int
    let connections: Int
    private static let threads = 4
    /// After so many rounds the process has all that it keeps.
    private static let warmUp = 5

    /// What clients have seen in a round.
    private struct Seen {
        var answered = 0
        var refused = 0
        /// Connections that were closed while an answer was waited for: the request had not been read.
        var cut = 0
    }

    func run() throws {
        let atStart = ProcessFigures.read()
        var before: ProcessFigures?
        var (handled, answered, refused, cut, wrong, longest) = (0, 0, 0, 0, 0, Duration.zero)
        for round in 0..<rounds {
            if round == Self.warmUp { before = .read() }
            // After another number of requests each time, so that the stop meets them at other points of their way.
            let (count, seen, duration) = try stopOnce(afterRequests: connections * (2 + round % 8))
            handled += count
            answered += seen.answered
            refused += seen.refused
            cut += seen.cut
            if count != seen.answered { wrong += 1 }
            longest = max(longest, duration)
        }
        // A thread that was joined may still be in the system's list for a moment. What stays there shows in the figures.
        try? waitUntil { ProcessFigures.read().threads <= atStart.threads }
        let after = ProcessFigures.read()
        let first = before ?? after
        HTTPProbe.say(
            """
            rounds=\(rounds) handled=\(handled) answered=\(answered) refused=\(refused) cut=\(cut) wrong=\(wrong) \
            longest=\(Int(longest / .milliseconds(1))) descriptors=\(after.descriptors - first.descriptors) \
            threads=\(after.threads - atStart.threads) residentKiB=\((after.residentBytes - first.residentBytes) >> 10)
            """
        )
    }

    private func stopOnce(afterRequests: Int) throws -> (handled: Int, seen: Seen, duration: Duration) {
        let body = SharedResponse(Response(status: .ok, body: .bytes([UInt8](repeating: 0x2e, count: 2_000))))
        let configuration = ServerConfiguration(addresses: [.loopback(port: 0)], limits: .patient)
        let server = Server(configuration: configuration) { request in
            request.method == .put ? .later { $0.send(body.response) } : .shared(body)
        }
        let address = try server.start()[0]
        let mayGo = Lock(true)
        let total = Lock(Seen())
        let threads = try (0..<Self.threads)
            .map { number in
                try WorkerThread {
                    let seen = Self.ask(
                        "\(address)",
                        connections / Self.threads,
                        number,
                        while: { mayGo.withLock { $0 } }
                    )
                    total.withLock { total in
                        total.answered += seen.answered
                        total.refused += seen.refused
                        total.cut += seen.cut
                    }
                }
            }
        try waitUntil { server.statistics.requestsHandled >= afterRequests }
        let start = ContinuousClock.now
        // Longer than a test waits: a server that waits for its bound is not done in time.
        server.stop(within: .beyondPatience)
        let duration = ContinuousClock.now - start
        mayGo.withLock { $0 = false }
        for thread in threads { thread.join() }
        return (server.statistics.requestsHandled, total.withLock { $0 }, duration)
    }

    /// Asks on many connections, all at once, until the server has gone.
    private static func ask(
        _ address: String,
        _ count: Int,
        _ number: Int,
        while mayGo: () -> Bool
    ) -> Seen {
        var seen = Seen()
        guard var crowd = try? Crowd(address) else { return seen }
        defer { crowd.closeAll() }
        // A crowd that can't connect has met a server that has stopped already.
        guard (try? crowd.connect(count)) != nil else { return seen }
        var open = Array(crowd.sockets.indices)
        let requests = [requestText("GET /a"), requestText("PUT /a", "Content-Length: 1") + "a"]
        while mayGo(), !open.isEmpty {
            open.removeAll { index in !crowd.send(requests[(index + number) % 2], on: index) }
            open.removeAll { index in
                switch crowd.readAnswer(on: index) {
                case let answer? where answer.status == 200 && answer.body.utf8.count == 2_000:
                    seen.answered += 1
                    return answer.isLast
                case .some:
                    seen.refused += 1
                    return true
                case nil:
                    seen.cut += 1
                    return true
                }
            }
        }
        return seen
    }
}
