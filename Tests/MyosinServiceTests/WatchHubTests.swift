import Logging
import MicroHTTP
import Myosin
import Primitives
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

/// Who watches is told of everything, in order, and costs a bounded amount.
@Suite struct WatchHubTests {
    private let store = ControlledStore()

    private func makeState(_ store: (any StateStore)? = nil) throws -> State {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try State(cache: .store(store ?? self.store), logger: quiet, limits: .patient)
    }

    /// Models of one number each.
    private func declarations(_ names: [String]) throws -> [JSONSchemaDeclaration] {
        let text =
            #"{"type":"object","properties":{"id":{"default":"x"},"n":{"type":"integer","default":0}},"required":["n"]}"#
        return try names.map { try JSONSchemaDeclaration(name: $0, text: Array(text.utf8)) }
    }

    private func set(_ state: State, _ model: String, _ number: Int, cache: Bool = true) throws {
        try state.update(declared: model, cache: cache) { $0["n"] = .number(JSONNumber(number)) }
    }

    private func patch(_ state: State, _ numbers: [String: Int]) async throws {
        let writes = numbers.sorted { $0.key < $1.key }
            .map { name, number in
                var fields = JSONObject()
                fields["n"] = .number(JSONNumber(number))
                return DocumentWrite(name, .merge(fields))
            }
        _ = try await withCheckedThrowingContinuation { continuation in
            state.write(writes) { continuation.resume(with: $0) }
        }
    }

    private func numbers(_ events: [Event]) -> [String] {
        events.map { event in
            let number = event.value?.value(at: ["n"]).map { "\($0)" } ?? "-"
            let missed = event.missed > 0 ? " missed \(event.missed)" : ""
            return "\(event.name) \(event.model ?? "") \(number)\(missed)\(event.id == nil ? "" : " id")"
        }
    }

    // MARK: What is told

