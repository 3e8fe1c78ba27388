internal import Glibc

/// Requests that all wait for their answers at once; every other client leaves before it comes.
struct LaterCommand {
    let address: String
    let count: Int

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(count)
        for index in crowd.sockets.indices { crowd.send(requestText("GET /later"), on: index) }
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
