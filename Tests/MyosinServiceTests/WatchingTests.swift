import HTTPTypes
import MicroHTTP
import Myosin
import TestSupport
import Testing

@testable import MyosinService

/// Streams of events over sockets.
@Suite struct WatchingTests {
    /// Begins to watch and reads the head of the answer.
    private func watch(_ fixture: Fixture, _ path: String = "/state/User?watch") throws -> (Client, Reply) {
        let client = try fixture.connect()
        try client.send(.get(path))
        return (client, try client.read(method: .get))
    }

    /// Begins to watch after what a client has seen.
    private func resume(_ fixture: Fixture, after id: String) throws -> Client {
        let client = try fixture.connect()
        try client.send(.get("/state/User?watch", (.lastEventID, id)))
        #expect(try client.read(method: .get).status == 200)
        return client
    }

    /// Reads until a text has come.
    private func read(_ client: Client, until end: String) throws -> String {
        var text = ""
        while !text.contains(end) { text += String(decoding: try client.readChunk(), as: UTF8.self) }
        return text
    }

    private func set(_ fixture: Fixture, name: String) throws { try fixture.state.update(User.self) { $0.name = name } }

    @Test func aStreamBeginsWithTheStateAndGoesOnWithChanges() async throws {
        try await onThread {
            let fixture = try Fixture(.socket)
            let (client, head) = try watch(fixture)
            #expect(head.status == 200)
            #expect(head.fields[.contentType] == "text/event-stream")
            #expect(head.fields[.cacheControl] == "no-store, no-transform")
            #expect(head.fields[.vary] == "Accept")
            try set(fixture, name: "anna")
            try set(fixture, name: "bert")
            let text = try read(client, until: "bert")
            #expect(
                text.replacing(":\n", with: "") == """
                    retry: 2000
                    event: snapshot
                    data: {"model":"User","revision":4,"value":\(Text.user)}
                    id: k3f9-4

                    event: change
                    data: {"model":"User","revision":5,"value":{"id":"u1","name":"anna","email":"chris@email.com"}}
                    id: k3f9-5

                    event: change
                    data: {"model":"User","revision":6,"value":{"id":"u1","name":"bert","email":"chris@email.com"}}
                    id: k3f9-6


                    """
            )
        }
    }

    @Test func clientsThatWatchAreCounted() async throws {
        try await onThread {
            let fixture = try Fixture(.socket)
            let gauge = "myosin_http_watchers"
            #expect(fixture.sample(gauge) == 0)
            var stream: (Client, Reply)? = try watch(fixture)
            try waitUntil { fixture.sample(gauge) == 1 }
            let second = try watch(fixture)
            try waitUntil { fixture.sample(gauge) == 2 }
            #expect(stream?.1.status == 200)
            stream = nil
            try waitUntil { fixture.sample(gauge) == 1 }
            withExtendedLifetime(second) {}
        }
    }

    /// Only the number of a publication of this process tells what a client knows already.
    @Test(arguments: ["k3f9-4", "k3f9-5"]) func whoResumesIsToldWhatIsNew(id: String) async throws {
        try await onThread {
            let fixture = try Fixture(.socket)
            try set(fixture, name: "anna")
            let client = try resume(fixture, after: id)
            try set(fixture, name: "bert")
            let text = try read(client, until: "bert")
            #expect(!text.contains("snapshot") && text.contains("anna") == (id == "k3f9-4"))
        }
    }

    @Test(arguments: [
        "k3f9-6", "k3f9-18446744073709551615", "k3f9-99999999999999999999", "k3f9--1", "k3f9-4.0", "k3f9-abc",
        "k3f9-4 5", "k3f9-04",
        "k3f9-+4", "k3f9-", "k3f9", "-4", "4", "K3F9-4", "k3f8-4", "k3f9-k3f9-4",
    ])
    func anIDThatSaysNothingGetsTheWhole(id: String) async throws {
        try await onThread {
            let fixture = try Fixture(.socket)
            try set(fixture, name: "anna")
            let client = try resume(fixture, after: id)
            let text = try read(client, until: "id: k3f9-5\n")
            #expect(text.contains("event: snapshot") && text.contains("anna"))
        }
    }

    @Test(arguments: Way.allCases) func whatCannotBeWatchedIsRefused(way: Way) throws {
        let fixture = try Fixture(way)
        let field = try Refused(try fixture.reply(to: .get("/state/User/name?watch")))
        #expect(field.status == 400 && field.detail.contains("Type curl -N 'localhost:8000/state/User?watch'."))
        let unknown = try Refused(try fixture.reply(to: .get("/state/Usr?watch")))
        #expect(unknown.status == 404 && unknown.detail.contains("User"))
        #expect(try Refused(try fixture.reply(to: .get("/state?watch", (.accept, "image/png")))).status == 406)
        let head = try fixture.reply(to: Call(.head, "/state?watch"))
        #expect(head.status == 200 && head.fields[.contentType] == "text/event-stream")
    }

    /// A weight that is malformed or above 1 makes its range none.
    @Test(arguments: ["text/event-stream;q=abc", "text/event-stream;q=5", "text/event-stream;q=0.1, application/json"])
    func anotherAcceptAsksForJSON(accept: String) throws {
        for path in ["/state", "/state/User"] {
            let reply = try Fixture(.direct).reply(to: .get(path, (.accept, accept)))
            #expect(reply.status == 200 && reply.fields[.contentType] == "application/json")
        }
    }

    /// It costs what the kernel and a number of publications take, and then gets the latest value.
    @Test func whoStopsReadingIsToldLaterHowManyItMissed() async throws {
        try await onThread {
            let count = 500
            let changes = try changesReadLate(at: .unix, count: count)
            #expect(changes.contains { $0.missed > 0 } && changes.count < count / 2)
            // Of a TCP connection the kernel may take much more, or all.
            _ = try changesReadLate(at: .loopback, count: 100)
        }
    }

    /// Makes so many changes while a client reads nothing, and has it read then.
    private func changesReadLate(at place: Place, count: Int) throws -> [Event] {
        let fixture = try Fixture(.socket, at: place)
        let (client, _) = try watch(fixture)
        let long = String(repeating: "x", count: 50_000)
        for number in 1...count { try set(fixture, name: "\(number) \(long)") }
        var (parser, events): (EventParser, [Event]) = (EventParser(), [])
        while events.last?.revision != UInt64(4 + count) {
            parser.take(try client.readChunk())
            events += try parser.takeEvents()
        }
        let changes = Array(events.dropFirst())
        #expect(events.first?.name == "snapshot" && changes.allSatisfy { $0.name == "change" })
        #expect(changes.reduce(0) { $0 + 1 + $1.missed } == count, "what came and what was missed is all there was")
        #expect(changes.last?.value?.value(at: ["name"]) == .string("\(count) \(long)"))
        let ids = events.compactMap(\.id)
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        return changes
    }

    /// One that has left without a word holds its place until a comment finds that out.
    @Test func whoHasVanishedLetsOthersIn() async throws {
        let fixture = try Fixture(.socket) { ($0.maxWatchers, $0.heartbeatSeconds) = (1, 1) }
        var first: (Client, Reply)? = try watch(fixture)
        #expect(first?.1.status == 200)
        #expect(try watch(fixture).1.status == 503)
        first = nil
        var second: Reply?
        try await until {
            if second?.status != 200 { second = try watch(fixture).1 }
            return second?.status == 200
        }
    }

    @Test func aStopEndsStreams() async throws {
        try await onThread {
            let fixture = try Fixture(.socket)
            let (client, _) = try watch(fixture)
            fixture.stop()
            while try !client.readChunk().isEmpty {}
        }
    }
}

