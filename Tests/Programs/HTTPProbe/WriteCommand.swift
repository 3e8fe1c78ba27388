internal import Glibc
internal import TestSupport

/// Clients that write one field of a model, all at once, and once each.
///
/// When so many have their answers as come early, it prints those; it prints all when the last one has come.
struct WriteCommand {
    let address: String
    let clients: Int
    /// How many answers come while the model is held.
    let early: Int

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(clients)
        for index in 0..<clients {
            let body = "\(index)"
            let text = requestText("PUT /state/Slot00/samples", "Content-Length: \(body.utf8.count)")
            crowd.send(text + body, on: index)
        }
        HTTPProbe.say("sent")
        var waiting = Set(0..<clients)
        var statuses: [Int: Int] = [:]
        func readAnswer(on index: Int) {
            statuses[crowd.readAnswer(on: index)?.status ?? 0, default: 0] += 1
            waiting.remove(index)
        }
        try waitUntil {
            for index in waiting where crowd.hasNews(index) { readAnswer(on: index) }
            return clients - waiting.count >= early
        }
        HTTPProbe.say("early \(IdleCommand.list(statuses))")
        for index in waiting { readAnswer(on: index) }
        HTTPProbe.say(IdleCommand.list(statuses))
        crowd.closeAll()
    }
}
