import Glibc

/// Clients that watch a model of the service, and a writer: each line of standard input says how many changes it makes.
struct EventsCommand {
    let address: String
    let count: Int

    private struct Client {
        var text: [UInt8] = []
        var lastID: UInt64 = 0
        var lastRevision: UInt64 = 0
        var events = 0
        var missed = 0
    }

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(count)
        for index in crowd.sockets.indices { crowd.send(requestText("GET /state/Slot00?watch"), on: index) }
        var clients = [Client](repeating: Client(), count: count)
        try read(crowd, &clients) { $0.events > 0 }
        HTTPProbe.say("ready")
        while let changes = readLine().flatMap({ Int($0) }) {
            var writer = try Crowd(address)
            try writer.connect(1)
            for index in clients.indices { (clients[index].events, clients[index].missed) = (0, 0) }
            var revision: UInt64 = 0
            var start = ContinuousClock.now
            for number in 0..<changes {
                start = .now
                let body = #"{"samples":\#(number),"state":"\#(UInt32.random(in: 0 ... .max))"}"#
                writer.send(
                    requestText("PATCH /state/Slot00", "Content-Length: \(body.utf8.count)") + body,
                    on: 0
                )
                guard let answer = writer.readAnswer(on: 0), answer.status == 200,
                    let last = answer.field("state-revision").flatMap({ UInt64($0) })
                else { throw Crowd.Failure(what: "change \(number) was not made") }
                revision = last
                // They are read meanwhile, as by clients that keep up.
                if number % 16 == 0 { try read(crowd, &clients, waits: false) { _ in true } }
            }
            try read(crowd, &clients) { $0.lastRevision >= revision }
            let milliseconds = Int((.now - start) / .milliseconds(1))
            let wrong = clients.filter { $0.lastRevision != revision || $0.events + $0.missed != changes }.count
            let missed = clients.reduce(0) { $0 + $1.missed }
            HTTPProbe.say(
                "clients=\(count) changes=\(changes) wrong=\(wrong) missed=\(missed) milliseconds=\(milliseconds)"
            )
            writer.closeAll()
        }
        crowd.closeAll()
    }

    /// Reads what has come, until all clients have what is wanted.
    private func read(
        _ crowd: Crowd,
        _ clients: inout [Client],
        waits: Bool = true,
        until isDone: (Client) -> Bool
    ) throws {
        let end = ContinuousClock.now + .seconds(60)
        repeat {
            for index in clients.indices {
                while crowd.hasNews(index) {
                    let piece = crowd.read(on: index, waits: false)
                    if piece.isEmpty { throw Crowd.Failure(what: "stream \(index) has ended") }
                    try take(piece, &clients[index])
                }
            }
            if clients.allSatisfy(isDone) { return }
        } while waits && ContinuousClock.now < end
        if waits { throw Crowd.Failure(what: "not all have been told within a minute") }
    }

    private func take(_ piece: [UInt8], _ client: inout Client) throws {
        client.text += piece
        guard let last = client.text.lastIndex(of: UInt8(ascii: "\n")) else { return }
        let lines = client.text[..<last].split(separator: UInt8(ascii: "\n"))
        client.text.removeSubrange(...last)
        for line in lines {
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("id: "), let number = UInt64(text.dropFirst(4)) {
                guard number > client.lastID else { throw Crowd.Failure(what: "\(number) follows \(client.lastID)") }
                client.lastID = number
            } else if text.hasPrefix("data: ") {
                client.events += 1
                client.lastRevision = Self.number(after: "\"revision\":", in: text) ?? 0
                client.missed += Int(Self.number(after: "\"missed\":", in: text) ?? 0)
            }
        }
    }

    private static func number(after name: String, in text: String) -> UInt64? {
        text.range(of: name).flatMap { UInt64(text[$0.upperBound...].prefix { $0.isNumber }) }
    }
}