    @Test func firstComesTheStateAndThenEveryChangeInItsOrder() async throws {
        let state = try makeState()
        try state.declare(try declarations(["A", "B"]))
        let hub = WatchHub(of: state, maxWatchers: 10, heartbeatSeconds: 15)
        defer { hub.close() }
        let (all, one) = (EventReader(try hub.watch(nil, after: nil)), EventReader(try hub.watch("A", after: nil)))
        let first = try await all.read(atLeast: 2)
        #expect(numbers(first) == ["snapshot A 0", "snapshot B 0 id"] && all.retry == "2000")
        #expect(first.last?.id == state.publication)
        #expect(numbers(try await one.read(atLeast: 1)) == ["snapshot A 0 id"])
        try set(state, "A", 1)
        try set(state, "B", 2)
        try await patch(state, ["A": 3, "B": 4])
        try await patch(state, ["B": 4])
        try set(state, "A", 5)
        let events = try await all.read(atLeast: 5)
        #expect(
            numbers(events) == [
                "change A 1 id", "change B 2 id", "change A 3", "change B 4 id", "change A 5 id",
            ]
        )
        #expect(events.compactMap(\.id) == events.compactMap(\.id).sorted() && events.last?.id == state.publication)
        #expect(numbers(try await one.read(atLeast: 3)) == ["change A 1 id", "change A 3 id", "change A 5 id"])
        #expect(events.last?.revision == state.snapshot(of: "A")?.revision)
    }

    @Test func modelsThatComeAndGoAreTold() async throws {
        let state = try makeState()
        try state.declare(try declarations(["A", "B"]))
        let hub = WatchHub(of: state, maxWatchers: 10, heartbeatSeconds: 15)
        defer { hub.close() }
        let (all, one) = (EventReader(try hub.watch(nil, after: nil)), EventReader(try hub.watch("B", after: nil)))
        _ = try await all.read(atLeast: 2)
        try state.declare(try declarations(["A", "C"]))
        #expect(numbers(try await all.read(atLeast: 2)) == ["removed B -", "change C 0 id"])
        #expect(numbers(try await one.read(atLeast: 2)) == ["snapshot B 0 id", "removed B - id"])
        try await until {
            _ = try one.read(); return one.hasEnded
        }
        #expect(!all.hasEnded)
    }

    @Test func aSlowClientGetsTheLatestValuesAndHowManyItMissed() async throws {
        let state = try makeState(nil)
        try state.declare(try declarations(["A", "B"]))
        let hub = WatchHub(of: state, maxWatchers: 10, heartbeatSeconds: 15)
        defer { hub.close() }
        let reader = EventReader(try hub.watch(nil, after: nil))
        let quick = EventReader(try hub.watch("A", after: nil))
        _ = try await reader.read(atLeast: 2)
        for number in 1...499 { try set(state, number % 5 == 0 ? "B" : "A", number, cache: false) }
        // Once a client has the latest, the hub is about to pass it on to all others, before anything that comes afterwards.
        var last: Event?
        try await until {
            last = try quick.read().last ?? last
            return last?.value?.value(at: ["n"]) == 499
        }
        // Requests that wait are answered when all who watch have got what answers them.
        let isPassedOn = Lock(false)
        try hub.wait(for: "B", upTo: .beyondPatience) {
            false
        } answer: {
            isPassedOn.withLock { $0 = true }
        }
        try set(state, "B", 500, cache: false)
        try await until { isPassedOn.withLock { $0 } }
        let events = try reader.read()
        #expect(events.count <= Watcher.maxGroups + 2)
        let total = events.reduce(0) { $0 + 1 + $1.missed }
        #expect(total == 500, "what came and what was missed is all there was")
        #expect(events.contains { $0.missed > 0 })
        let values = Dictionary(events.map { ($0.model ?? "", $0.value?.value(at: ["n"])) }) { $1 }
        #expect(values == ["A": 499, "B": 500])
        #expect(events.last?.id == state.publication)
        let ids = events.compactMap(\.id)
        #expect(ids == ids.sorted() && Set(ids).count == ids.count)
    }

    // MARK: Resuming

    @Test func whoResumesGetsTheLatestOfWhatHasChanged() async throws {
        let state = try makeState()
        try state.declare(try declarations(["A", "B", "C"]))
        let hub = WatchHub(of: state, maxWatchers: 10, heartbeatSeconds: 15)
        defer { hub.close() }
        try set(state, "A", 1)
        let seen = state.tag
        try set(state, "B", 2)
        try set(state, "A", 3)
        try set(state, "B", 4)
        let reader = EventReader(try hub.watch(nil, after: seen))
        #expect(numbers(try await reader.read(atLeast: 2)) == ["change A 3", "change B 4 id"])
        // Who has seen everything gets nothing, until there is something.
        let current = EventReader(try hub.watch(nil, after: state.tag))
        #expect(numbers(try current.read()) == [])
        try set(state, "C", 5)
        #expect(numbers(try await current.read(atLeast: 1)) == ["change C 5 id"])
        let one = EventReader(try hub.watch("C", after: seen))
        #expect(numbers(try await one.read(atLeast: 1)) == ["change C 5 id"])
    }

    @Test func aNumberThatSaysNothingGetsTheWholeState() async throws {
        let state = try makeState()
        try state.declare(try declarations(["A", "B"]))
        let hub = WatchHub(of: state, maxWatchers: 10, heartbeatSeconds: 15)
        defer { hub.close() }
        for number in [0, state.firstPublication, state.publication + 1, UInt64.max] {
            let reader = EventReader(try hub.watch(nil, after: RevisionTag(state.incarnation, number)))
            #expect(numbers(try await reader.read(atLeast: 2)) == ["snapshot A 0", "snapshot B 0 id"])
        }
        let other = RevisionTag("zzzz", state.publication)
        #expect(
            numbers(try await EventReader(try hub.watch(nil, after: other)).read(atLeast: 2)).first == "snapshot A 0"
        )
        // So it does when a model has gone since, of which the client would not hear.
        let seen = state.tag
        let watching = EventReader(try hub.watch(nil, after: nil))
        _ = try await watching.read(atLeast: 2)
        try state.declare(try declarations(["A"]))
        #expect(numbers(try await EventReader(try hub.watch(nil, after: seen)).read(atLeast: 1)) == ["snapshot A 0 id"])
    }

    /// A client that is cut at any point, again and again, also by processes that are killed, has the state in the end.
    @Test(arguments: 0..<4) func noModelIsEverSkipped(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let names = ["A", "B", "C", "D"]
        var store = self.store
        var state = try makeState(store)
        try state.declare(try declarations(names))
        // Connections that are cut are not ended here, as those of clients that vanish.
        var hub = WatchHub(of: state, maxWatchers: 10_000, heartbeatSeconds: 15)
        var (known, lastID): ([String: JSONValue], UInt64?) = ([:], nil)
        func lastTag() -> RevisionTag? { lastID.map { RevisionTag(state.incarnation, $0) } }
        func take(_ events: [Event]) {
            for event in events {
                guard let model = event.model else { continue }
                known[model] = event.value
                if let id = event.id {
                    // Strictly rising within a connection and across them, but for a beginning that shows nothing new.
                    #expect(lastID.map { id >= $0 } ?? true)
                    lastID = id
                }
            }
        }
        for number in 0..<TestSupport.rounds(60) {
            var reader = EventReader(try hub.watch(nil, after: lastTag()))
            for step in 0..<Int.random(in: 1...6, using: &random) {
                let value = number * 10 + step
                switch Int.random(in: 0..<4, using: &random) {
                case 0: try await patch(state, ["A": value, "C": value])
                case 1: try set(state, names[Int.random(in: 0..<4, using: &random)], value, cache: false)
                default: try set(state, names[Int.random(in: 0..<4, using: &random)], value)
                }
                // Some parts are read, and the connection is cut in the middle of what is left.
                if random.chance(50) { take(try reader.read(parts: Int.random(in: 0...3, using: &random))) }
                if random.chance(20) { reader = EventReader(try hub.watch(nil, after: lastTag())) }
            }
            if random.chance(30) {
                // Killed: what was only in memory is lost, and numbers begin beyond what was reserved.
                let kept = store.kept
                hub.close()
                store = ControlledStore(kept.documents, numbersReserved: kept.numbersReserved)
                state = try makeState(store)
                try state.declare(try declarations(names))
                hub = WatchHub(of: state, maxWatchers: 10_000, heartbeatSeconds: 15)
            }
        }
        let reader = EventReader(try hub.watch(nil, after: lastTag()))
        try set(state, "D", 9_999)
        try await until {
            take(try reader.read())
            return known["D"]?.value(at: ["n"]) == 9_999
        }
        for name in names {
            let snapshot = try #require(state.snapshot(of: name))
            #expect(known[name] == (try JSONValue(parsing: snapshot.document)), "\(name)")
        }
        hub.close()
    }

    // MARK: Limits and the end

    @Test func beyondTheLimitNobodyMayWatch() async throws {
        let state = try makeState()
        try state.declare(try declarations(["A"]))
        let hub = WatchHub(of: state, maxWatchers: 2, heartbeatSeconds: 15)
        let first = try hub.watch(nil, after: nil)
        _ = try hub.watch("A", after: nil)
        #expect(throws: WatchHub.Refusal.self) { try hub.watch("A", after: nil) }
        #expect(throws: WatchHub.Refusal.self) {
            try hub.wait(for: "A", upTo: .beyondPatience) {
                false
            } answer: {
            }
        }
        first.end()
        _ = try hub.watch("A", after: nil)
        hub.close()
        #expect(throws: WatchHub.Refusal.self) { try hub.watch("A", after: nil) }
    }

    @Test func theEndIsToldToAllWhoWatchAndWait() async throws {
        let state = try makeState()
        try state.declare(try declarations(["A"]))
        let hub = WatchHub(of: state, maxWatchers: 10, heartbeatSeconds: 15)
        let readers = try (0..<3).map { _ in EventReader(try hub.watch("A", after: nil)) }
        let answered = Lock(0)
        try hub.wait(for: "A", upTo: .beyondPatience) {
            false
        } answer: {
            answered.withLock { $0 += 1 }
        }
        hub.close()
        #expect(answered.withLock { $0 } == 1)
        for reader in readers {
            #expect(numbers(try reader.read()) == ["snapshot A 0 id"] && reader.hasEnded)
        }
        // Nobody is told any more, and commits go on.
        try set(state, "A", 1)
    }

    @Test func aCommentComesNowAndThen() async throws {
        let state = try makeState()
        try state.declare(try declarations(["A"]))
        let hub = WatchHub(of: state, maxWatchers: 10, heartbeatSeconds: 1)
        defer { hub.close() }
        let reader = EventReader(try hub.watch("A", after: nil))
        try await until {
            _ = try reader.read(); return reader.comments >= 2
        }
    }

    @Test func waitingEndsWithNewsOrInTime() async throws {
        let state = try makeState()
        try state.declare(try declarations(["A", "B"]))
        let hub = WatchHub(of: state, maxWatchers: 10, heartbeatSeconds: 15)
        defer { hub.close() }
        let answered = Lock<[String]>([])
        func wait(_ name: String, for model: String?, _ duration: Duration, isNews: Bool = false) throws {
            try hub.wait(for: model, upTo: duration) {
                isNews
            } answer: {
                answered.withLock { $0.append(name) }
            }
        }
        try wait("news", for: "A", .beyondPatience, isNews: true)
        #expect(answered.withLock { $0 } == ["news"])
        try wait("A", for: "A", .beyondPatience)
        try wait("B", for: "B", .beyondPatience)
        try set(state, "A", 1)
        try await until { answered.withLock { $0 } == ["news", "A"] }
        try wait("any", for: nil, .beyondPatience)
        try set(state, "B", 1)
        try await until { answered.withLock { Set($0) } == ["news", "A", "B", "any"] }
        try wait("late", for: "A", .milliseconds(50))
        try await until { answered.withLock { $0.last } == "late" }
    }

    /// Watchers come and go while threads commit: each sees rising numbers and ends on the last value.
    @Test func watchersComeAndGoUnderAStorm() async throws {
        let state = try makeState()
        try state.declare(try declarations(["A", "B"]))
        let hub = WatchHub(of: state, maxWatchers: 1_000, heartbeatSeconds: 15)
        let isOver = Lock(false)
        let count = TestSupport.rounds(2_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for model in ["A", "B"] {
                group.addTask {
                    try await onThread { for number in 1...count { try set(state, model, number, cache: false) } }
                }
            }
            for _ in 0..<3 {
                group.addTask {
                    try await onThread {
                        while !isOver.withLock({ $0 }) {
                            let stream = try hub.watch(Bool.random() ? "A" : nil, after: nil)
                            let reader = EventReader(stream)
                            var count = 0
                            try waitUntil {
                                count += try reader.read().count
                                return count > 0
                            }
                            stream.end()
                        }
                    }
                }
            }
            for _ in 0..<4 {
                group.addTask {
                    let reader = EventReader(try hub.watch(nil, after: nil))
                    var (last, values): (UInt64, [String: JSONValue]) = (0, [:])
                    try await until {
                        for event in try reader.read() {
                            values[event.model ?? ""] = event.value?.value(at: ["n"])
                            guard let id = event.id else { continue }
                            #expect(id > last)
                            last = id
                        }
                        let end = JSONValue.number(JSONNumber(count))
                        return values["A"] == end && values["B"] == end
                    }
                    isOver.withLock { $0 = true }
                }
            }
            try await group.waitForAll()
        }
        hub.close()
    }
}
