import HTTPTypes
import Myosin
import Primitives
import TestSupport
import Testing

@Suite struct ContentionTests {
    /// A client that adds to the counter: it reads, writes on condition, and begins again after a refusal.
    private struct Writer {
        let client: Client
        var left: Int
        var tag = ""
        var count = 0

        mutating func takeRead() throws {
            let reply = try client.read(method: .get)
            tag = reply.fields[.eTag] ?? ""
            guard case .object(let object) = try JSONValue(parsing: reply.body),
                case .number(let number) = object["count"], let count = number.integer(Int.self)
            else { throw RawConnection.Failure(what: "\(reply.text) is not a counter") }
            self.count = count
        }

        func sendWrite() throws {
            try client.send(.put("/state/Counter", "{\"count\":\(count + 1)}", (.ifMatch, tag)))
        }

        mutating func takeWritten() throws -> Int {
            let reply = try client.read(method: .put)
            if reply.status == 200 { left -= 1 }
            return reply.status
        }
    }

    @Test func twoHundredConditionalWritesLoseNothing() async throws {
        let fixture = try Fixture(.socket)
        let state = fixture.state
        let inProcess = startTask {
            for _ in 0..<100 {
                try await state.update(Counter.self, wait: patience) { $0.count += 1 }
                await Task.yield()
            }
        }
        var writers = try (0..<25).map { _ in Writer(client: try fixture.connect(), left: 8) }
        var refusals = 0
        while !writers.isEmpty {
            for writer in writers { try writer.client.send(.get("/state/Counter")) }
            for index in writers.indices { try writers[index].takeRead() }
            // All of them write on the same revision before any has its answer, so at most one can succeed.
            for writer in writers { try writer.sendWrite() }
            for index in writers.indices {
                let status = try writers[index].takeWritten()
                #expect(status == 200 || status == 412)
                if status == 412 { refusals += 1 }
            }
            writers.removeAll { $0.left == 0 }
        }
        try await inProcess.value
        #expect(refusals > 0)
        let reply = try fixture.reply(to: .get("/state/Counter"))
        #expect(reply.text == #"{"id":"c1","count":300}"# + "\n")
    }

    /// Whoever declares models may take one away between any two steps of a request.
    @Test func fieldsOfAModelThatComesAndGoesAreThereOrNot() async throws {
        let fixture = try Fixture(.declared)
        let (state, isOver) = (fixture.state, Lock(false))
        let declarations = try DeclaredModels.all(["Counter", "User"])
        let (hasSucceeded, end) = (Lock(false), SuspendingClock.now + patience)
        let changes = startTask {
            defer { isOver.withLock { $0 = true } }
            var rounds = TestSupport.rounds(1_000)
            // On a busy machine, until a request has found the models.
            while rounds > 0 || (!hasSucceeded.withLock { $0 } && SuspendingClock.now < end) {
                try state.declare([])
                try state.declare(declarations)
                rounds -= 1
            }
        }
        var counts: [Int: Int] = [:]
        while !isOver.withLock({ $0 }) {
            for call in [Call.put("/state/Counter/count", "7"), .get("/state/Counter/count"), .get("/state/User/nam")] {
                counts[try fixture.reply(to: call).status, default: 0] += 1
            }
            if counts[200] != nil { hasSucceeded.withLock { $0 = true } }
        }
        try await changes.value
        #expect(counts.keys.sorted() == [200, 404])
    }

    /// Clients move money between two accounts by conditional patches of the whole state, while others read.
    @Test func theSumOfTwoModelsIsTheSameAtAllTimes() throws {
        let fixture = try Fixture(.socket)
        try fixture.state.load(Savings())
        let writers = try (0..<16).map { _ in try fixture.connect() }
        let readers = try (0..<4).map { _ in try fixture.connect() }
        var (moves, refusals) = (0, 0)
        while moves < 100 {
            for client in writers + readers { try client.send(.get("/state")) }
            for reader in readers { #expect(try sum(of: reader.read(method: .get)) == 100) }
            // All of them build on the same publication, so of those that move money at most one can succeed.
            let replies = try writers.map { try $0.read(method: .get) }
            for (index, (writer, reply)) in zip(writers, replies).enumerated() {
                #expect(try sum(of: reply) == 100)
                let amount = index - 7
                let (count, savings) = try balances(reply)
                try writer.send(
                    .patch(
                        "/state",
                        #"{"Counter":{"count":\#(count + amount)},"Savings":{"amount":\#(savings - amount)}}"#,
                        (.ifMatch, reply.fields[.eTag] ?? "")
                    )
                )
            }
            for reader in readers {
                try reader.send(.get("/state"))
                #expect(try sum(of: reader.read(method: .get)) == 100)
            }
            for writer in writers {
                switch try writer.read(method: .patch).status {
                case 200: moves += 1
                case 412: refusals += 1
                case let status: Issue.record("answered with \(status)")
                }
            }
        }
        #expect(refusals > 0)
        #expect(try sum(of: fixture.reply(to: .get("/state"))) == 100)
    }

    private func sum(of reply: Reply) throws -> Int {
        let (count, savings) = try balances(reply)
        return count + savings
    }

    private func balances(_ reply: Reply) throws -> (Int, Int) {
        let state = try JSONValue(parsing: reply.body)
        guard case .number(let count)? = state.value(at: ["Counter", "count"]),
            case .number(let savings)? = state.value(at: ["Savings", "amount"]), let count = count.integer(Int.self),
            let savings = savings.integer(Int.self)
        else { throw RawConnection.Failure(what: "\(reply.text) has no balances") }
        return (count, savings)
    }

    @Test func writesWithoutAConditionAllSucceed() throws {
        let fixture = try Fixture(.socket)
        let clients = try (0..<200).map { _ in try fixture.connect() }
        for (index, client) in clients.enumerated() {
            try client.send(.put("/state/User", "{\"name\":\"n\(index)\",\"email\":\"a@b\"}"))
        }
        var revisions: Set<String> = []
        for (index, client) in clients.enumerated() {
            let reply = try client.read(method: .put)
            #expect(reply.status == 200)
            #expect(reply.text == "{\"id\":\"u1\",\"name\":\"n\(index)\",\"email\":\"a@b\"}\n")
            revisions.insert(reply.fields[.revision] ?? "")
        }
        #expect(revisions.count == 200)
    }
}
