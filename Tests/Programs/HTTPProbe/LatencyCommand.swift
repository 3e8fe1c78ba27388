internal import Glibc
internal import TestSupport

/// A normal client: one request after the other on one connection, with a pause of a millisecond between them; one at least.
struct LatencyCommand {
    let address: String
    let milliseconds: Int
    let path: String

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(1)
        let request = requestText("GET \(path)")
        var latencies: [Duration] = []
        var reconnects = 0
        let begin = ContinuousClock.now
        repeat {
            let start = ContinuousClock.now
            crowd.send(request, on: 0)
            let status = crowd.readAnswer(on: 0)?.status
            if status == nil, latencies.isEmpty, start - begin < patience {
                // The deadline for its first header can be over before a busy machine lets it send that.
                try crowd.reconnect(0)
                reconnects += 1
                continue
            }
            guard status == 200 else { throw Crowd.Failure(what: "no answer") }
            latencies.append(.now - start)
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
    }
}
