internal import Glibc

/// Clients that write one field of a model, all at once, and once each.
struct WriteCommand {
    let address: String
    let clients: Int

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(clients)
        for index in 0..<clients {
            let body = "\(index)"
            let text = requestText("PUT /state/Slot00/samples", "Content-Length: \(body.utf8.count)")
            crowd.send(text + body, on: index)
        }
        HTTPProbe.say("sent")
        var statuses: [Int: Int] = [:]
        for index in 0..<clients {
            // Some wait for as long as the model is held, which is longer than one reading waits.
            var answer = crowd.readAnswer(on: index)
            if answer == nil { answer = crowd.readAnswer(on: index) }
            statuses[answer?.status ?? 0, default: 0] += 1
        }
        HTTPProbe.say(IdleCommand.list(statuses))
        crowd.closeAll()
    }
}
