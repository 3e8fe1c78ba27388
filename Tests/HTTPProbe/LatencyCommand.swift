internal import Glibc

/// A normal client: one request after the other on one connection, with a pause of a millisecond between them.
struct LatencyCommand {
    let address: String
    let milliseconds: Int
    let path: String

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(1)
        let request = requestText("GET \(path)")
        var latencies: [Duration] = []
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        while .now < end {
            let start = ContinuousClock.now
            crowd.send(request, on: 0)
            guard crowd.readAnswer(on: 0)?.status == 200 else { throw Crowd.Failure(what: "no answer") }
            latencies.append(.now - start)
            usleep(1_000)
        }
        latencies.sort()
        func microseconds(_ share: Double) -> Int {
            Int(latencies[Int(Double(latencies.count - 1) * share)] / .microseconds(1))
        }
        HTTPProbe.say(
            "requests=\(latencies.count) p50=\(microseconds(0.5)) p99=\(microseconds(0.99)) max=\(microseconds(1))"
        )
        crowd.closeAll()
    }
}