/// Requests that wait for a change.
@Suite struct LongPollTests {
    private func poll(_ path: String, _ tag: String, _ wait: String) -> Call {
        .get(path, (.ifNoneMatch, tag), (.prefer, wait))
    }

    @Test(arguments: [("/state/User", Text.newUser), ("/state/User/name", "\"cS\"")], Way.allCases)
    func aChangeAnswers(_ row: (path: String, value: String), way: Way) throws {
        let fixture = try Fixture(way)
        let waiting = try fixture.begin(poll(row.path, "\"k3f9-4\"", "respond-async, wait=300"))
        // Another model's is none.
        #expect(try fixture.reply(to: .put("/state/Counter/count", "1")).status == 200)
        #expect(!waiting.isAnswered)
        #expect(try fixture.reply(to: .put("/state/User", Text.newUser)).status == 200)
        let reply = try waiting.reply()
        #expect(reply.status == 200 && reply.text == row.value + "\n")
        #expect(reply.fields[.eTag] == "\"k3f9-6\"" && reply.fields[.preferenceApplied] == "wait=300")
    }

    @Test(arguments: Way.allCases) func anyChangeAnswersWhoWaitsForTheWholeState(way: Way) throws {
        let fixture = try Fixture(way)
        let waiting = try fixture.begin(poll("/state", "\"k3f9-4\"", "wait=300"))
        #expect(try fixture.reply(to: .put("/state/Telemetry/humidity", "41")).status == 200)
        let reply = try waiting.reply()
        #expect(reply.status == 200 && reply.fields[.eTag] == "\"k3f9-5\"" && reply.text.contains("\"humidity\":41"))
    }

