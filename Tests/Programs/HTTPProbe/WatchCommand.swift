internal import Glibc

/// Clients of an endless stream: each line of standard input has them wait for the next event.
struct WatchCommand {
    let address: String
    let count: Int

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(count)
        for index in crowd.sockets.indices { crowd.send(requestText("GET /watch"), on: index) }
        var received = [Int](repeating: 0, count: count)
        for index in crowd.sockets.indices { received[index] = try receive(1, before: 0, from: crowd, index) }
        HTTPProbe.say("ready")
        var round = 1
        while HTTPProbe.waitForInput() {
            round += 1
            let start = ContinuousClock.now
            for index in crowd.sockets.indices {
                received[index] = try receive(round, before: received[index], from: crowd, index)
            }
            HTTPProbe.say("received=\(count) milliseconds=\(Int((.now - start) / .milliseconds(1)))")
        }
        crowd.closeAll()
    }

    /// Reads until so many events have come in all.
    private func receive(_ wanted: Int, before: Int, from crowd: Crowd, _ index: Int) throws -> Int {
        var count = before
        while count < wanted {
            let piece = crowd.read(on: index)
            if piece.isEmpty { throw Crowd.Failure(what: "stream \(index) has ended") }
            // An event is sent in one piece, and a piece may have several.
            count +=
                String(decoding: piece, as: UTF8.self).split(separator: "data: ", omittingEmptySubsequences: false)
                .count - 1
        }
        return count
    }
}
