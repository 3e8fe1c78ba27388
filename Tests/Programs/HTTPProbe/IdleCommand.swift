internal import Glibc

/// Clients that keep their connection after an answer, and ask again when standard input says so.
struct IdleCommand {
    let address: String
    let count: Int

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(count)
        let request = requestText("GET /hello")
        var statuses: [Int: Int] = [:]
        for index in crowd.sockets.indices {
            crowd.send(request, on: index)
            statuses[crowd.readAnswer(on: index)?.status ?? 0, default: 0] += 1
        }
        HTTPProbe.say("ready \(Self.list(statuses))")
        HTTPProbe.waitForInput()
        var again: [Int: Int] = [:]
        for index in crowd.sockets.indices {
            crowd.send(request, on: index)
            again[crowd.readAnswer(on: index)?.status ?? 0, default: 0] += 1
        }
        HTTPProbe.say("again \(Self.list(again))")
        crowd.closeAll()
    }

    /// Counts as `status=count`; status 0 is a connection that was closed without an answer.
    static func list(_ statuses: [Int: Int]) -> String {
        statuses.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
