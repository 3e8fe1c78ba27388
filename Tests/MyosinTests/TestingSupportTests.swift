import Logging
import Myosin
import Primitives
import TestSupport
import Testing

/// What makes a test of a user's program the same in each run.
@Suite struct TestingSupportTests {
    @Test func sharedStateIsReplacedForATask() async throws {
        let (outer, inner) = (try State(), try State())
        try await State.withShared(outer) {
            #expect(try State.shared === outer)
            async let child = State.shared
            #expect(try await child === outer)
            let nested = try State.withShared(inner) { try State.shared }
            #expect(try nested === inner && State.shared === outer)
            let detached = try await Task.detached { try State.shared }.value
            #expect(detached !== outer)
        }
        #expect(try State.shared !== outer && State.shared !== inner)
    }

    @Test func sharedStateIsReplacedForAClosure() throws {
        let state = try State()
        let shared = try State.withShared(state) { try State.shared }
        #expect(shared === state)
    }

    @Test func subscribersSeeTheStateOfTheProcess() async throws {
        let state = try State()
        let seen = Lock<Bool?>(nil)
        try await State.withShared(state) {
            try state.load(chris)
            try state.subscribe(User.self) { _ in
                let isOwn = try State.shared === state
                seen.withLock { $0 = isOwn }
            }
            try await state.update(User.self) { $0.name = "a" }
            try await until { seen.withLock { $0 != nil } }
        }
        #expect(seen.withLock { $0 } == false)
    }

    @Test func identitiesAreCountedWhereAContextWaits() async throws {
        let state = try State.withModels()
        let identity = try await ModelID.withSequence {
            let holder = try Holder(state, User.self)
            async let identity = state.with(User.self, wait: patience) { _ in ModelID() }
            try await state.untilWaiting(1, for: "User")
            try holder.letGo()
            return try await identity
        }
        #expect("\(identity)" == "00000000-0000-4000-8000-000000000001")
    }

    @Test func identitiesAreCounted() async throws {
        let first = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]
        for _ in 1...2 {
            #expect(ModelID.withSequence { [ModelID(), ModelID()] }.map { "\($0)" } == first)
        }
        await ModelID.withSequence {
            await Task.yield()
            #expect("\(ModelID())" == first[0])
        }
        #expect(ModelID() != ModelID())
    }

    @Test func incarnationsAreCounted() throws {
        let directory = try TemporaryDirectory()
        let incarnations = try ModelID.withSequence {
            let caches: [State.Cache] = [.none, .store(MemoryStore()), .directory(directory.path)]
            return try caches.map { cache in
                let state = try State(cache: cache)
                try state.load(System())
                return state.snapshot(of: "System")?.incarnation
            }
        }
        #expect(incarnations == ["t002", "t001", "t003"])
    }

    // MARK: The trace of commits

    private let log = RecordedLog()
    private var commits: [RecordedLog.Line] { log.lines.filter { $0.message == "A model was committed" } }

    @Test func commitsAreLoggedWithoutTheirValues() throws {
        var logger = log.logger
        logger.logLevel = .trace
        let state = try State(cache: .store(MemoryStore()), logger: logger)
        try state.load(Reading(id: "r", temperature: 20))
        try state.load(chris)
        try state.update(Reading.self, cache: true) { reading in
            (reading.temperature, reading.position, reading.history) = (21, .init(x: 1, y: 2), [1, 2])
        }
        try state.update(Reading.self) { $0.position?.y = 3 }
        try state.update(Reading.self) { _ in }
        try state.with(Reading.self, User.self) { context in
            var user = try context.checkout(User.self)
            user.name = "secret"
            try context.commit(user)
        }
        let expected: [(String, [String], Bool)] = [
            ("Reading", ["/temperature", "/position", "/history"], true), ("Reading", ["/position/y"], false),
            ("Reading", [], false), ("User", ["/name"], false),
        ]
        #expect(commits.count == expected.count)
        for (line, (model, fields, isDurable)) in zip(commits, expected) {
            #expect(line.level == .trace && line.metadata["model.name"] == "\(model)")
            #expect(line.metadata["model.changedFields"] == .array(fields.map { .string($0) }))
            #expect(line.metadata["commit.isDurable"].map { "\($0)" } == "\(isDurable)")
            #expect(!"\(line)".contains("secret"))
        }
        let revision = try state.checkout(User.self).checkedOutRevision
        #expect(commits.last?.metadata["model.revision"].map { "\($0)" } == "\(revision)")
    }

    /// A handler that uses the state once, as soon as it is asked for its level.
    private struct CallingHandler: LogHandler {
        let call: Lock<(@Sendable () -> Void)?>
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level {
            get {
                call.withLock { call in
                    defer { call = nil }
                    return call
                }?()
                return .info
            }
            set {}
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {}
    }

    @Test(.timeLimit(.minutes(1))) func noLockIsHeldWhenALogHandlerIsAsked() async throws {
        let call = Lock<(@Sendable () -> Void)?>(nil)
        let state = try State(logger: Logger(label: "calling") { _ in CallingHandler(call: call) })
        try state.load(chris)
        try state.load(System())
        call.withLock { call in
            call = { #expect(throws: Never.self) { try state.blocking.update(System.self) { $0.restarts += 1 } } }
        }
        try await startTask {
            for await (user, system) in state.changes(of: User.self, System.self) {
                #expect(user.model == chris && system.restarts == 1)
                break
            }
        }
        .value
    }

    @Test func nothingIsTracedAtAHigherLevel() throws {
        let state = try State(logger: log.logger)
        try state.load(chris)
        try state.update(User.self) { $0.name = "a" }
        #expect(log.lines.isEmpty)
    }
}