    @Test(arguments: Way.allCases) func theEndOfTheWaitAnswers(way: Way) async throws {
        try await onThread {
            let reply = try Fixture(way).reply(to: poll("/state/User", "\"k3f9-4\"", "wait=1"))
            #expect(reply.status == 304 && reply.fields[.preferenceApplied] == "wait=1" && reply.body.isEmpty)
        }
    }

    private static let answeredAtOnce: [(call: Call, status: Int)] = [
        // News is there already.
        (.get("/state/User", (.ifNoneMatch, "\"k3f9-3\""), (.prefer, "wait=300")), 200),
        (.get("/state/User", (.prefer, "wait=300")), 200),
        (.get("/state/User", (.ifNoneMatch, "\"k3f9-4\"")), 304),
        (.get("/state/User", (.ifNoneMatch, "\"k3f9-4\""), (.prefer, "wait=0")), 304),
        // No number of seconds.
        (.get("/state/User", (.ifNoneMatch, "\"k3f9-4\""), (.prefer, "wait=soon")), 304),
        (.get("/state/User", (.ifNoneMatch, "\"k3f9-4\""), (.prefer, "wait=-1")), 304),
        (.get("/state/User", (.ifNoneMatch, "\"k3f9-4\""), (.prefer, "wait")), 304),
        (.get("/state/Usr", (.ifNoneMatch, "\"k3f9-4\""), (.prefer, "wait=300")), 404),
        (Call(.head, "/state/User", [(.ifNoneMatch, "\"k3f9-4\""), (.prefer, "wait=300")]), 304),
    ]

    @Test(arguments: answeredAtOnce.indices, Way.allCases) func nothingToWaitForIsAnsweredAtOnce(row: Int, way: Way)
        throws
    {
        let (call, status) = Self.answeredAtOnce[row]
        // The limit of waiting requests is 0 here, so a request that waited would get 503.
        #expect(try Fixture(way) { $0.maxWatchers = 0 }.reply(to: call).status == status)
    }

    @Test func manyWaitAtOnce() throws {
        let fixture = try Fixture(.socket)
        let waiting = try (0..<200).map { _ in try fixture.begin(poll("/state/User/name", "\"k3f9-4\"", "wait=300")) }
        try fixture.state.update(User.self) { $0.name = "anna" }
        for one in waiting { #expect(try one.reply().text == "\"anna\"\n") }
    }

    /// Nobody is told what has happened to a client that has left; its place is free after the next change.
    @Test func oneThatHasLeftHarmsNobody() async throws {
        let fixture = try Fixture(.socket) { $0.maxWatchers = 1 }
        var client: Client? = try fixture.connect()
        try client?.send(poll("/state/User", "\"k3f9-4\"", "wait=300"))
        try await until { fixture.sample("myosin_http_requests_in_flight") == 1 }
        #expect(try fixture.reply(to: poll("/state/User", "\"k3f9-4\"", "wait=1")).status == 503)
        client = nil
        try fixture.state.blocking.update(User.self) { $0.name = "anna" }
        try await until { try fixture.reply(to: poll("/state/User", "\"k3f9-5\"", "wait=1")).status == 304 }
        let second = try fixture.begin(poll("/state/User", "\"k3f9-5\"", "wait=300"))
        try fixture.state.blocking.update(User.self) { $0.name = "bert" }
        #expect(try second.reply().fields[.eTag] == "\"k3f9-6\"")
    }

    @Test func aModelThatGoesAnswers() throws {
        let fixture = try Fixture(.declared)
        let waiting = try fixture.begin(poll("/state/User", "\"k3f9-4\"", "wait=300"))
        try fixture.state.declare(try DeclaredModels.all(["Counter", "Device", "Telemetry"]))
        #expect(try Refused(waiting.reply()).status == 404)
    }
}
