internal import Glibc

/// Requests that all wait for their answers at once; half of a second crowd leaves before.
struct LaterCommand {
    let address: String
    let count: Int

    init(address: String, count: Int) { (self.address, self.count) = (address, count) }

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(count)
        for index in crowd.sockets.indices { crowd.send(requestText("GET /later"), on: index) }
        // Every other one leaves without waiting.
        HTTPProbe.say("ready")
        HTTPProbe.waitForInput()
        for index in stride(from: 0, to: count, by: 2) { crowd.close(index) }
        HTTPProbe.say("left")
        var statuses: [Int: Int] = [:]
        for index in stride(from: 1, to: count, by: 2) {
            statuses[crowd.readAnswer(on: index)?.status ?? 0, default: 0] += 1
        }
        HTTPProbe.say("answered \(IdleCommand.list(statuses))")
        crowd.closeAll()
    }
}
