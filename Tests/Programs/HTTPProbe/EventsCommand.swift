internal import Glibc

/// Clients that watch a model of the service, and a writer: each line of standard input says how many changes it makes.
struct EventsCommand {
    let address: String
    let count: Int

    func run() throws {
        var crowd = try Crowd(address)
        try crowd.connect(count)
        var readers = try EventReaders(crowd.sockets)
        for index in crowd.sockets.indices { crowd.send(requestText("GET /state/Slot00?watch"), on: index) }
        try readers.read { $0.events > 0 }
        HTTPProbe.say("ready")
        var writer = try Crowd(address)
        while let changes = try nextLine(&readers).flatMap({ Int($0) }) {
            try writer.connect(1)
            readers.beginCounting()
            var revision: UInt64 = 0
            var start = ContinuousClock.now
            for number in 0..<changes {
                start = .now
                revision = try change(number, writer)
                // They are read meanwhile, as by clients that keep up.
                if number % 16 == 0 { try readers.readWhatIsThere() }
            }
            try readers.read { $0.lastRevision >= revision }
            let milliseconds = Int((.now - start) / .milliseconds(1))
            let wrong = readers.clients.filter { $0.lastRevision != revision || $0.events + $0.missed != changes }.count
            let missed = readers.clients.reduce(0) { $0 + $1.missed }
            HTTPProbe.say(
                "clients=\(count) changes=\(changes) wrong=\(wrong) missed=\(missed) milliseconds=\(milliseconds)"
            )
            writer.closeAll()
        }
        crowd.closeAll()
    }

    /// Waits for a line of standard input, and reads meanwhile what comes from others.
    private func nextLine(_ readers: inout EventReaders) throws -> String? {
        var polled = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&polled, 1, 0) == 0 { try readers.readWhatIsThere(waitingMilliseconds: 20) }
        return readLine()
    }

    /// Makes a change.
    ///
    /// - Returns: the revision that it has.
    private func change(_ number: Int, _ writer: Crowd) throws -> UInt64 {
        let body = #"{"samples":\#(number),"state":"\#(UInt32.random(in: 0 ... .max))"}"#
        let last = writer.sockets.count - 1
        writer.send(requestText("PATCH /state/Slot00", "Content-Length: \(body.utf8.count)") + body, on: last)
        guard let answer = writer.readAnswer(on: last), answer.status == 200,
            let revision = answer.field("state-revision").flatMap({ UInt64($0.drop { $0 != "-" }.dropFirst()) })
        else { throw Crowd.Failure(what: "change \(number) was not made") }
        return revision
    }
}
