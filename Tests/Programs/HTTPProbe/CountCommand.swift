internal import Glibc

/// Clients that count together: each reads a number, writes the next one on condition, and begins again after a refusal.
///
/// All of them write at once, so of each round one succeeds; what is told is how many rounds there were, and the sum.
struct CountCommand {
    let address: String
    let clients: Int
    /// How often each client counts.
    let count: Int
    private static let path = "/state/Slot00/samples"

    private struct Client {
        var left: Int
        var number = 0
        var tag = ""
        var mustRead = true
    }

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(clients)
        let first = try read(&crowd, 0).number
        var all = (0..<clients).map { _ in Client(left: count) }
        var (successes, conflicts, wrong, rounds) = (0, 0, 0, 0)
        while all.contains(where: { $0.left > 0 }), wrong == 0 {
            rounds += 1
            let busy = all.indices.filter { all[$0].left > 0 }
            for index in busy where all[index].mustRead { crowd.send(requestText("GET \(Self.path)"), on: index) }
            for index in busy where all[index].mustRead {
                (all[index].number, all[index].tag) = try answer(&crowd, index)
            }
            for index in busy {
                let body = "\(all[index].number + 1)"
                let fields = ["If-Match: \(all[index].tag)", "Content-Length: \(body.utf8.count)"]
                crowd.send(requestText("PUT \(Self.path)", fields[0], fields[1]) + body, on: index)
            }
            for index in busy {
                switch crowd.readAnswer(on: index)?.status {
                case 200:
                    successes += 1
                    all[index].left -= 1
                case 412: conflicts += 1
                default: wrong += 1
                }
            }
        }
        // The first client may have been done so early that its connection was closed meanwhile.
        try crowd.reconnect(0)
        let last = try read(&crowd, 0).number
        HTTPProbe.say(
            "successes=\(successes) conflicts=\(conflicts) wrong=\(wrong) rounds=\(rounds) counted=\(last - first)"
        )
        crowd.closeAll()
    }

    private func read(_ crowd: inout Crowd, _ index: Int) throws -> (number: Int, tag: String) {
        crowd.send(requestText("GET \(Self.path)"), on: index)
        return try answer(&crowd, index)
    }

    private func answer(_ crowd: inout Crowd, _ index: Int) throws -> (number: Int, tag: String) {
        guard let answer = crowd.readAnswer(on: index), answer.status == 200,
            let number = Int(answer.body.filter { $0.isNumber }),
            let tag = answer.field("etag").map(String.init)
        else { throw Crowd.Failure(what: "no number") }
        return (number, tag)
    }
}
